"""In which state the submitted audits of each group are, and which they are."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.groups import Group
from shared.database import driver_connection

# How many audits, and the sum of their versions.
State = tuple[int, int]
# Each audit with its version.
Members = Mapping[UUID, int]
_EPOCH = "SELECT epoch FROM audit_epoch"
# Month by month, out of the index alone: to work out the month of every row takes three times as long.
_STATES = """
SELECT month.first, of_month.* FROM unnest($1::date[], $2::date[]) AS month(first, last), LATERAL (
  SELECT unit, tool, tool_version, count(*), sum(version) FROM audit
  WHERE submitted_on IS NOT NULL AND status <> 'withdrawn' AND counts_on BETWEEN month.first AND month.last
    AND ($3::text[] IS NULL OR unit = ANY($3)) AND ($4::text IS NULL OR tool = $4)
  GROUP BY unit, tool, tool_version) of_month
"""
_SPAN = "SELECT min(counts_on), max(counts_on) FROM audit WHERE submitted_on IS NOT NULL AND status <> 'withdrawn'"
_MEMBERS = """
SELECT wanted.place, audit.id, audit.version
FROM unnest($1::date[], $2::date[], $3::text[], $4::text[], $5::int[])
  WITH ORDINALITY AS wanted(first, last, unit, tool, version, place)
JOIN audit ON audit.unit = wanted.unit AND audit.tool = wanted.tool AND audit.tool_version = wanted.version
  AND audit.counts_on BETWEEN wanted.first AND wanted.last
WHERE audit.submitted_on IS NOT NULL AND audit.status <> 'withdrawn'
"""


async def read_epoch(session: AsyncSession) -> UUID:
    """The time in which no audit was deleted: states of one such time only ever rise, and tell whether they changed."""
    connection: Any = await driver_connection(session)
    found: UUID = await connection.fetchval(_EPOCH)
    return found


async def hold_epoch(session: AsyncSession, epoch: UUID) -> bool:
    """Whether no audit was deleted since; if so, none will be until the transaction ends."""
    connection: Any = await driver_connection(session)
    return await connection.fetchval(f"{_EPOCH} WHERE epoch = $1 FOR SHARE", epoch) is not None


async def group_states(
    session: AsyncSession, first: date, last: date, units: frozenset[str] | None = None, tool: str | None = None
) -> dict[Group, State]:
    """The state of each group there is from the month of one day to that of another."""
    months = list(_months(first, last))
    connection: Any = await driver_connection(session)
    rows = await connection.fetch(
        _STATES, months, [_last_day(month) for month in months], None if units is None else sorted(units), tool
    )
    return {Group(*row[:4]): (row[4], row[5]) for row in rows}


async def all_states(session: AsyncSession) -> dict[Group, State]:
    """The state of every group there is."""
    connection: Any = await driver_connection(session)
    first, last = await connection.fetchrow(_SPAN)
    return {} if first is None else await group_states(session, first, last)


async def group_members(session: AsyncSession, groups: Iterable[Group]) -> dict[Group, Members]:
    """The audits of each of the groups that has any."""
    ordered = sorted(groups)
    if not ordered:
        return {}
    connection: Any = await driver_connection(session)
    rows = await connection.fetch(
        _MEMBERS, [one.month for one in ordered], [_last_day(one.month) for one in ordered],
        [one.unit for one in ordered], [one.tool for one in ordered], [one.version for one in ordered],
    )  # fmt: skip
    found: dict[Group, dict[UUID, int]] = {}
    for place, audit, version in rows:
        found.setdefault(ordered[place - 1], {})[audit] = version
    return dict(found)


def state_of(members: Members) -> State:
    """The state of a group of these audits."""
    return len(members), sum(members.values())


def _months(first: date, last: date) -> Iterator[date]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
