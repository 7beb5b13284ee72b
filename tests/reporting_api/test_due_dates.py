"""Periods and the rules that turn them into due dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.reporting_api.meeting_days import days_of, merge_meetings
from services.reporting_api.models import BoardMeeting
from services.reporting_api.owing import dates_of, papers_due, periods_ending_between
from shared.clock import FixedClock
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.reporting import Board, DisclosureLevel, DueRule, Report
from shared.schemas.periods import Period, PeriodKind
from shared.working_days import is_working_day
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
    waits = dates_of(report, Period.parse("2026-11"), {}, meetings, frozenset())
    assert (waits.opens_on, waits.due_on, waits.meeting_on) == (date(2026, 12, 1), None, None)


@given(
    meeting=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    days=st.integers(0, 40),
    closed=st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=20),
)
def test_clear_days_are_all_between_the_papers_and_the_meeting(
    meeting: date, days: int, closed: frozenset[date]
) -> None:
    rule = DueRule(rule="clear_working_days_before_meeting", days=days, board="csdg")
    due = papers_due(rule, meeting, closed)
    assert is_working_day(due, closed)
    between = [due + timedelta(days=number) for number in range(1, (meeting - due).days)]
    assert sum(is_working_day(day, closed) for day in between) == days


@given(
    plan=st.lists(st.integers(0, 30), max_size=8, unique=True),
    recorded=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), max_size=6),
)
def test_a_board_never_meets_twice_a_day_and_no_planned_meeting_is_lost(
    plan: list[int], recorded: list[tuple[int, int, bool]]
) -> None:
    first = date(2027, 1, 1)

    def day(number: int) -> date:
        return first + timedelta(days=number)

    planned_for = tuple(day(number) for number in plan)
    board = Board(code="csdg", name="CSDG", disclosure=DisclosureLevel.full, meeting_dates=planned_for)
    # As the rules let it be recorded: each meeting once, and two never on one day unless cancelled.
    kept: list[BoardMeeting] = []
    for planned, meets, cancelled in recorded:
        taken = {one.meets_on for one in kept if not one.cancelled} | {one.planned_on for one in kept}
        if day(planned) not in taken and day(meets) not in taken:
            kept.append(
                BoardMeeting(board="csdg", planned_on=day(planned), meets_on=day(meets), cancelled=cancelled, version=2)
            )
    merged = merge_meetings(board, kept)
    on = days_of(merged)
    assert on == sorted(set(on))
    names = [one.planned_on for one in merged]
    assert len(names) == len(set(names))
    moved_onto = {one.meets_on for one in kept if not one.cancelled}
    assert set(planned_for) <= {*names, *moved_onto}


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
