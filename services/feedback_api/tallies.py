"""Counts that are kept by month, each held against what changed since: a month changed later is counted anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.counting import CROSSED, KINDS, Asked, Counted, Lists, count_records, lists_of
from services.feedback_api.models import KeptMonth, KeptTally, table_of

_MONTH, _TALLY = table_of(KeptMonth), table_of(KeptTally)
# No transaction lasts so long, and no two clocks are so far apart: whatever was changed before has been seen.
_SURELY = timedelta(minutes=15)
# The months a record stands in now, and those it stood in before it was changed.
_CHANGED = """
SELECT CAST(date_trunc('month', {day}) AS date) AS month, max(changed_at) AS at FROM {table}
WHERE changed_at > :since GROUP BY 1
UNION ALL
SELECT CAST(date_trunc('month', CAST(content->>'{day}' AS date)) AS date), max(superseded_at) FROM {table}_history
WHERE superseded_at > :since GROUP BY 1
"""
# Becoming a complaint leaves the compliment as it was recorded.
_RECATEGORISED = """
UNION ALL
SELECT CAST(date_trunc('month', c.received_on) AS date), max(greatest(r.recorded_at, r.undone_at))
FROM recategorisation r JOIN compliment c ON c.respond_ref = r.ref
WHERE r.kind = 'compliment' AND greatest(r.recorded_at, r.undone_at) > :since GROUP BY 1
"""
_SPAN = "SELECT min({day}) AS first, max({day}) AS last FROM {table}"


async def count_together(session: AsyncSession, kind: str, asked: Asked, lists: Collection[str]) -> Counted:
    """Lists of all the records asked for, from kept months where they are still true."""
    return (await _count(session, kind, asked, lists, by_unit=False)).get("", Counted())


async def count_by_unit(
    session: AsyncSession, kind: str, asked: Asked, lists: Collection[str]
) -> Mapping[str, Counted]:
    """The same of each unit by itself; a unit without any record is absent."""
    return await _count(session, kind, asked, lists, by_unit=True)


async def _count(
    session: AsyncSession, kind: str, asked: Asked, lists: Collection[str], *, by_unit: bool
) -> dict[str, Counted]:
    months = _months(asked.first, asked.last)
    # What is kept does not tell groups apart by unit and pair.
    fresh = await _fresh(session, kind, months) if asked.groups is None else set()
    found = await _read(session, kind, asked, fresh, lists, by_unit=by_unit) if fresh else {}
    for first, last in _runs([month for month in months if month not in fresh]):
        stretch = replace(asked, first=first, last=last)
        for part, live in (await count_records(session, kind, stretch, lists, by_unit=by_unit)).items():
            for name, counts in live.items():
                found.setdefault(part, {}).setdefault(name, Counter()).update(counts)
    return {part: Counted.of(one) for part, one in found.items()}


async def _read(
    session: AsyncSession, kind: str, asked: Asked, months: Collection[date], lists: Collection[str], *, by_unit: bool
) -> dict[str, Lists]:
    wanted: sa.ColumnElement[bool] = _TALLY.c.unit != "" if by_unit else _TALLY.c.unit == ""
    if asked.units is not None:
        wanted = _TALLY.c.unit.in_(asked.units)
    conditions = (_TALLY.c.kind == kind, _TALLY.c.month.in_(sorted(months)), wanted, _TALLY.c.list.in_(lists))
    columns = (_TALLY.c.unit, _TALLY.c.list, _TALLY.c.counts)
    found: dict[str, Lists] = {}
    for row in (await session.execute(sa.select(*columns).where(*conditions))).all():
        part = found.setdefault(row.unit if by_unit else "", {})
        counts = from_json(row.counts)
        if asked.theme is not None and row.list in CROSSED:
            # Most of what is kept is of other themes: what is left may still be of one that has this one in its name.
            counts = {codes: count for codes, count in counts.items() if asked.theme in codes}
        part.setdefault(row.list, Counter()).update(counts)
    return found


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _months(first: date, last: date) -> list[date]:
    """The first day of each month from one day to another."""
    found = [first.replace(day=1)]
    while (following := _following(found[-1])) <= last:
        found.append(following)
    return found


def _runs(months: Sequence[date]) -> list[tuple[date, date]]:
    """Months that follow one another as one stretch of days."""
    found: list[tuple[date, date]] = []
    for month in months:
        end = _following(month) - timedelta(days=1)
        if found and found[-1][1] + timedelta(days=1) == month:
            found[-1] = (found[-1][0], end)
        else:
            found.append((month, end))
    return found


async def _fresh(session: AsyncSession, kind: str, months: Sequence[date]) -> set[date]:
    """The months that are kept and were not changed since."""
    statement = sa.select(_MONTH.c.month, _MONTH.c.cut).where(_MONTH.c.kind == kind, _MONTH.c.month.in_(months))
    kept = {row.month: row.cut for row in (await session.execute(statement)).all()}
    changed = await _changed(session, kind, min(kept.values())) if kept else {}
    return {month for month, cut in kept.items() if month not in changed or changed[month] <= cut}


async def _changed(session: AsyncSession, kind: str, since: datetime) -> Mapping[date, datetime]:
    """The months in which something changed after a moment, with the last change of each."""
    of = KINDS[kind]
    statement = _CHANGED.format(table=of.table, day=of.day) + (_RECATEGORISED if kind == "compliments" else "")
    found: dict[date, datetime] = {}
    for row in (await session.execute(sa.text(statement), {"since": since})).all():
        found[row.month] = max(row.at, found.get(row.month, row.at))
    return found


async def keep_newest(session: AsyncSession, kind: str, now: datetime) -> bool:
    """Keep the newest month of which nothing changed lately and that is not kept as it is; whether there was one."""
    of = KINDS[kind]
    span = (await session.execute(sa.text(_SPAN.format(table=of.table, day=of.day)))).one()
    if span.first is None:
        return False
    cut = now - _SURELY
    months = _months(span.first, span.last)
    settling = await _changed(session, kind, cut)
    fresh = await _fresh(session, kind, months)
    # What is no longer true goes: for its sake readers would look further back than to the others' cut.
    await session.execute(sa.delete(_MONTH).where(_MONTH.c.kind == kind, _MONTH.c.month.not_in(sorted(fresh))))
    # What was found unchanged is so up to now: the next reader need not look further back.
    still = (_MONTH.c.kind == kind, _MONTH.c.month.in_(sorted(fresh - set(settling))))
    await session.execute(sa.update(_MONTH).where(*still).values(cut=cut))
    waiting = [month for month in months if month not in fresh and month not in settling]
    if waiting:
        await _keep(session, kind, waiting[-1], cut)
    return bool(waiting)


async def _keep(session: AsyncSession, kind: str, month: date, cut: datetime) -> None:
    own = {"kind": kind, "month": month}
    first = insert(_MONTH).values(own | {"cut": cut}).on_conflict_do_nothing()
    if (await session.execute(first.returning(_MONTH.c.month))).scalar_one_or_none() is None:
        return  # another keeper was first, and its lists belong together
    asked, lists = Asked(month, _following(month) - timedelta(days=1)), lists_of(kind)
    found = await count_records(session, kind, asked, lists)
    found |= await count_records(session, kind, asked, lists, by_unit=True)
    rows = [
        own | {"unit": unit, "list": name, "counts": to_json(counts).decode()}
        for unit, one in found.items()
        for name, counts in one.items()
    ]
    if rows:
        await session.execute(sa.insert(_TALLY), rows)
