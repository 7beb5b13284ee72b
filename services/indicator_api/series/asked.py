"""What a query string asks for: codes in one or several parameters, a stretch of periods, a moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from services.indicator_api.days import first_day, last_day
from shared.clock import local_midnight
from shared.problems import Fault, Malformed
from shared.schemas.base import LocalDate, Moment
from shared.schemas.periods import Period

_AREA = re.compile(r"[A-Z][0-9]{8}|[a-z0-9][a-z0-9_-]{0,79}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
MAX_AREAS, MAX_COMPARATORS, MAX_INDICATORS = 200, 20, 100
_DATE, _MOMENT = TypeAdapter[date](LocalDate), TypeAdapter[datetime](Moment)
_A_MOMENT = timedelta(microseconds=1)


def area_codes(given: Sequence[str]) -> list[str]:
    """ONS codes and codes of units, repeated or separated by commas; each once, in the order given."""
    return _codes(given, "area", _AREA, MAX_AREAS, "give ONS codes or codes of units")


def indicator_codes(given: Sequence[str]) -> list[str]:
    """Codes of indicators, repeated or separated by commas; each once, in the order given."""
    return _codes(given, "indicator", _CODE, MAX_INDICATORS, "give codes of indicators")


def comparator_codes(given: Sequence[str]) -> list[str]:
    """Codes of comparator sets, repeated or separated by commas; each once, in the order given."""
    return _codes(given, "comparators", _CODE, MAX_COMPARATORS, "give codes of comparator sets")


def _codes(given: Sequence[str], name: str, form: re.Pattern[str], most: int, detail: str) -> list[str]:
    found = list(dict.fromkeys(part.strip() for text in given for part in text.split(",") if part.strip()))
    if not all(form.fullmatch(code) for code in found):
        raise _refused(name, "code", detail)
    if len(found) > most:
        raise _refused(name, "too_many", f"give at most {most} at once")
    return found


def read_moment(text: str | None) -> datetime | None:
    """A time with its offset, or a date, which stands for its last moment in London."""
    if text is None:
        return None
    found = _day_or_moment("as_at", text)
    return found if isinstance(found, datetime) else local_midnight(found + timedelta(days=1)) - _A_MOMENT


def read_beginning(name: str, text: str | None) -> datetime | None:
    """A time with its offset, or a date, which stands for its first moment in London."""
    if text is None:
        return None
    found = _day_or_moment(name, text)
    return found if isinstance(found, datetime) else local_midnight(found)


def read_instant(text: str) -> datetime:
    """A time with its offset; raises ValueError for anything else, and for one PostgreSQL cannot be asked about."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 1900 <= found.year <= 2200:
        raise ValueError
    return found


def _day_or_moment(name: str, text: str) -> date | datetime:
    try:
        if "T" not in text and "t" not in text:
            return _DATE.validate_python(text)
        # A plus sign that was not percent-encoded arrives as a space.
        return _MOMENT.validate_python(text.replace(" ", "+"))
    except ValidationError:
        raise _refused(name, "moment", "give a date, or a time with its offset") from None


def begun(name: str, period: Period, today: date) -> Period:
    """A period of which there is something to tell; raises Malformed for one that has not begun."""
    if first_day(period) > today:
        raise _refused(name, "not_begun", "this period has not begun; give one that has")
    return period


class Window:
    """From the first day of one period to the last day of another, each of any kind."""

    def __init__(self, first: str | None, last: str | None) -> None:
        self._from = first_day(Period.parse(first)) if first else date.min
        self._to = last_day(Period.parse(last)) if last else date.max
        # Each area asks again about the same periods.
        self._held: dict[str, bool] = {}
        if self._to < self._from:
            raise _refused("to", "period_range", "give two periods, the earlier one first")

    @property
    def days(self) -> tuple[date, date]:
        """The first day and the last."""
        return self._from, self._to

    @property
    def is_open(self) -> bool:
        """Whether every period lies in it."""
        return self._from == date.min and self._to == date.max

    def holds(self, period: Period) -> bool:
        held = self._held.get(period.code)
        if held is None:
            held = self._held[period.code] = self._from <= first_day(period) and last_day(period) <= self._to
        return held


def _refused(name: str, code: str, detail: str) -> Malformed:
    return Malformed("The question cannot be answered; see errors.", errors=[Fault(f"/query/{name}", code, detail)])


def breakdown(text: str) -> str:
    """A breakdown as it is stored: its parts by the name of their dimension."""
    return ";".join(sorted((part.strip() for part in text.split(";") if part.strip()), key=_dimension))


def _dimension(part: str) -> str:
    return part.partition("=")[0]


def one_area(text: str | None) -> str | None:
    """A single ONS code or code of a unit."""
    if text is None:
        return None
    if not _AREA.fullmatch(text):
        raise _refused("area", "code", "give one ONS code or the code of a unit")
    return text
