"""The clock held against the plainest counter there is: a day on the calendar at a time."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.feedback_api.complaints.clock import SetAside, stage_due
from services.feedback_api.complaints.deadlines import DeadlinesIn, deadlines
from shared.schemas.framework.feedback import ClockStart, Limit, Stage
from shared.working_days import DaysOff

STARTS = some.dates(date(2019, 1, 1), date(2035, 12, 31))
SPANS = some.lists(some.tuples(some.integers(-5, 80), some.integers(0, 40)), max_size=4)
OFFSETS = some.sets(some.integers(0, 120), max_size=8)
# Asked of the library anew and in one piece, past the caches of the code that is tested.
ENGLAND = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2045)))


def by_hand(
    received: date, days: int, aside: Set[date], off: Set[date], worked: Set[date], stop: date | None = None
) -> date | None:
    """Turn the calendar page by page; None where the clock is stopped first."""
    day, counted = received, 0
    while counted < days:
        day += timedelta(days=1)
        if stop is not None and day >= stop:
            return None
        if day.weekday() in (5, 6) or day in aside or day in off:
            continue
        if day in ENGLAND and day not in worked:
            continue
        counted += 1
    return day


def intervals(received: date, spans: list[tuple[int, int]]) -> list[SetAside]:
    firsts = [(received + timedelta(days=begin), length) for begin, length in spans]
    return [SetAside(first, first + timedelta(days=length)) for first, length in firsts]


def every_day(spans: list[SetAside]) -> set[date]:
    return {one.first + timedelta(days=n) for one in spans if one.last for n in range((one.last - one.first).days + 1)}


@given(STARTS, some.integers(1, 65), SPANS, OFFSETS, OFFSETS, some.none() | some.integers(1, 90))
@settings(max_examples=300)
def test_the_calculator_agrees_with_a_count_by_hand(
    received: date, days: int, pauses: list[tuple[int, int]], off: set[int], worked: set[int], stop: int | None
) -> None:
    aside = intervals(received, pauses)
    free = {received + timedelta(days=n) for n in off}
    busy = {received + timedelta(days=n) for n in worked}
    stopped = None if stop is None else received + timedelta(days=stop)
    frozen = [{"from": one.first.isoformat(), "to": one.last.isoformat()} for one in aside if one.last]
    frozen += [] if stopped is None else [{"from": stopped.isoformat()}]
    body = {"received_on": received.isoformat(), "working_days": days, "extensions": [7], "frozen": frozen}
    found = deadlines(DeadlinesIn.model_validate(body), DaysOff(free, busy), {})
    assert found.due_on == by_hand(received, days, every_day(aside), free, busy, stopped)
    assert found.final_due_on == by_hand(received, days + 7, every_day(aside), free, busy, stopped)
    assert found.clock_starts_on == by_hand(received, 1, every_day(aside), free, busy, stopped)
    if found.final_due_on is not None:
        passed = [
            one.first + timedelta(days=n) for one in found.passed_over for n in range((one.last - one.first).days + 1)
        ]
        assert passed == sorted(set(passed)), "each day that did not count is told once, in order"
        assert len(passed) + days + 7 == (found.final_due_on - received).days


STAGE_2 = Stage(
    code="stage_2", order=2, title="Investigation", clock_starts=ClockStart.complaint_finalised,
    statutory_limit=Limit(working_days=25, extended_to=65), local_target=Limit(working_days=25, extended_to=45),
)  # fmt: skip


@given(STARTS, some.integers(0, 60), SPANS, OFFSETS)
@settings(max_examples=200)
def test_a_stage_is_due_where_a_count_by_hand_says(
    event: date, further: int, spans: list[tuple[int, int]], off: set[int]
) -> None:
    aside = intervals(event, spans)
    free = {event + timedelta(days=n) for n in off}
    due = stage_due(STAGE_2, event, further, aside, DaysOff(free))
    assert due.statutory == by_hand(event, min(25 + further, 65), every_day(aside), free, set())
    assert due.local == by_hand(event, min(25 + further, 45), every_day(aside), free, set())


@given(STARTS, some.integers(1, 60), some.integers(1, 100))
def test_a_new_day_off_never_brings_a_day_forward_and_moves_it_by_one_at_most_a_working_day(
    received: date, days: int, at: int
) -> None:
    stage = STAGE_2.model_copy(update={"statutory_limit": Limit(working_days=days), "local_target": None})
    new = received + timedelta(days=at)
    before = stage_due(stage, received, 0, [], DaysOff()).statutory
    after = stage_due(stage, received, 0, [], DaysOff([new])).statutory
    assert before is not None and after is not None
    counted_before = new <= before and new.weekday() < 5 and new not in ENGLAND
    assert (after > before) is counted_before
    if counted_before:
        assert after == by_hand(before, 1, set(), {new}, set())


@pytest.mark.parametrize(
    ("received", "starts", "due", "passed"),
    [
        # Over New Year: a Thursday, the holiday, a weekend.
        ("2026-12-31", "2027-01-04", "2027-01-06", ["bank_holiday", "weekend"]),
        # Over the end of February in a leap year and in another.
        ("2028-02-28", "2028-02-29", "2028-03-02", []),
        ("2027-02-26", "2027-03-01", "2027-03-03", ["weekend"]),
        # Received on a Saturday: Sunday is passed over, and Saturday itself is not counted at all.
        ("2026-11-21", "2026-11-23", "2026-11-25", ["weekend"]),
        # Good Friday, the weekend of Easter, and Easter Monday are three spans with three reasons.
        ("2027-03-25", "2027-03-30", "2027-04-01", ["bank_holiday", "weekend", "bank_holiday"]),
    ],
)
def test_three_days_over_the_edges_of_years_and_months(received: str, starts: str, due: str, passed: list[str]) -> None:
    body = DeadlinesIn.model_validate({"received_on": received, "working_days": 3, "extensions": [], "frozen": []})
    found = deadlines(body, DaysOff(), {})
    assert (str(found.clock_starts_on), str(found.due_on), found.extended) == (starts, due, [])
    assert [one.why for one in found.passed_over] == passed


def test_an_open_stop_tells_what_is_known_and_leaves_the_rest_open() -> None:
    body = {"received_on": "2026-11-12", "working_days": 3, "extensions": [5], "frozen": [{"from": "2026-11-19"}]}
    found = deadlines(DeadlinesIn.model_validate(body), DaysOff(), {})
    assert (str(found.due_on), found.final_due_on) == ("2026-11-17", None)
    assert found.extended[0].counted == "Day 4 of 8 has been counted when the clock is stopped without an end."
    body["frozen"] = [{"from": "2026-11-12"}]
    stopped = deadlines(DeadlinesIn.model_validate(body), DaysOff(), {})
    assert (stopped.clock_starts_on, stopped.due_on, stopped.passed_over) == (None, None, [])


def test_the_longest_clock_there_can_be_is_counted() -> None:
    body = {
        "received_on": "2090-12-31", "working_days": 400, "extensions": [400] * 20,
        "frozen": [{"from": "2091-01-01", "to": "2101-01-01"}],
    }  # fmt: skip
    found = deadlines(DeadlinesIn.model_validate(body), DaysOff(), {})
    assert found.extended[-1].working_days == 8_400
    assert found.final_due_on == by_hand_far(found.received_on, 8_400)


def by_hand_far(received: date, days: int) -> date:
    england = holidays.country_holidays("GB", subdiv="ENG", years=range(2090, 2140))
    day, counted = received, 0
    while counted < days:
        day += timedelta(days=1)
        inside = date(2091, 1, 1) <= day <= date(2101, 1, 1)
        counted += not inside and day.weekday() < 5 and day not in england
    return day
