"""How an action looks to one caller on one day."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from services.audit_api.actions.schemas import (
    ActionOut,
    ActionRow,
    DueDateOut,
    EvidenceOut,
    NoteOut,
    OwnerOut,
    PastOwnerOut,
    ReAuditLine,
    VerificationOut,
)
from shared.auth.caller import Caller
from shared.schemas.base import OutModel

T = TypeVar("T", bound=OutModel)


ENDED = ("closed", "cancelled")
NO_GOOD = ("none", "negative")


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
        due_dates=[_named(DueDateOut, one) for one in row.due_dates],
        evidence=[_evidence(one) for one in parts if one["stage"] == "basis"],
        completed_by=row.completed_by,
        completion_note=row.completion_note,
        impact_evidence=[_evidence(one) for one in parts if one["stage"] == "impact"],
        impact_note=row.impact_note,
        raised_by=row.raised_by,
        closed_by=row.closed_by,
        verified_by=row.verified_by,
        cancelled_on=row.cancelled_on,
        cancelled_by=row.cancelled_by,
        cancellation_reason=row.cancellation_reason,
        past_owners=[_named(PastOwnerOut, one) for one in row.past_owners or []],
        notes=[NoteOut.model_validate({**_taken(NoteOut, one), "text": one["body"]}) for one in row.notes or []],
        verifications=[_named(VerificationOut, one) for one in row.verifications or []],
        re_audits=[
            ReAuditLine(id=one["id"], audit=one["audit_id"], outcome=one["outcome"], note=one["note"])
            for one in row.re_audits or []
        ],
        follow_ups=[str(one) for one in row.follow_ups or []],
        allowed_actions=_allowed(row, caller),
    )


def _allowed(row: Any, caller: Caller) -> list[str]:
    writes, manages = caller.may("audit:write"), caller.may("audit:manage")
    ended, owner = row.status in ENDED, owns(row, caller)
    rules = {
        "redate": writes and row.status == "open",
        "reassign": writes and row.status == "open",
        "complete": writes and row.status == "open" and owner,
        "note": writes and not ended,
        "verify": writes and row.status == "completed" and row.completed_by != caller.subject,
        "close": manages and row.status == "verified",
        "cancel": manages and not ended and not owner,
        "follow_up": writes and row.status == "closed" and row.impact in NO_GOOD,
        "re_audit": writes and row.status != "cancelled",
    }
    return [name for name, holds in rules.items() if holds]


def _taken(model: type[OutModel], one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in model.model_fields if name in one}


def _named(model: type[T], one: dict[str, Any]) -> T:
    # From JSON the database made: its days and moments are text still.
    return model.model_validate(_taken(model, one))


def _evidence(one: dict[str, Any]) -> EvidenceOut:
    return EvidenceOut(kind=one["kind"], ref=one["ref"], note=one["note"])


def _shared(row: Any, today: date) -> dict[str, Any]:
    until = row.completed_on or row.cancelled_on or today
    return {
        "id": str(row.id), "finding": None if row.finding_id is None else str(row.finding_id), "unit": row.unit,
        "title": row.title, "body": row.body, "status": row.status, "raised_on": row.raised_on,
        "owner": OwnerOut(role=row.owner_role, subject=row.owner_subject, post=row.owner_post),
        "original_due_on": row.original_due_on, "due_on": row.due_on, "times_redated": row.dates - 1,
        "overdue": row.status == "open" and today > min(row.due_on, row.original_due_on),
        "days_overdue": max(0, (until - row.due_on).days),
        "days_overdue_originally": max(0, (until - row.original_due_on).days),
        "completed_on": row.completed_on, "verified_on": row.verified_on, "review_on": row.review_on,
        "review_overdue": row.status == "verified" and row.review_on is not None and row.review_on < today,
        "impact": row.impact, "closed_on": row.closed_on,
        "follow_up_of": None if row.follow_up_of is None else str(row.follow_up_of),
        "follow_up_needed": row.status == "closed" and row.impact in NO_GOOD and not row.follow_ups,
        "version": row.version,
    }  # fmt: skip
