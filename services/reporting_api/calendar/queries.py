"""What the calendar shows between two days: occurrences by their due date and meetings, as one caller may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, boards_of
from services.reporting_api.meeting_days import Meeting
from services.reporting_api.occurrences import c, table
from services.reporting_api.owing import NoDates, periods_ending_between
from services.reporting_api.redating import dates_for
from shared.auth.caller import Caller
from shared.organisation.units import visible_units


@dataclass(frozen=True)
class Entries:
    """The occurrences due and the meetings between two days."""

    due: Sequence[Any]
    meetings: Sequence[Meeting]


async def read_entries(
    session: AsyncSession, caller: Caller, known: Definitions, first: date, last: date, board: str | None
) -> Entries:
    """Withdrawn occurrences are not due; cancelled meetings stay to be seen."""
    statement = sa.select(table).where(c.due_on.between(first, last), c.withdrawn_on.is_(None))
    if board is not None:
        statement = statement.where(c.boards.contains([board]))
    allowed = await visible_units(session, caller)
    if allowed is not None:
        statement = statement.where(c.unit.in_(sorted(allowed)))
    due = (await session.execute(statement.order_by(c.due_on, c.report, c.id))).all()
    meetings = [
        one
        for code in ([board] if board else sorted(known.boards))
        if ("boards", code) not in known.retired
        for one in known.meetings[code]
        if first <= one.meets_on <= last
    ]
    return Entries(due, meetings)


def undated(known: Definitions, first: date, last: date, board: str | None) -> Iterator[tuple[str, str]]:
    """The reports and periods ending between two days for which nobody can yet say when they are due."""
    for report in known.in_use():
        elsewhere = board is not None and board not in boards_of(report)
        if report.period_kind is None or elsewhere or not report.in_force(last):
            continue
        for period in periods_ending_between(report.period_kind, first, last, known.terms(report)):
            try:
                dates_for(known, report, period)
            except NoDates:
                yield report.code, period.code
