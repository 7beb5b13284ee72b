"""The time of day as the services are told it, so that a test can choose the day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """What every rule that depends on the time is given; nothing else asks the machine."""

    def now(self) -> datetime:
        """This instant, in UTC, with its offset."""

    def today(self) -> date:
        """The date on the wall in Dorset."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return local_date(self.now())


class FixedClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, at: datetime) -> None:
        self._at = _in_utc(at)

    def now(self) -> datetime:
        return self._at

    def today(self) -> date:
        return local_date(self._at)

    def advance(self, by: timedelta) -> None:
        self._at += by


def local_date(at: datetime) -> date:
    """The date in London at an instant."""
    return _in_utc(at).astimezone(LONDON).date()


def local_midnight(day: date) -> datetime:
    """The instant, in UTC, at which a London date begins."""
    # The clocks change at one in the morning, so midnight exists exactly once on every date.
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def _in_utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("an instant needs its offset from UTC")
    return at.astimezone(UTC)
