"""Turns rows of another's table into rows of ours, as a mapping says; knows nothing of files or the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from services.indicator_api.mappings.header import Header, folded
from services.indicator_api.mappings.periods import Periods
from services.indicator_api.mappings.schemas import Column, MappedFigureIn, MappingIn

COLUMNS: tuple[Column, ...] = get_args(Column)
_SLOT = {name: at for at, name in enumerate(COLUMNS)}
_FIGURE = [_SLOT[name] for name in ("numerator", "denominator", "value", "value_status")]
Table = Mapping[str, str]
# The nine cells of COLUMNS, or None for a figure that is left out.
Cells = list[str] | None


class WrongWidth(Exception):
    """The row has more or fewer cells than the header."""


class Reading:
    """How one mapping reads rows: first `see` the header, then each row gives `width` figures."""

    def __init__(self, mapping: MappingIn, la_numbers: Table) -> None:
        self.mapping = mapping
        self.width = max(1, len(mapping.figures))
        self._tables: dict[int, Table] = {
            _SLOT[column]: {folded(theirs): ours for theirs, ours in table.items()}
            for column, table in mapping.translations.items()
        }
        if mapping.area_by == "la_number":
            self._tables[_SLOT["area"]] = {**la_numbers, **self._tables.get(_SLOT["area"], {})}

    def see(self, names: Sequence[str]) -> None:
        """Find the columns; raises HeaderFaults naming each that is missing, stands twice or is not expected."""
        mapping, header = self.mapping, Header(names)
        common = header.places(mapping.columns, "/mapping/columns")
        asked = [] if mapping.period is None else mapping.period.columns
        periods = [header.place(name, "/mapping/period/columns") for name in asked]
        self._parts = header.places(mapping.breakdown, "/mapping/breakdown")
        only = header.places({name: name for name in mapping.only}, "/mapping/only")
        figures = mapping.figures or [MappedFigureIn()]
        each = [header.places(one.columns, f"/mapping/figures/{at}/columns") for at, one in enumerate(figures)]
        header.check(refuse_others=mapping.other_columns == "refuse")
        self._only = [(place, frozenset(map(folded, mapping.only[name]))) for name, place in only.items()]
        self._periods = None if mapping.period is None else Periods(mapping.period, periods)
        self._columns = len(names)
        if periods:
            common["period"] = periods[0]
        if self._parts:
            common["breakdown"] = next(iter(self._parts.values()))
        self._figures = [
            _Figure({**mapping.constants, **one.constants}, {**common, **places}, self._tables)
            for one, places in zip(figures, each, strict=True)
        ]

    def position(self, figure: int, column: str | None) -> int | None:
        """Where a column of ours stands in their table, from 1; None where it is not read from one."""
        return None if column is None else self._figures[figure].positions.get(column)

    def figures(self, row: list[str]) -> list[Cells] | None:
        """The figures of a row; None for a row that is not to be read. Raises WrongWidth."""
        if len(row) != self._columns:
            row = self._cut(row)
        if any(folded(row[place]) not in wanted for place, wanted in self._only):
            return None
        period = None if self._periods is None else self._periods.read(row)
        parts = self._breakdown(row) if self._parts else None
        made: list[Cells] = []
        for figure in self._figures:
            cells = figure.cells(row)
            if period is not None:
                cells[_SLOT["period"]] = period
            if parts is not None:
                cells[_SLOT["breakdown"]] = parts
            blank = self.mapping.blank_figures == "skip" and not any(cells[slot].strip() for slot in _FIGURE)
            made.append(None if blank else cells)
        return made

    def _cut(self, row: list[str]) -> list[str]:
        """Without the empty cells that some systems write at the end of a row."""
        if len(row) < self._columns or any(row[self._columns :]):
            raise WrongWidth
        return row[: self._columns]

    def _breakdown(self, row: list[str]) -> str:
        table = self._tables.get(_SLOT["breakdown"], {})
        values = ((code, row[place].strip()) for code, place in self._parts.items())
        translated = ((code, table.get(folded(value), value)) for code, value in values)
        return ";".join(f"{code}={value}" for code, value in translated if value)


class _Figure:
    """What makes one figure of a row: cells that are always the same, and columns with their translations."""

    def __init__(
        self,
        constants: Mapping[Column, str],
        places: Mapping[Column, int],
        tables: Mapping[int, Table],
    ) -> None:
        self._empty = [constants.get(name, "") for name in COLUMNS]
        slots = [(_SLOT[name], place) for name, place in places.items()]
        self._cells = [(slot, place, tables.get(slot)) for slot, place in slots]
        self.positions: dict[str, int] = {name: place + 1 for name, place in places.items()}

    def cells(self, row: list[str]) -> list[str]:
        made = self._empty.copy()
        for slot, place, table in self._cells:
            cell = row[place]
            made[slot] = cell if table is None else table.get(folded(cell), cell)
        return made
