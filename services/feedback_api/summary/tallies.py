"""Theme counts that are kept by month, each held against what changed since: a month changed later is counted anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import ThemeTally, table_of
from services.feedback_api.summary.theme_queries import KINDS, Asked, Lists, ThemeCounts, count_lists

_TALLY = table_of(ThemeTally)
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
_SPAN = "SELECT min({day}) AS first, max({day}) AS last FROM {table}"


async def count_themes(session: AsyncSession, kind: str, asked: Asked) -> ThemeCounts:
    """Everything counted of one kind, from kept months where they are still true."""
    found, rest = await read_kept(session, kind, asked)
    for first, last in rest:
        lists = await count_lists(session, kind, Asked(first, last, asked.units, asked.groups))
        found.add(lists.get("", {}))
    return found


async def read_kept(session: AsyncSession, kind: str, asked: Asked) -> tuple[ThemeCounts, list[tuple[date, date]]]:
    """What is kept of whole months and still true, and the stretches of days that are to be counted."""
    found = ThemeCounts()
    months = _months(asked.first, asked.last)
    # What is kept does not tell groups apart for units and pairs.
    fresh = await _fresh(session, kind, months) if asked.groups is None else set()
    if fresh:
        wanted = _TALLY.c.unit == "" if asked.units is None else _TALLY.c.unit.in_(asked.units)
        conditions = (_TALLY.c.kind == kind, _TALLY.c.month.in_(sorted(fresh)), wanted)
        for counts in (await session.execute(sa.select(_TALLY.c.counts).where(*conditions))).scalars():
            found.add(from_json(counts))
    return found, _runs([month for month in months if month not in fresh])


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
    columns = (_TALLY.c.month, _TALLY.c.cut)
    statement = sa.select(*columns).where(_TALLY.c.kind == kind, _TALLY.c.unit == "")
    kept = {row.month: row.cut for row in (await session.execute(statement.where(_TALLY.c.month.in_(months)))).all()}
    changed = await _changed(session, kind, min(kept.values())) if kept else {}
    return {month for month, cut in kept.items() if month not in changed or changed[month] <= cut}


async def _changed(session: AsyncSession, kind: str, since: datetime) -> Mapping[date, datetime]:
    """The months in which something changed after a moment, with the last change of each."""
    table, day = KINDS[kind]
    statement = sa.text(_CHANGED.format(table=table, day=day))
    found: dict[date, datetime] = {}
    for row in (await session.execute(statement, {"since": since})).all():
        found[row.month] = max(row.at, found.get(row.month, row.at))
    return found


async def keep_months(session: AsyncSession, kind: str, now: datetime) -> int:
    """Keep each month of which nothing changed lately and that is not kept as it is; answers how many were counted."""
    table, day = KINDS[kind]
    span = (await session.execute(sa.text(_SPAN.format(table=table, day=day)))).one()
    if span.first is None:
        return 0
    cut = now - _SURELY
    months = _months(span.first, span.last)
    settling = await _changed(session, kind, cut)
    fresh = await _fresh(session, kind, months)
    waiting = [month for month in months if month not in fresh and month not in settling]
    for month in waiting:
        await _keep(session, kind, month, cut)
    # What was found unchanged is so up to now: the next reader need not look further back.
    still = (_TALLY.c.kind == kind, _TALLY.c.month.in_(sorted(fresh - set(settling))), _TALLY.c.unit == "")
    await session.execute(sa.update(_TALLY).where(*still).values(cut=cut))
    return len(waiting)


async def _keep(session: AsyncSession, kind: str, month: date, cut: datetime) -> None:
    asked = Asked(month, _following(month) - timedelta(days=1))
    nothing: dict[str, Lists] = {"": {}}
    lists = nothing | await count_lists(session, kind, asked) | await count_lists(session, kind, asked, by_unit=True)
    await session.execute(sa.delete(_TALLY).where(_TALLY.c.kind == kind, _TALLY.c.month == month))
    rows: list[dict[str, Any]] = [
        {"kind": kind, "month": month, "unit": unit, "cut": cut, "counts": to_json(counts).decode()}
        for unit, counts in lists.items()
    ]
    # Two keepers count the same.
    await session.execute(insert(_TALLY).on_conflict_do_nothing(), rows)
