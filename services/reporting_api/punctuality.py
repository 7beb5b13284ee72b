"""How reports and contributions kept their time (R70): counted alike wherever it is read, with reasons, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.occurrences import LatenessOut, Timeliness, outcome_of, read_lateness, read_timeliness
from services.reporting_api.owed import Owed, read_owed, standing_of
from shared.schemas.periods import Period, PeriodError

Key = TypeVar("Key", bound=Hashable)
CAUSE_WORDS: dict[str, str] = {
    "figures_late": "figures came late",
    "contribution_late": "a contribution came late",
    "source_unavailable": "a source could not be read",
    "not_signed": "not signed in time",
    "meeting_changed": "the meeting was changed",
    "staff_absent": "staff were absent",
    "other": "another reason",
    "not_given": "no reason given",
}
# What a contribution's standing is called beside a report's outcome, so that both are counted in one form.
_AS_OUTCOME = {"received": "on_time", "received_late": "late", "overdue": "open_late", "missing": "missed"}


@dataclass(frozen=True)
class Tally:
    """Things that fell due, each in one of four outcomes."""

    on_time: int = 0
    late: int = 0
    open_late: int = 0
    missed: int = 0

    @property
    def expected(self) -> int:
        return self.on_time + self.late + self.open_late + self.missed

    @property
    def on_time_percent(self) -> float | None:
        return round(100 * self.on_time / self.expected, 1) if self.expected else None


def tally(outcomes: Iterable[str]) -> Tally:
    return Tally(**Counter(outcomes))


def tallied(
    rows: Iterable[Any], outcome: Callable[[Any], str], keys: Callable[[Any], Iterable[Key]]
) -> dict[Key, Tally]:
    """A tally of each group; a row may be of several, as a report that goes to two boards is."""
    found: dict[Key, list[str]] = {}
    for row in rows:
        for key in keys(row):
            found.setdefault(key, []).append(outcome(row))
    return {key: tally(outcomes) for key, outcomes in found.items()}


def owner_of(row: Any) -> tuple[str, str | None]:
    """Who answers for a report: a role, in its unit."""
    return row.owner_role, row.unit


@dataclass(frozen=True)
class Punctuality:
    """What fell due in a span: reports with the reasons given for lateness, and contributions to reports."""

    reports: Timeliness
    reasons: dict[UUID, list[LatenessOut]]
    owed: Owed

    def between(self, first: date, last: date) -> Punctuality:
        """The part of it that fell due in a shorter span."""

        def within(rows: Iterable[Any]) -> list[Any]:
            return [row for row in rows if first <= row.due_on <= last]

        reports = Timeliness(within(self.reports.rows), within(self.reports.withdrawn))
        return Punctuality(reports, self.reasons, Owed(within(self.owed.rows), self.owed.today))

    @property
    def of_reports(self) -> Tally:
        return tally(map(outcome_of, self.reports.rows))

    @property
    def of_contributions(self) -> Tally:
        return tally(map(self.outcome_of_contribution, self.owed.due))

    def outcome_of_contribution(self, row: Any) -> str:
        return _AS_OUTCOME[standing_of(row, self.owed.today)]

    def by_contributor(self) -> dict[tuple[str, str], Tally]:
        return tallied(
            self.owed.due, self.outcome_of_contribution, lambda row: [(row.contributor_kind, row.contributor)]
        )

    def causes(self) -> list[tuple[str, int]]:
        """Why reports were not on time, by the reason last given, the commonest first; not given is one of them."""
        found = Counter(
            self.reasons[row.id][0].cause if row.id in self.reasons else "not_given"
            for row in self.reports.rows
            if outcome_of(row) != "on_time"
        )
        return sorted(found.items(), key=lambda one: (-one[1], one[0]))


async def read_punctuality(
    session: AsyncSession,
    first: date,
    last: date,
    today: date,
    *,
    boards: Sequence[str] = (),
    units: frozenset[str] | None = None,
    leave_out: UUID | None = None,
    owner_role: str | None = None,
    owner_unit: str | None = None,
) -> Punctuality:
    """Everything that fell due from `first` to `last`, narrowed to boards, to units, and to who answers for it."""
    reports = await read_timeliness(session, first, last, today, boards=boards, units=units, leave_out=leave_out)
    owed = await read_owed(session, first, last, today, boards=boards, units=units)

    def theirs(row: Any) -> bool:
        return owner_role in (None, row.owner_role) and owner_unit in (None, row.unit)

    kept = Timeliness(*([row for row in rows if theirs(row)] for rows in (reports.rows, reports.withdrawn)))
    reasons = await read_lateness(session, [row.id for row in kept.rows])
    return Punctuality(kept, reasons, Owed([row for row in owed.rows if theirs(row)], today))


def periods_up_to(period: Period, count: int) -> list[Period]:
    """The period and those before it, oldest first; fewer where the calendar of years begins."""
    found = [period]
    while len(found) < count:
        try:
            found.append(found[-1].predecessor)
        except PeriodError:
            break
    return found[::-1]
