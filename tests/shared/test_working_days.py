"""England's working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.working_days import add_working_days, is_working_day, subtract_working_days

DAYS = some.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))
FRIDAY = date(2026, 11, 20)


def test_saturdays_sundays_and_bank_holidays_are_not_working_days() -> None:
    assert is_working_day(FRIDAY)
    assert not is_working_day(date(2026, 11, 21))
    assert not is_working_day(date(2026, 11, 22))
    assert not is_working_day(date(2026, 8, 31))
    assert not is_working_day(date(2027, 3, 26))


def test_substitute_days_of_a_weekend_christmas_are_free() -> None:
    assert not is_working_day(date(2027, 12, 27))
    assert not is_working_day(date(2027, 12, 28))
    assert is_working_day(date(2027, 12, 29))


def test_scotland_s_own_holidays_are_worked_in_england() -> None:
    assert is_working_day(date(2026, 1, 2))
    assert is_working_day(date(2026, 11, 30))


def test_the_clock_starts_on_the_next_working_day() -> None:
    assert add_working_days(FRIDAY, 1) == date(2026, 11, 23)
    assert add_working_days(FRIDAY, 10) == date(2026, 12, 4)
    assert add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)


def test_bank_holidays_do_not_count() -> None:
    assert add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert add_working_days(date(2027, 3, 25), 1) == date(2027, 3, 30)


def test_zero_days_stay_on_a_working_day_and_move_off_any_other() -> None:
    assert add_working_days(FRIDAY, 0) == FRIDAY
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 23)
    assert subtract_working_days(date(2026, 11, 22), 0) == FRIDAY


def test_a_newly_proclaimed_holiday_moves_the_end() -> None:
    proclaimed = frozenset({date(2026, 11, 23)})
    assert not is_working_day(date(2026, 11, 23), proclaimed)
    assert add_working_days(FRIDAY, 1, proclaimed) == date(2026, 11, 24)
    assert subtract_working_days(date(2026, 11, 24), 1, proclaimed) == FRIDAY


def test_counting_back_skips_what_is_not_worked() -> None:
    assert subtract_working_days(date(2026, 11, 23), 1) == FRIDAY
    assert subtract_working_days(date(2027, 1, 4), 5) == date(2026, 12, 23)


def test_a_negative_number_of_days_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        add_working_days(FRIDAY, -1)


@given(start=DAYS, n=some.integers(1, 80))
def test_counting_back_undoes_counting_forward(start: date, n: int) -> None:
    begin = add_working_days(start, 0)
    assert subtract_working_days(add_working_days(begin, n), n) == begin


@given(start=DAYS, n=some.integers(1, 60))
def test_exactly_n_working_days_lie_in_the_span(start: date, n: int) -> None:
    end = add_working_days(start, n)
    span = [start + timedelta(days=day) for day in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day) for day in span) == n
    assert is_working_day(end)
