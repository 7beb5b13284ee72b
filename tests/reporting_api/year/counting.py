"""What is owed in the year, counted anew from the framework's files: no line of it is the service's own reckoning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

from tests.conftest import ROOT

Body = dict[str, Any]
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
BANK_HOLIDAYS = frozenset(
    map(
        date.fromisoformat,
        (
            "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28",
            "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30",
        ),
    )
)  # fmt: skip


def from_file(kind: str) -> dict[str, Body]:
    """The items of one file of the framework by code, as they are written."""
    found = yaml.safe_load((ROOT / "framework" / "dorset" / f"{kind}.yaml").read_text())
    return {one["code"]: one for one in found[kind]}


REPORTS, BOARDS = from_file("reports"), from_file("boards")
# A meeting that the plan of the year had on another day.
MOVED = {date(2027, 2, 11): date(2027, 2, 18)}
_HALVES = {
    (year["year"], half["code"]): (half["start"], half["end"])
    for year in from_file("calendars")["dorset_community_schools"]["years"]
    for half in year["half_terms"]
}


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def working_days_from(day: date, number: int) -> date:
    """So many working days later, or earlier where the number is negative."""
    step = timedelta(days=1 if number > 0 else -1)
    while number:
        day += step
        number -= (1 if number > 0 else -1) * works(day)
    return day


@dataclass(frozen=True)
class Owed:
    """One report that is owed once."""

    report: str
    period: str
    start: date
    opens_on: date
    due_on: date

    @property
    def key(self) -> tuple[str, str]:
        return self.report, self.period

    @property
    def definition(self) -> Body:
        return REPORTS[self.report]

    @property
    def boards(self) -> set[str]:
        via = self.definition.get("via")
        return {*self.definition["audiences"], *([via] if via else [])}

    @property
    def owner(self) -> tuple[str, str]:
        return self.definition["owner_role"], self.definition["owner_unit"]

    @property
    def contributors(self) -> list[tuple[str, str]]:
        return [next(iter(one.items())) for one in self.definition.get("contributors", [])]

    @property
    def contributions_due_on(self) -> date:
        days: int = self.definition.get("asking", {}).get("due_days_before_report", 5)
        return working_days_from(self.due_on, -days)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _periods() -> Iterator[tuple[str, str, date, date]]:
    """Kind, code, first and last day of every period that may end in the year."""
    months = [(2026 + (n > 8), (n + 3) % 12 + 1) for n in range(12)]
    for year, month in months:
        yield "month", f"{year}-{month:02}", date(year, month, 1), _month_end(year, month)
    for number in range(4):
        first, last = months[3 * number], months[3 * number + 2]
        yield "financial_quarter", f"FY2026-27-Q{number + 1}", date(*first, 1), _month_end(*last)
    yield "financial_year", "FY2026-27", FIRST, LAST
    yield "reporting_year", "RY2027", FIRST, LAST
    yield "academic_year", "AY2025-26", date(2025, 9, 1), date(2026, 8, 31)
    for (year, half), (start, end) in _HALVES.items():
        yield "half_term", f"{year}-{half}", start, end
        number = int(half[-1])
        if number % 2 == 0:
            yield "term", f"{year}-T{number // 2}", _HALVES[year, f"HT{number - 1}"][0], end


def _due(definition: Body, end: date) -> date:
    rule = definition["due"]
    if rule["rule"] == "working_days_after_period_end":
        return working_days_from(end, rule["days"])
    assert rule["rule"] == "clear_working_days_before_meeting"
    meetings = [MOVED.get(day, day) for day in BOARDS[rule["board"]]["meeting_dates"]]
    papers = (working_days_from(day, -rule["days"] - 1) for day in meetings)
    return next(day for day in papers if day > end)


def by_the_calendar() -> list[Owed]:
    """Every report whose period ends in the year."""
    return [
        Owed(code, period, start, end + timedelta(days=1), _due(definition, end))
        for code, definition in REPORTS.items()
        for kind, period, start, end in _periods()
        if definition.get("period_kind") == kind and FIRST <= end <= LAST
    ]


def when_asked(report: str, period: str, day: date) -> Owed:
    """A report that comes when it is asked for."""
    return Owed(report, period, day, day, working_days_from(day, REPORTS[report]["due"]["days"]))
