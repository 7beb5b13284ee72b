"""Reading actions with their due dates and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import untold_actions
from services.audit_api.models import (
    Action,
    ActionDueDate,
    ActionEvidence,
    ActionNote,
    ActionOwner,
    ActionVerification,
    Audit,
    AuditFinding,
    ReAudit,
)
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key

actions, due_dates, evidence = table_of(Action), table_of(ActionDueDate), table_of(ActionEvidence)
past_owners, notes = table_of(ActionOwner), table_of(ActionNote)
verifications, re_audits = table_of(ActionVerification), table_of(ReAudit)
findings, audits = table_of(AuditFinding), table_of(Audit)
_following = actions.alias("following")

# Whoever raised an action follows it, an auditor from another unit too.
GIVEN = (actions.c.owner_subject, actions.c.raised_by)


def _parts(table: sa.Table, *order: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    fields = [part for column in table.c if column.name != "action_id" for part in (column.name, column)]
    ordered = aggregate_order_by(sa.func.jsonb_build_object(*fields), *order)
    rows = sa.select(sa.func.jsonb_agg(ordered)).where(table.c.action_id == actions.c.id)
    return rows.correlate(actions).scalar_subquery()


_dates = (
    sa.select(sa.func.count())
    .select_from(due_dates)
    .where(due_dates.c.action_id == actions.c.id)
    .correlate(actions)
    .scalar_subquery()
    .label("dates")
)
_follow_ups = (
    sa.select(sa.func.array_agg(aggregate_order_by(_following.c.id, _following.c.id)))
    .where(_following.c.follow_up_of == actions.c.id, _following.c.status != "cancelled")
    .correlate(actions)
    .scalar_subquery()
    .label("follow_ups")
)
_row = sa.select(actions, _dates, _follow_ups)
_whole = _row.add_columns(
    _parts(due_dates, due_dates.c.position).label("due_dates"),
    _parts(past_owners, past_owners.c.position).label("past_owners"),
    _parts(notes, notes.c.position).label("notes"),
    _parts(verifications, verifications.c.position).label("verifications"),
    _parts(re_audits, re_audits.c.id).label("re_audits"),
    _parts(evidence, evidence.c.stage, evidence.c.position).label("evidence"),
)


async def _within(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(await reached(session, caller, actions.c.unit, *GIVEN), untold_actions(caller))


async def read_action(session: AsyncSession, caller: Caller, action: UUID) -> sa.Row[Any] | None:
    """The action with its history; None where there is none within reach."""
    within = await _within(session, caller)
    return (await session.execute(_whole.where(actions.c.id == action, within))).one_or_none()


async def lock_action(session: AsyncSession, caller: Caller, action: UUID) -> sa.Row[Any] | None:
    """The action's own row, held until the transaction ends."""
    within = await _within(session, caller)
    statement = sa.select(actions).where(actions.c.id == action, within).with_for_update(of=actions)
    return (await session.execute(statement)).one_or_none()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list of actions."""

    status: str | None = None
    body: str | None = None
    units: frozenset[str] | None = None
    mine: bool = False
    theme: str | None = None
    audit: UUID | None = None

    def conditions(self, caller: Caller, today: date) -> list[sa.ColumnElement[bool]]:
        """The conditions on the action."""
        found = _standing(self.status, today)
        if self.body is not None:
            found.append(actions.c.body == self.body)
        if self.units is not None:
            found.append(actions.c.unit.in_(sorted(self.units)))
        if self.mine:
            found.append(
                sa.or_(actions.c.owner_subject == caller.subject, actions.c.owner_role.in_(sorted(caller.roles)))
            )
        if self.theme is not None:
            found.append(_from_finding(findings.c.themes.contains([self.theme])))
        if self.audit is not None:
            found.append(_from_finding(findings.c.audit_id == self.audit))
        return found


def is_overdue(today: date) -> sa.ColumnElement[bool]:
    """Open past its present or its original due date: re-dating hides nothing (R42)."""
    return sa.and_(actions.c.status == "open", sa.func.least(actions.c.due_on, actions.c.original_due_on) < today)


def _standing(status: str | None, today: date) -> list[sa.ColumnElement[bool]]:
    if status is None:
        return []
    if status == "overdue":
        return [is_overdue(today)]
    if status == "awaiting_impact":
        return [actions.c.status == "verified", actions.c.review_on.is_not(None)]
    return [actions.c.status == status]


def _from_finding(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return actions.c.finding_id.in_(sa.select(findings.c.id).where(condition))


async def list_actions(
    session: AsyncSession, caller: Caller, at: Cursor, today: date, wanted: Wanted
) -> Sequence[sa.Row[Any]]:
    """A page of actions, by their original due dates."""
    statement = _row.where(await _within(session, caller), *wanted.conditions(caller, today))
    if at.after is not None:
        last = (sa.literal(part) for part in cursor_key(at.after, date.fromisoformat, UUID))
        statement = statement.where(sa.tuple_(actions.c.original_due_on, actions.c.id) > sa.tuple_(*last))
    ordered = statement.order_by(actions.c.original_due_on, actions.c.id).limit(at.fetch)
    return (await session.execute(ordered)).all()


async def read_findings(session: AsyncSession, caller: Caller, wanted: Sequence[UUID]) -> dict[UUID, Any]:
    """The findings within reach, each with its audit's unit and whether that audit was submitted.

    Their audits are held: what rests on them is stored before an erasure looks for it, or finds them gone.
    """
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    statement = (
        sa.select(findings.c.id, audits.c.unit, audits.c.submitted_on)
        .join(audits, audits.c.id == findings.c.audit_id)
        .where(findings.c.id.in_(wanted), within)
        .order_by(audits.c.id)
        .with_for_update(key_share=True, read=True, of=audits)
    )
    return {row.id: row for row in (await session.execute(statement)).all()}
