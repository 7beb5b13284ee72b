"""What the calendar shows between two days: occurrences by their due date and meetings, as one caller may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

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
    # By report and period, the occurrences of those periods that await a meeting.
    awaiting: Mapping[tuple[str, str], str]


async def read_entries(
    session: AsyncSession, caller: Caller, known: Definitions, first: date, last: date, board: str | None
) -> Entries:
    """Withdrawn occurrences are not due; cancelled meetings stay to be seen."""
    undated = sa.and_(c.due_on.is_(None), c.period_end.between(first, last))
    statement = sa.select(table).where(sa.or_(c.due_on.between(first, last), undated), c.withdrawn_on.is_(None))
    if board is not None:
        statement = statement.where(c.boards.contains([board]))
    allowed = await visible_units(session, caller)
    if allowed is not None:
        statement = statement.where(c.unit.in_(sorted(allowed)))
    rows = (await session.execute(statement.order_by(c.due_on, c.report, c.id))).all()
    meetings = [
        one
        for code in ([board] if board else sorted(known.boards))
        if ("boards", code) not in known.retired
        for one in known.meetings[code]
        if first <= one.meets_on <= last
    ]
    awaiting = {(row.report, row.period): str(row.id) for row in rows if row.due_on is None}
    return Entries([row for row in rows if row.due_on is not None], meetings, awaiting)


@dataclass(frozen=True)
class Waiting:
    """A report for a period of which nobody can yet say when it is due, and what that waits for."""

    report: str
    period: str
    awaits: Literal["meeting", "term_dates"]


def waiting(known: Definitions, first: date, last: date, board: str | None) -> Iterator[Waiting]:
    """What ends between two days and has no due date yet."""
    for report in known.in_use():
        elsewhere = board is not None and board not in boards_of(report)
        if report.period_kind is None or elsewhere or not report.in_force(last):
            continue
        for period in periods_ending_between(report.period_kind, first, last, known.terms(report)):
            try:
                if dates_for(known, report, period).due_on is None:
                    yield Waiting(report.code, period.code, "meeting")
            except NoDates:
                yield Waiting(report.code, period.code, "term_dates")
