"""Counting working days by hand-worked examples."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api.complaints.clock import (
    SetAside,
    days_allowed,
    days_of,
    stage_due,
    working_days_left,
)
from services.feedback_api.complaints.deadlines import DeadlinesIn, deadlines
from shared.schemas.framework.feedback import ClockStart, Limit, Stage
from shared.working_days import add_working_days

NONE: frozenset[date] = frozenset()
STAGE_1 = Stage(
    code="stage_1", order=1, title="Local resolution", clock_starts=ClockStart.received,
    statutory_limit=Limit(working_days=10, extended_to=20), local_target=Limit(working_days=8, extended_to=12),
)  # fmt: skip
THURSDAY = date(2026, 11, 12)


def test_ten_working_days_start_the_day_after() -> None:
    due = stage_due(STAGE_1, THURSDAY, 0, [], NONE)
    assert (due.clock_starts_on, due.statutory, due.local) == (
        date(2026, 11, 13),
        date(2026, 11, 26),
        date(2026, 11, 24),
    )


def test_christmas_is_counted_over() -> None:
    # 21, 22, 23, 24 December; 29, 30, 31 December; 4, 5, 6 January.
    assert stage_due(STAGE_1, date(2026, 12, 18), 0, [], NONE).statutory == date(2027, 1, 6)


def test_easter_is_counted_over() -> None:
    # 22 to 25 March; 30 and 31 March, 1 and 2 April; 5 and 6 April.
    assert stage_due(STAGE_1, date(2027, 3, 19), 0, [], NONE).statutory == date(2027, 4, 6)


def test_an_extension_lengthens_each_limit_up_to_its_own_end() -> None:
    due = stage_due(STAGE_1, THURSDAY, 6, [], NONE)
    assert due.statutory == add_working_days(THURSDAY, 16)
    assert due.local == add_working_days(THURSDAY, 12)
    assert days_allowed(Limit(working_days=10, extended_to=20), 400) == 20
    assert days_allowed(Limit(working_days=30), 5) == 30


def test_a_week_set_aside_moves_the_day_by_a_week() -> None:
    week = SetAside(date(2026, 11, 16), date(2026, 11, 20))
    assert stage_due(STAGE_1, THURSDAY, 0, [week], NONE).statutory == date(2026, 12, 3)


def test_an_open_end_stops_the_clock_but_what_was_overdue_stays_overdue() -> None:
    before = SetAside(date(2026, 11, 20), None)
    assert stage_due(STAGE_1, THURSDAY, 0, [before], NONE).statutory is None
    after = SetAside(date(2026, 11, 27), None)
    assert stage_due(STAGE_1, THURSDAY, 0, [after], NONE).statutory == date(2026, 11, 26)


def test_set_aside_before_its_first_day_the_clock_has_not_started() -> None:
    assert stage_due(STAGE_1, THURSDAY, 0, [SetAside(THURSDAY, None)], NONE).clock_starts_on is None


def test_without_its_event_a_stage_has_no_clock() -> None:
    due = stage_due(STAGE_1, None, 0, [], NONE)
    assert (due.clock_starts_on, due.statutory, due.local) == (None, None, None)


def test_a_proclaimed_day_moves_the_day_by_one() -> None:
    off = frozenset({date(2026, 11, 24)})
    assert stage_due(STAGE_1, THURSDAY, 0, [], off).statutory == date(2026, 11, 27)


def test_days_left_count_the_due_day_and_turn_negative_after_it() -> None:
    monday = date(2026, 11, 23)
    assert working_days_left(monday, date(2026, 11, 26), NONE) == 3
    assert working_days_left(monday, monday, NONE) == 0
    assert working_days_left(monday, date(2026, 11, 20), NONE) == -1


@given(
    start=some.dates(date(2020, 1, 1), date(2030, 12, 31)),
    days=some.integers(1, 60),
    pause=some.tuples(some.integers(0, 60), some.integers(0, 60)),
)
def test_every_day_to_the_due_day_is_counted_or_has_a_reason(start: date, days: int, pause: tuple[int, int]) -> None:
    first = start + timedelta(days=pause[0])
    aside = SetAside(first, first + timedelta(days=pause[1]))
    frozen = [{"from": aside.first.isoformat(), "to": aside.last.isoformat() if aside.last else None}]
    body = {"received_on": start.isoformat(), "working_days": days, "frozen": frozen}
    due = deadlines(DeadlinesIn.model_validate(body), NONE, {}).due
    assert due.due_on == add_working_days(start, days, days_of([aside]))
    assert due.weekend_days + due.bank_holidays + due.days_set_aside + days == (due.due_on - start).days


def test_the_calculator_tells_each_date_and_how_it_was_counted() -> None:
    body = DeadlinesIn.model_validate(
        {
            "received_on": "2026-12-18",
            "working_days": 10,
            "extensions": [5, 5],
            "frozen": [{"from": "2027-01-11", "to": "2027-01-15"}],
        }
    )
    found = deadlines(body, NONE, {})
    assert (found.clock_starts_on, found.due_on) == (date(2026, 12, 21), date(2027, 1, 6))
    # 7 and 8 January, then 18, 19, 20; then 21, 22, 25, 26, 27.
    assert [one.due_on for one in found.extended] == [date(2027, 1, 20), date(2027, 1, 27)]
    assert (found.final_due_on, found.extended[1].working_days) == (date(2027, 1, 27), 20)
    assert (found.due.weekend_days, found.due.bank_holidays, found.due.days_set_aside) == (6, 3, 0)
    assert found.due.counted == (
        "Received on Friday 18 December 2026. Day 1 is Monday 21 December 2026 and day 10 is Wednesday 6 January "
        "2027: 19 days later, of which 6 at weekends, 3 on bank holidays and 0 set aside do not count."
    )


def test_a_clock_that_would_start_while_set_aside_starts_after() -> None:
    body = DeadlinesIn.model_validate(
        {"received_on": "2026-11-20", "working_days": 1, "frozen": [{"from": "2026-11-20", "to": "2026-11-24"}]}
    )
    found = deadlines(body, NONE, {})
    assert (found.clock_starts_on, found.due_on) == (date(2026, 11, 25), date(2026, 11, 25))
