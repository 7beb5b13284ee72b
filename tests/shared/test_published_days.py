"""Working days held against what England has published: its bank holidays, and deadlines counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.working_days import DaysOff, add_working_days, bank_holidays, count_working_days, is_working_day

# The bank holidays of England as announced, without those that fall on a Saturday or Sunday.
PUBLISHED = {
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}

# Received, working days, due, and which days were passed over: each line counted by hand on a calendar.
BY_HAND = [
    ("2026-01-02", 10, "2026-01-16", "a Friday: two whole weeks"),
    ("2026-03-27", 10, "2026-04-14", "Good Friday 3 and Easter Monday 6 April"),
    ("2026-04-02", 1, "2026-04-07", "Maundy Thursday: the four days of Easter"),
    ("2026-04-02", 19, "2026-05-01", "Easter; the last day is the Friday before May Day"),
    ("2026-04-02", 20, "2026-05-05", "one more day: May Day lies between"),
    ("2026-04-03", 20, "2026-05-05", "received on Good Friday: Easter Monday and May Day"),
    ("2026-04-20", 10, "2026-05-05", "May Day, Monday 4 May"),
    ("2026-05-15", 10, "2026-06-01", "the spring bank holiday, Monday 25 May"),
    ("2026-08-28", 1, "2026-09-01", "the summer bank holiday, Monday 31 August"),
    ("2026-12-11", 10, "2026-12-29", "Christmas Day, and the substitute for Boxing Day on Monday 28"),
    ("2026-12-18", 10, "2027-01-06", "Christmas, the substitute, and New Year's Day"),
    ("2026-12-24", 5, "2027-01-05", "Christmas Eve: the fifth day is in the new year"),
    ("2026-12-25", 5, "2027-01-05", "received on Christmas Day, the same"),
    ("2027-03-19", 25, "2027-04-27", "stage 2 over Easter: 26 and 29 March"),
    ("2027-03-25", 20, "2027-04-26", "from Maundy Thursday over Easter"),
    ("2027-04-16", 30, "2027-06-01", "May Day on 3 and the spring bank holiday on 31 May"),
    ("2027-12-24", 1, "2027-12-29", "both days of Christmas at the weekend: substitutes on 27 and 28"),
    ("2027-12-20", 10, "2028-01-06", "the substitutes, and New Year's on Monday 3 January"),
    ("2023-05-05", 5, "2023-05-15", "the coronation, Monday 8 May"),
    ("2022-05-27", 10, "2022-06-14", "the moved spring bank holiday, 2 June, and the jubilee, 3 June"),
    ("2022-09-09", 10, "2022-09-26", "the state funeral, Monday 19 September"),
    ("2024-02-28", 2, "2024-03-01", "29 February is a Thursday and counts"),
    ("2024-02-29", 1, "2024-03-01", "received on 29 February"),
    ("2028-02-25", 5, "2028-03-03", "29 February is a Tuesday and counts"),
    ("2020-02-28", 1, "2020-03-02", "29 February is a Saturday and does not"),
    ("2026-02-27", 1, "2026-03-02", "no 29 February in 2026"),
    ("2020-05-01", 5, "2020-05-11", "May Day moved to Friday 8 May 2020; Monday 4 was worked"),
]


@pytest.mark.parametrize(("year", "days"), PUBLISHED.items())
def test_the_library_has_the_bank_holidays_that_were_published(year: int, days: str) -> None:
    published = {date.fromisoformat(f"{year}-{day}") for day in days.split()}
    assert {day for day in bank_holidays(year) if day.weekday() < 5} == published


@pytest.mark.parametrize(("received", "days", "due", "why"), BY_HAND)
def test_deadlines_counted_by_hand(received: str, days: int, due: str, why: str) -> None:
    assert add_working_days(date.fromisoformat(received), days) == date.fromisoformat(due), why


def test_the_working_days_of_years_are_those_of_the_calendar() -> None:
    # 261 days from Monday to Friday in 2026 less eight bank holidays, and as many in 2027.
    assert count_working_days(date(2026, 1, 1), date(2026, 12, 31)) == 253
    assert count_working_days(date(2027, 1, 1), date(2027, 12, 31)) == 253
    assert count_working_days(date(2026, 1, 2), date(2026, 1, 1)) == 0


DATES = some.dates(date(2019, 1, 1), date(2032, 12, 31))
OFFSETS = some.sets(some.integers(0, 400), max_size=12)


@given(DATES, some.integers(-3, 400), OFFSETS, OFFSETS)
def test_counting_the_days_of_a_span_agrees_with_looking_at_each(
    first: date, length: int, off: set[int], worked: set[int]
) -> None:
    extra = DaysOff((first + timedelta(days=n) for n in off), (first + timedelta(days=n) for n in worked))
    one_by_one = sum(is_working_day(first + timedelta(days=n), extra) for n in range(length + 1))
    assert count_working_days(first, first + timedelta(days=length), extra) == one_by_one


def test_a_holiday_moved_by_proclamation_is_told_by_both_of_its_days() -> None:
    # As May Day was in 2020, told to a calendar that does not know it yet for 2027.
    moved = DaysOff([date(2027, 5, 7)], worked=[date(2027, 5, 3)])
    assert is_working_day(date(2027, 5, 3), moved) and not is_working_day(date(2027, 5, 7), moved)
    assert add_working_days(date(2027, 4, 30), 1, moved) == date(2027, 5, 3)
    assert add_working_days(date(2027, 5, 6), 1, moved) == date(2027, 5, 10)
    more = moved | {date(2027, 5, 4)}
    assert is_working_day(date(2027, 5, 3), more) and not is_working_day(date(2027, 5, 4), more)
    # A day of the week-end is not worked whatever is said, and one that is set aside is not either.
    assert not is_working_day(date(2027, 5, 2), DaysOff(worked=[date(2027, 5, 2)]))
    assert not is_working_day(date(2027, 5, 3), moved | {date(2027, 5, 3)})
