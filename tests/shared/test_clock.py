"""The clock and the identifiers, on the days when clocks change and when they misbehave."""

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from shared import ids
from shared.clock import FixedClock, SystemClock, local_date, local_midnight
from shared.ids import new_id


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_the_system_clock_tells_an_instant_with_its_offset() -> None:
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now.timestamp() - time.time()) < 5


def test_today_is_the_date_in_london_not_in_utc() -> None:
    assert FixedClock(at(2026, 7, 1, 23, 30)).today() == date(2026, 7, 2)
    assert FixedClock(at(2026, 12, 1, 23, 30)).today() == date(2026, 12, 1)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime(2026, 3, 31, 13, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == clock.now() == at(2026, 3, 31, 12)
    clock.advance(timedelta(days=1))
    assert clock.today() == date(2026, 4, 1)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        FixedClock(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="offset"):
        local_date(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2026, 6, 1), at(2026, 5, 31, 23)),
        (date(2026, 10, 25), at(2026, 10, 24, 23)),  # 25 hours long
        (date(2026, 10, 26), at(2026, 10, 26)),
        (date(2027, 3, 28), at(2027, 3, 28)),  # 23 hours long
        (date(2027, 3, 29), at(2027, 3, 28, 23)),
        (date(2027, 1, 1), at(2027, 1, 1)),
    ],
)
def test_a_london_date_begins_at_its_own_midnight_on_every_kind_of_day(day: date, begins: datetime) -> None:
    assert local_midnight(day) == begins
    assert (local_date(begins - timedelta(microseconds=1)), local_date(begins)) == (day - timedelta(days=1), day)


def test_an_identifier_is_a_version_7_uuid_of_this_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_identifiers_made_in_a_burst_are_distinct_and_in_order() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_identifiers_stay_in_order_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert new_id() > first


def test_identifiers_stay_in_order_when_a_millisecond_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(ids, "_counter", (1 << 42) - 1)
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    second = new_id()
    assert second > first
    assert second.version == 7


def test_threads_never_share_an_identifier() -> None:
    made: list[UUID] = []

    def make() -> None:
        made.extend([new_id() for _ in range(500)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4_000
