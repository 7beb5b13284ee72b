"""How an escalation looks to one caller at one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.audit_api.escalating import level_above, moves_due, policy_of
from services.audit_api.escalations.schemas import AboutOut, AgainstOut, EscalationOut, EscalationRow, EventOut
from services.audit_api.escalations.standing import closes, is_subject, moves
from shared.auth.caller import Caller
from shared.schemas.framework.escalation import EscalationPolicy


def escalation_row(row: Any, now: datetime) -> EscalationRow:
    """A line of the list."""
    return EscalationRow(**_shared(row, policy_of(row), now))


def escalation_out(row: Any, caller: Caller, line: frozenset[str], now: datetime) -> EscalationOut:
    """The whole escalation from its row with its history."""
    policy = policy_of(row)
    shared = _shared(row, policy, now)
    level = policy.levels[shared["level"] - 1]
    subject = is_subject(row, caller, line)
    hidden = row.raised_by if policy.raiser_hidden and subject and row.raised_by != caller.subject else None
    named = row.against_account or row.against_unit
    return EscalationOut(
        **shared,
        reason=row.reason,
        against=AgainstOut(account=row.against_account, role=row.against_role, unit=row.against_unit)
        if named
        else None,
        call=level.call,
        closed_by=list(level.closed_by),
        subject_told_at=row.subject_told_at,
        raised_by=None if row.raised_by == hidden else row.raised_by,
        ended_by=None if row.ended_by == hidden else row.ended_by,
        history=[*(_event(one, hidden) for one in row.history), *_gone_up(row, policy, now)],
        allowed_actions=[] if row.status != "open" else _allowed(row, policy, shared["level"], caller, subject=subject),
    )


def _allowed(row: Any, policy: EscalationPolicy, level: int, caller: Caller, *, subject: bool) -> list[str]:
    allowed = ["respond"] if caller.may("audit:write") else []
    if row.raised_by == caller.subject and policy.withdrawable and caller.may("audit:write"):
        allowed.append("withdraw")
    if subject:
        return allowed
    if moves(row, policy, level, caller):
        if level_above(policy, level, row.against_role) is not None:
            allowed.append("move_up")
        if row.subject_told_at is None and (row.against_account or row.against_unit):
            allowed.append("tell_subject")
    answered_below = {one["done_by"] for one in row.history if one["kind"] == "answered" and one["level"] < level}
    if closes(policy, level, caller) and caller.subject not in answered_below:
        allowed.append("close")
    return allowed


def _gone_up(row: Any, policy: EscalationPolicy, now: datetime) -> list[EventOut]:
    """Levels it has gone up by its clocks that the keeper has yet to write down."""
    if row.status != "open":
        return []
    return [
        EventOut(kind="moved_by_clock", level=one.level, due_at=one.due_at, words=None, at=one.since, by=None)
        for one in moves_due(policy, row.against_role, row.level, row.due_at, now)
    ]


def _event(one: dict[str, Any], hidden: str | None) -> EventOut:
    # From JSON the database made: its moments are text still.
    by = None if one["done_by"] == hidden else one["done_by"]
    fields = {name: one[name] for name in ("kind", "level", "due_at", "words")}
    return EventOut.model_validate(fields | {"at": one["happened_at"], "by": by})


def _shared(row: Any, policy: EscalationPolicy, now: datetime) -> dict[str, Any]:
    gone_up = moves_due(policy, row.against_role, row.level, row.due_at, now) if row.status == "open" else []
    level, due_at = (gone_up[-1].level, gone_up[-1].due_at) if gone_up else (row.level, row.due_at)
    run_out = row.run_out + len(gone_up) + (due_at <= (row.ended_at or now))
    return {
        "id": row.id, "policy": row.policy, "policy_title": policy.title, "unit": row.unit,
        "about": AboutOut(kind=row.about, reference=row.reference, audit=row.audit_id), "title": row.title,
        "immediate": row.immediate, "status": row.status, "level": level, "levels": len(policy.levels),
        "role": policy.levels[level - 1].role, "due_at": due_at, "levels_run_out": run_out,
        "overdue": row.status == "open" and run_out > 0, "raised_at": row.raised_at, "outcome": row.outcome,
        "ended_at": row.ended_at, "version": row.version,
    }  # fmt: skip
