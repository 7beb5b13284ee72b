"""Periods and the rules that turn them into due dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reporting_api.owing import NoDates, dates_of, periods_ending_between
from shared.clock import FixedClock
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.reporting import Report
from shared.schemas.periods import Period, PeriodKind
from tests.conftest import Start
from tests.reporting_api.framework_changes import dorset_framework, framework_item
from tests.reporting_api.schedule_calls import materialise, occurrences


def test_periods_are_found_by_the_day_they_end() -> None:
    found = periods_ending_between(PeriodKind.financial_quarter, date(2026, 4, 1), date(2027, 3, 31), {})
    assert [period.code for period in found] == [f"FY2026-27-Q{part}" for part in (1, 2, 3, 4)]
    months = periods_ending_between(PeriodKind.month, date(2028, 2, 29), date(2028, 2, 29), {})
    assert [period.code for period in months] == ["2028-02"]


def a_report(**changes: Any) -> Report:
    found = parse_item("reports", {**framework_item("reports", "csdg_monthly"), **changes})
    assert isinstance(found, Report)
    return found


def test_a_due_date_counts_over_new_year_and_the_change_of_clocks() -> None:
    report = a_report(due={"rule": "working_days_after_period_end", "days": 10})
    assert dates_of(report, Period.parse("2026-12"), {}, (), frozenset()).due_on == date(2027, 1, 15)
    assert dates_of(report, Period.parse("2027-03"), {}, (), frozenset()).due_on == date(2027, 4, 14)


def test_papers_are_due_before_the_first_meeting_that_leaves_the_time() -> None:
    report = a_report(due={"rule": "working_days_before_meeting", "days": 5, "board": "csdg"})
    meetings = (date(2026, 11, 4), date(2026, 11, 25))
    found = dates_of(report, Period.parse("2026-10"), {}, meetings, frozenset())
    assert found.due_on == date(2026, 11, 18)
    with pytest.raises(NoDates):
        dates_of(report, Period.parse("2026-11"), {}, meetings, frozenset())


async def test_days_are_london_s(start: Start) -> None:
    # 23:30 in UTC on 31 July is already August in London: July's report has opened.
    clock = FixedClock(datetime(2026, 7, 31, 23, 30, tzinfo=UTC))
    reporting = await start("reporting", clock=clock)
    client = await reporting.client("analyst")
    await materialise(client, {"from": "2026-07-01", "to": "2026-08-31"})
    found = await occurrences(client, report="csdg_monthly", period="2026-07")
    assert found[0]["status"] == "due"


def test_the_framework_s_schedule_has_every_cadence() -> None:
    reports = dorset_framework().items["reports"].values()
    assert {report.cadence.value for report in reports if isinstance(report, Report)} == {
        "monthly", "quarterly", "half_termly", "termly", "annual", "periodic", "on_request",
    }  # fmt: skip
