"""In which state the submitted audits of each group are."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.groups import Group
from shared.database import driver_connection

# How many audits, and the sum of their versions.
State = tuple[int, int]
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


def columns(groups: Sequence[Group]) -> tuple[list[Any], ...]:
    """Groups as statements take them: first and last day, unit, tool and its edition."""
    return (
        [one.month for one in groups], [one.last_day for one in groups], [one.unit for one in groups],
        [one.tool for one in groups], [one.version for one in groups],
    )  # fmt: skip


def _months(first: date, last: date) -> Iterator[date]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
