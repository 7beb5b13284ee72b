"""Reads periods as other systems write them."""

from __future__ import annotations

import re
from datetime import date

from services.indicator_api.mappings.schemas import PeriodIn
from shared.schemas.dfe_periods import from_dfe
from shared.schemas.periods import Period, PeriodError

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]+)?")
_BRITISH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]+)?")
_MONTH = re.compile(r"([a-z]{3})[a-z]{0,6}[ -]([0-9]{2}|[0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_KNOWN = 5_000


class Periods:
    """Reads the period of each row; what cannot be read stays as it is, for the check of rows to refuse."""

    def __init__(self, mapping: PeriodIn, places: list[int]) -> None:
        self._mapping = mapping
        self._places = places
        self._known: dict[tuple[str, ...], str] = {}

    def read(self, row: list[str]) -> str:
        cells = tuple(row[place].strip() for place in self._places)
        found = self._known.get(cells)
        if found is None:
            found = self._read(cells)
            if len(self._known) < _MOST_KNOWN:
                self._known[cells] = found
        return found

    def _read(self, cells: tuple[str, ...]) -> str:
        try:
            if self._mapping.reading == "date":
                return Period.containing(self._mapping.kind, day_of(cells[0])).code
            identifier = self._mapping.identifier or cells[1]
            return from_dfe(cells[0].replace("/", "").replace("-", ""), identifier).code
        except (PeriodError, ValueError):
            return cells[0]


def day_of(text: str) -> date:
    """`2026-04-01`, `01/04/2026`, or the first of `Apr-26` and `April 2026`; raises ValueError."""
    if found := _ISO.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _BRITISH.fullmatch(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if found := _MONTH.fullmatch(text.lower()):
        year = int(found[2])
        return date(year if year > 99 else 2000 + year, _MONTHS.index(found[1]) + 1, 1)
    raise ValueError("no day")
