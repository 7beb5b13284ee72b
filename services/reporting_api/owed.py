"""What contributors owe the reports, told the same way wherever it is read: how each stands, in memory and in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import Contribution, ContributionEvent, ContributionSubmission
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.registry import table_of
from shared.tables import framework_item

# The names of agencies and units, by kind and code.
Names = dict[tuple[str, str], str]
Standing = Literal["asked", "received", "received_late", "overdue", "missing", "waived"]
STANDING_WORDS: dict[str, str] = {
    "asked": "not due yet",
    "received": "received on time",
    "received_late": "received late",
    "overdue": "overdue",
    "missing": "missing",
    "waived": "not required",
}
table = table_of(Contribution)
submission_table = table_of(ContributionSubmission)
event_table = table_of(ContributionEvent)
c = table.c

# A contribution with the report and period it is for.
SELECT = sa.select(
    table,
    occurrence.report,
    occurrence.period,
    occurrence.period_start,
    occurrence.period_end,
    occurrence.boards,
    occurrence.unit,
    occurrence.owner_role,
    occurrence.due_on.label("report_due_on"),
    occurrence.published_on,
).join(occurrence_table, occurrence.id == c.occurrence)
OPEN: sa.ColumnElement[bool] = sa.and_(c.received_on.is_(None), c.waived_on.is_(None))


def standing_of(row: Any, today: date) -> Standing:
    """How a contribution stands: missing is what has not come although the report itself is due or went without it."""
    if row.waived_on is not None:
        return "waived"
    if row.received_on is not None:
        return "received" if row.received_on <= row.due_on else "received_late"
    if row.due_on >= today:
        return "asked"
    return "missing" if row.published_on is not None or row.report_due_on < today else "overdue"


def standing_in_sql(today: date) -> sa.ColumnElement[str]:
    """The same inside a statement over SELECT."""
    return sa.case(
        (c.waived_on.is_not(None), "waived"),
        (c.received_on <= c.due_on, "received"),
        (c.received_on.is_not(None), "received_late"),
        (c.due_on >= today, "asked"),
        (sa.or_(occurrence.published_on.is_not(None), occurrence.due_on < today), "missing"),
        else_="overdue",
    )


@dataclass(frozen=True)
class Owed:
    """Contributions, each counted once, from the day after it was due."""

    rows: Sequence[Any]
    today: date

    @property
    def due(self) -> list[Any]:
        """Those whose day has passed and that were not waived before it: the denominator, frozen that day."""
        return [row for row in self.rows if row.due_on < self.today and row.waived_on is None]

    @property
    def expected(self) -> int:
        return len(self.due)

    def count(self, standing: Standing) -> int:
        return sum(standing_of(row, self.today) == standing for row in self.due)

    @property
    def chases(self) -> int:
        return sum(row.chases for row in self.due)


async def read_owed(
    session: AsyncSession,
    first: date,
    last: date,
    today: date,
    *,
    boards: Sequence[str] = (),
    units: frozenset[str] | None = None,
) -> Owed:
    """The contributions that fell due from `first` to `last`; nothing is moved or waived after its day."""
    statement = SELECT.where(c.due_on.between(first, last), c.due_on < today)
    if boards:
        statement = statement.where(occurrence.boards.overlap(list(boards)))
    if units is not None:
        statement = statement.where(occurrence.unit.in_(sorted(units)))
    return Owed((await session.execute(statement.order_by(c.due_on, c.contributor, c.id))).all(), today)


async def read_for_report(session: AsyncSession, wanted: Any, today: date) -> tuple[Owed, dict[Any, dict[str, Any]]]:
    """Every contribution to one occurrence, with the content of the submission that stands."""
    rows = (
        await session.execute(SELECT.where(c.occurrence == wanted).order_by(c.contributor_kind, c.contributor))
    ).all()
    statement = (
        sa.select(submission_table.c.contribution, submission_table.c.content)
        .join(table, c.id == submission_table.c.contribution)
        .where(c.occurrence == wanted, submission_table.c.number == c.submission)
    )
    sent = {row.contribution: row.content for row in (await session.execute(statement)).all()}
    return Owed(rows, today), sent


async def read_names(session: AsyncSession) -> Names:
    """The names of agencies and units, retired ones too."""
    kinds = {"agencies": "agency", "units": "unit"}
    item = framework_item.c
    statement = sa.select(item.kind, item.code, item.content["name"].astext.label("name")).where(item.kind.in_(kinds))
    return {(kinds[row.kind], row.code): row.name for row in (await session.execute(statement)).all()}
