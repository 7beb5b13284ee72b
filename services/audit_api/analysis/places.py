"""How far the rounds have come that count for a period, those nobody made among them (R21, R32)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.queries import Chosen
from services.audit_api.models import Audit, AuditRound, AuditSlot
from services.audit_api.registry import table_of
from services.audit_api.regular_rounds import unmade_rounds
from shared.auth.caller import Caller
from shared.schemas.audit_summary import SlotsOut

_audits, _rounds, _slots = table_of(Audit), table_of(AuditRound), table_of(AuditSlot)
# Made once: to work out its columns at each request takes longer than the statement.
_in_slot = _audits.alias("audit_of_slot")
_LONGEST = timedelta(days=366)


async def places(
    session: AsyncSession, caller: Caller, chosen: Chosen, shown: sa.ColumnElement[bool], today: date
) -> SlotsOut:
    """The slots of the rounds whose audits count for the period: those that end in it."""
    row = await _made(session, chosen, shown, today)
    overdue, missed, not_yet_due = await _unmade(session, caller, chosen, today)
    return SlotsOut(
        expected=row.expected + overdue + missed + not_yet_due,
        done=row.done,
        on_time=row.on_time,
        late=row.late_done + row.overdue + overdue,
        missed=row.missed + missed,
        void=row.void,
        not_yet_due=row.not_yet_due + not_yet_due,
    )


async def _unmade(session: AsyncSession, caller: Caller, chosen: Chosen, today: date) -> tuple[int, int, int]:
    """Overdue, missed and not yet due in rounds that have begun: a month is missed whether or not it was planned."""
    overdue = missed = not_yet_due = 0
    first, begun = chosen.first - _LONGEST, min(chosen.last, today)
    if begun < chosen.first:
        return 0, 0, 0
    for one in await unmade_rounds(session, caller, first, begun, chosen.units):
        counts = chosen.first <= one.due.ends_on <= chosen.last and chosen.tool in (None, one.programme.tool)
        number = len(one.units) if counts else 0
        if today <= one.due.due_on:
            not_yet_due += number
        elif today <= one.due.missed_after:
            overdue += number
        else:
            missed += number
    return overdue, missed, not_yet_due


async def _made(session: AsyncSession, chosen: Chosen, shown: sa.ColumnElement[bool], today: date) -> Any:
    undone = sa.and_(_slots.c.void_reason.is_(None), _in_slot.c.submitted_on.is_(None))

    def number(*when: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(*when)

    on_time = _in_slot.c.submitted_on <= _rounds.c.due_on
    valid = _slots.c.void_reason.is_(None)
    statement = (
        sa.select(
            sa.func.count().label("expected"),
            number(valid, _in_slot.c.submitted_on.is_not(None)).label("done"),
            number(valid, on_time).label("on_time"),
            number(valid, _in_slot.c.submitted_on > _rounds.c.due_on).label("late_done"),
            number(undone, today > _rounds.c.due_on, today <= _rounds.c.missed_after).label("overdue"),
            number(undone, today > _rounds.c.missed_after).label("missed"),
            number(~valid).label("void"),
            number(undone, today <= _rounds.c.due_on).label("not_yet_due"),
        )
        .select_from(_slots.join(_rounds, _rounds.c.id == _slots.c.round_id))
        .outerjoin(_in_slot, sa.and_(_in_slot.c.slot_id == _slots.c.id, _in_slot.c.status != "withdrawn"))
        .where(_rounds.c.ends_on.between(chosen.first, chosen.last), shown)
    )
    if chosen.units is not None:
        statement = statement.where(_slots.c.unit.in_(sorted(chosen.units)))
    if chosen.tool is not None:
        statement = statement.where(_rounds.c.tool == chosen.tool)
    return (await session.execute(statement)).one()
