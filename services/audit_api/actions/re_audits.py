"""The rules of re-audits: a later, comparable audit shows whether an action or a finding changed anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.errors import NotComparable, ReAuditKnown
from services.audit_api.actions.queries import GIVEN, actions, audits, findings, re_audits
from services.audit_api.actions.re_audit_schemas import ReAuditIn, ReAuditOut
from services.audit_api.reach import reached
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.free_text import Mode, screen
from shared.ids import new_id
from shared.paging import Cursor, cursor_key
from shared.problems import Fault, Malformed


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at again: since when, in which unit, on which themes."""

    action: UUID | None
    finding: UUID | None
    audit: UUID | None
    unit: str
    since: date
    themes: frozenset[str]


async def record_re_audit(
    session: AsyncSession, caller: Caller, body: ReAuditIn, words: Mode, now: datetime
) -> ReAuditOut:
    """Record what a later audit showed, once for each audit and subject."""
    screen({"/note": body.note or ""}, words)
    subject = await _subject(session, caller, body)
    if not await _comparable(session, caller, subject, body.audit):
        raise NotComparable()
    row = {
        "id": new_id(), "action_id": subject.action, "finding_id": subject.finding, "audit_id": body.audit,
        "unit": subject.unit, "outcome": body.outcome, "note": body.note, "recorded_by": caller.subject,
        "recorded_at": now,
    }  # fmt: skip
    added = insert(re_audits).on_conflict_do_nothing().returning(re_audits)
    stored = (await session.execute(added, row)).one_or_none()
    if stored is None:
        raise ReAuditKnown()
    await record_activity(
        session, caller, "re_audit.recorded", "re_audit", stored.id, content=body.model_dump(mode="json"),
        unit=subject.unit, data={"outcome": body.outcome, "audit": str(body.audit)},
    )  # fmt: skip
    return re_audit_out(stored)


async def _subject(session: AsyncSession, caller: Caller, body: ReAuditIn) -> Subject:
    of_finding = sa.select(
        findings.c.id.label("finding"),
        findings.c.themes,
        audits.c.id.label("audit"),
        audits.c.unit,
        audits.c.submitted_on,
    ).join(audits, audits.c.id == findings.c.audit_id)
    if body.finding is not None:
        within = await reached(session, caller, audits.c.unit, audits.c.auditor)
        held = sa.and_(findings.c.id == body.finding, audits.c.submitted_on.is_not(None), within)
        row = (await session.execute(of_finding.where(held))).one_or_none()
        if row is None:
            raise _unknown("/finding", "finding of a submitted audit")
        return Subject(None, row.finding, row.audit, row.unit, row.submitted_on, frozenset(row.themes))
    within = await reached(session, caller, actions.c.unit, *GIVEN)
    action = (await session.execute(sa.select(actions).where(actions.c.id == body.action, within))).one_or_none()
    if action is None or action.status == "cancelled":
        raise _unknown("/action", "action that was not cancelled")
    if action.finding_id is None:
        return Subject(action.id, None, None, action.unit, action.raised_on, frozenset())
    row = (await session.execute(of_finding.where(findings.c.id == action.finding_id))).one()
    return Subject(action.id, row.finding, row.audit, action.unit, row.submitted_on, frozenset(row.themes))


def _unknown(pointer: str, what: str) -> Malformed:
    fault = Fault(pointer, "unknown", f"there is no such {what} that this caller may use")
    return Malformed("The re-audit cannot be recorded; see errors.", errors=[fault])


async def _comparable(session: AsyncSession, caller: Caller, subject: Subject, audit: UUID) -> bool:
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    themes = _themes_of(audit).label("themes")
    statement = sa.select(audits.c.unit, audits.c.submitted_on, audits.c.status, themes)
    row = (await session.execute(statement.where(audits.c.id == audit, within))).one_or_none()
    if row is None:
        raise _unknown("/audit", "audit")
    later = row.submitted_on is not None and row.submitted_on >= subject.since and audit != subject.audit
    alike = row.unit == subject.unit or bool(subject.themes.intersection(row.themes or ()))
    return later and alike and row.status != "withdrawn"


def _themes_of(audit: UUID) -> sa.ScalarSelect[Any]:
    each = sa.select(sa.func.unnest(findings.c.themes).label("theme")).where(findings.c.audit_id == audit).subquery()
    return sa.select(sa.func.array_agg(each.c.theme)).scalar_subquery()


async def list_re_audits(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    *,
    named: dict[str, UUID | None],
    outcome: str | None,
    units: frozenset[str] | None,
) -> Sequence[sa.Row[Any]]:
    """A page of re-audits, newest first."""
    statement = sa.select(re_audits).where(await reached(session, caller, re_audits.c.unit, re_audits.c.recorded_by))
    for column, value in named.items():
        if value is not None:
            statement = statement.where(re_audits.c[column] == value)
    if outcome is not None:
        statement = statement.where(re_audits.c.outcome == outcome)
    if units is not None:
        statement = statement.where(re_audits.c.unit.in_(sorted(units)))
    if at.after is not None:
        statement = statement.where(re_audits.c.id < cursor_key(at.after, UUID)[0])
    return (await session.execute(statement.order_by(re_audits.c.id.desc()).limit(at.fetch))).all()


def re_audit_out(row: Any) -> ReAuditOut:
    """A re-audit as it is answered."""
    return ReAuditOut(
        id=str(row.id),
        action=None if row.action_id is None else str(row.action_id),
        finding=None if row.finding_id is None else str(row.finding_id),
        audit=str(row.audit_id),
        unit=row.unit,
        outcome=row.outcome,
        note=row.note,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )
