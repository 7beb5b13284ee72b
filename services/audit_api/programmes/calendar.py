"""What begins and falls due, day by day: rounds made and to come, open audits, managers' own audits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.programmes.queries import audits, rounds, slots
from services.audit_api.programmes.schemas import CalendarEntryOut, CalendarKind
from services.audit_api.reach import reached, slots_reached
from services.audit_api.regular_rounds import FURTHEST, Due, unmade_rounds
from services.audit_api.supervising import managers
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.periods import Period

_OPEN = ("allocated", "in_progress")


@dataclass(frozen=True)
class Window:
    """The days asked for, whose units (None: all within reach), and where the page begins."""

    first: date
    last: date
    units: frozenset[str] | None
    after: tuple[date, str] | None
    fetch: int

    def holds(self, entry: CalendarEntryOut) -> bool:
        """Whether the entry is in the window and on this page or a later one."""
        in_time = self.first <= entry.day <= self.last
        return in_time and (self.after is None or (entry.day, entry.key) > self.after)

    def page_of(self, statement: sa.Select[Any], day: sa.ColumnElement[Any], key: sa.ColumnElement[Any]) -> Any:
        """The statement cut to the window and the page, in the order in which Python sorts texts."""
        ordered = sa.collate(key, "C")
        statement = statement.where(day.between(self.first, self.last))
        if self.after is not None:
            last = (sa.literal(part) for part in self.after)
            statement = statement.where(sa.tuple_(day, ordered) > sa.tuple_(*last))
        return statement.order_by(day, ordered).limit(self.fetch)


async def entries(session: AsyncSession, caller: Caller, window: Window, today: date) -> list[CalendarEntryOut]:
    """One page of the calendar, by day."""
    found = [
        *await _rounds(session, caller, window, "round_starts", rounds.c.starts_on),
        *await _rounds(session, caller, window, "round_due", rounds.c.due_on),
        *await _audits(session, caller, window),
        *await _never_made(session, caller, window, today),
        *await _supervision(session, caller, window, today),
    ]
    return sorted(found, key=lambda one: (one.day, one.key))[: window.fetch]


async def _rounds(
    session: AsyncSession, caller: Caller, window: Window, kind: CalendarKind, day: sa.Column[Any]
) -> list[CalendarEntryOut]:
    standing = audits.c.slot_id == slots.c.id, audits.c.status != "withdrawn"
    done = sa.exists().where(*standing, audits.c.submitted_on.is_not(None))
    undone = sa.func.count().filter(slots.c.void_reason.is_(None), ~done)
    statement = (
        sa.select(
            rounds.c.id, rounds.c.title, rounds.c.programme, rounds.c.period, day.label("day"), undone.label("open")
        )
        .join(slots, slots.c.round_id == rounds.c.id)
        .where(await slots_reached(session, caller))
        .group_by(rounds.c.id)
    )
    if window.units is not None:
        statement = statement.where(slots.c.unit.in_(sorted(window.units)))
    key = sa.literal(f"{kind}:") + sa.cast(rounds.c.id, sa.Text)
    rows = (await session.execute(window.page_of(statement, day, key))).all()
    return [
        CalendarEntryOut(
            day=row.day, kind=kind, key=f"{kind}:{row.id}", title=row.title, programme=row.programme,
            period=row.period, round=str(row.id), open=row.open,
        )
        for row in rows
    ]  # fmt: skip


async def _audits(session: AsyncSession, caller: Caller, window: Window) -> list[CalendarEntryOut]:
    statement = sa.select(
        audits.c.id, audits.c.audit_type, audits.c.programme, audits.c.period, audits.c.unit, audits.c.auditor,
        audits.c.due_on,
    ).where(
        audits.c.status.in_(_OPEN), await reached(session, caller, audits.c.unit, audits.c.auditor)
    )  # fmt: skip
    if window.units is not None:
        statement = statement.where(audits.c.unit.in_(sorted(window.units)))
    key = sa.literal("audit_due:") + sa.cast(audits.c.id, sa.Text)
    rows = (await session.execute(window.page_of(statement, audits.c.due_on, key))).all()
    return [
        CalendarEntryOut(
            day=row.due_on, kind="audit_due", key=f"audit_due:{row.id}", programme=row.programme, period=row.period,
            title=f"Audit ({row.audit_type.replace('_', ' ')})", audit=str(row.id), unit=row.unit,
            auditor=row.auditor, open=1,
        )
        for row in rows
    ]  # fmt: skip


async def _never_made(session: AsyncSession, caller: Caller, window: Window, today: date) -> list[CalendarEntryOut]:
    """Rounds of regular programmes that nobody has made, those to come among them, as they would be made now."""
    # What falls due in a window is of a period that began a year and some weeks earlier at most.
    first = max(window.first - timedelta(days=500), today - FURTHEST)
    last = min(window.last, today + FURTHEST)
    if first > last:
        return []
    found: list[CalendarEntryOut] = []
    for one in await unmade_rounds(session, caller, first, last, window.units):
        found += _entries(one.programme, one.period, one.due, len(one.units))
    return [one for one in found if window.holds(one)]


def _entries(programme: Programme, period: Period, due: Due, places: int) -> list[CalendarEntryOut]:
    days: tuple[tuple[CalendarKind, date], ...] = (("round_starts", due.starts_on), ("round_due", due.due_on))
    return [
        CalendarEntryOut(
            day=day, kind=kind, key=f"{kind}:{programme.code}:{period.code}", title=programme.title,
            programme=programme.code, period=period.code, open=places,
        )
        for kind, day in days
    ]  # fmt: skip


async def _supervision(session: AsyncSession, caller: Caller, window: Window, today: date) -> list[CalendarEntryOut]:
    units = await visible_units(session, caller) if window.units is None else window.units
    found = [
        CalendarEntryOut(
            day=one.due_on, kind="supervision_due", key=f"supervision_due:{one.programme}:{one.unit}",
            title=one.title, programme=one.programme, unit=one.unit, auditor=one.auditor, open=1,
        )
        for one in await managers(session, caller, units, today)
    ]  # fmt: skip
    return [one for one in found if window.holds(one)]
