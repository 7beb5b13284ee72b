"""How an action looks to one caller on one day."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.audit_api.actions.schemas import (
    ActionOut,
    ActionRow,
    DueDateOut,
    EvidenceOut,
    OwnerOut,
)
from shared.auth.caller import Caller


def owns(row: Any, caller: Caller) -> bool:
    """Whether the action was given to this account, or to a role the caller holds."""
    if row.owner_subject is not None:
        return bool(row.owner_subject == caller.subject)
    return row.owner_role in caller.roles


def action_row(row: Any, today: date) -> ActionRow:
    """A line of the list."""
    return ActionRow(**_shared(row, today))


def action_out(row: Any, caller: Caller, today: date) -> ActionOut:
    """The whole action from its row with its history."""
    parts: list[dict[str, Any]] = row.evidence or []
    return ActionOut(
        **_shared(row, today),
        text=row.detail,
        due_dates=[_due_date(one) for one in row.due_dates],
        evidence=[_evidence(one) for one in parts if one["stage"] == "basis"],
        completed_by=row.completed_by,
        completion_note=row.completion_note,
        impact_evidence=[_evidence(one) for one in parts if one["stage"] == "impact"],
        impact_note=row.impact_note,
        raised_by=row.raised_by,
        closed_by=row.closed_by,
        allowed_actions=_allowed(row, caller),
    )


def _allowed(row: Any, caller: Caller) -> list[str]:
    allowed = []
    if row.status == "open" and caller.may("audit:write"):
        allowed.append("redate")
        if owns(row, caller):
            allowed.append("complete")
    if row.status == "completed" and caller.may("audit:manage"):
        allowed.append("close")
    return allowed


def _due_date(one: dict[str, Any]) -> DueDateOut:
    # From JSON the database made: its days and moments are text still.
    return DueDateOut.model_validate({name: one[name] for name in ("due_on", "reason", "set_by", "set_at")})


def _evidence(one: dict[str, Any]) -> EvidenceOut:
    return EvidenceOut(kind=one["kind"], ref=one["ref"], note=one["note"])


def _shared(row: Any, today: date) -> dict[str, Any]:
    until = row.completed_on or today
    return {
        "id": str(row.id), "finding": None if row.finding_id is None else str(row.finding_id), "unit": row.unit,
        "title": row.title, "body": row.body, "status": row.status, "raised_on": row.raised_on,
        "owner": OwnerOut(role=row.owner_role, subject=row.owner_subject, post=row.owner_post),
        "original_due_on": row.original_due_on, "due_on": row.due_on, "times_redated": row.dates - 1,
        "overdue": row.status == "open" and today > min(row.due_on, row.original_due_on),
        "days_overdue": max(0, (until - row.due_on).days),
        "days_overdue_originally": max(0, (until - row.original_due_on).days),
        "completed_on": row.completed_on, "review_on": row.review_on, "impact": row.impact,
        "closed_on": row.closed_on, "version": row.version,
    }  # fmt: skip
