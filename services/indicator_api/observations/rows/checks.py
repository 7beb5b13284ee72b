"""Checks rows of figures against the data dictionary: one pass, whatever form the rows came in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter
from typing import NamedTuple

from services.indicator_api.days import first_day
from services.indicator_api.definitions import Definition
from services.indicator_api.observations.rows import cells
from services.indicator_api.observations.rows.cells import COLUMNS, CellFault, Memo
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period, PeriodError

_ABSENT = (ValueStatus.c, ValueStatus.z, ValueStatus.x)
# More digits than any figure is published with, so that rounding to its decimal places is never done twice.
_DERIVED_PLACES = Decimal("1e-10")


# Where a row stands: its number among the rows, from 1, and its line in the file where there are lines.
Place = tuple[int, int | None]
# Either the nine cells of COLUMNS, or why the row could not be read at all.
Row = Sequence[str] | CellFault
# A row ready to be stored, all in text: its number, then FIELDS; '' is null, and in the breakdown the total.
Checked = tuple[str, ...]
FIELDS = ("row", *COLUMNS, "definition_version")
_where = itemgetter(1, 2)
Refuse = Callable[[Place, list[CellFault]], None]
Warn = Callable[[Place, CellFault], None]


class Batch(NamedTuple):
    """Some rows that follow each other, and where the first of them stands."""

    row: int
    line: int | None
    rows: Sequence[Row]

    def place(self, at: int) -> Place:
        return self.row + at, None if self.line is None else self.line + at


_OVER = CellFault(
    "numerator", "numerator_over_denominator", "the numerator of a percentage is greater than its denominator"
)
_IMPOSSIBLE = CellFault("value", "impossible", "a share is from 0 to 100 per cent, a number or rate not below 0")
_IMPLAUSIBLE = CellFault("value", "implausible", "the value is outside what the quality rule expects")
_NOT_WHOLE = CellFault("value", "not_whole", "the quality rule expects a whole number")


_ENDLESS = float("inf")
# What a value of a measure can be at all. A percentage of something it is no part of has a wider quality rule.
_POSSIBLE = {Measure.percentage: (0.0, 100.0), Measure.count: (0.0, _ENDLESS), Measure.rate: (0.0, _ENDLESS)}


class Rule:
    """How one indicator's figures are checked."""

    def __init__(
        self,
        definition: Definition,
        dimensions: Mapping[str, Mapping[str, str]],
        numerators: tuple[Memo[str, str], Memo[str, str]],
        today: Callable[[], date],
    ) -> None:
        self.code = definition.code
        self.version = str(definition.version)
        self.measure = definition.measure
        self.protects = definition.protects
        self.multiplier = definition.multiplier
        # A sum of money, or what a mean is made of, may be below nought.
        self.numerators = numerators[definition.measure in (Measure.money, Measure.mean)]
        self.periods = Memo(self._period, 2_000)
        self.breakdowns = Memo(cells.breakdowns(dimensions), 2_000)
        quality = definition.content.get("quality_rule") or {}
        minimum, maximum = quality.get("minimum"), quality.get("maximum")
        self.whole = bool(quality.get("whole_number"))
        least, most = _POSSIBLE.get(definition.measure, (-_ENDLESS, _ENDLESS))
        self.least, self.most = min(least, minimum or 0), max(most, maximum or 0)
        self.lowest = self.least if minimum is None else minimum
        self.highest = self.most if maximum is None else maximum
        self.share = definition.measure is Measure.percentage and self.most <= most
        self._kind = definition.period_kind
        self._today = today

    def _period(self, cell: str) -> str:
        try:
            period = Period.parse(cell.strip())
        except PeriodError:
            raise cells.period_hint(cell) from None
        if period.kind is not self._kind:
            words = self._kind.value.replace("_", " ")
            raise CellFault("period", "period_kind", f"this indicator has a figure for each {words}")
        # One that has begun but not ended is the year to date; once begun it stays so, and may be remembered.
        if first_day(period) > self._today():
            raise CellFault("period", "period_not_begun", "this period has not begun; there is no figure of it yet")
        return period.code

    def derived(self, numerator: str, denominator: str) -> str:
        """The value made of its parts; raises CellFault where they are not there."""
        if self.measure is Measure.count and numerator:
            return numerator
        if self.measure in (Measure.count, Measure.ordinal) or not (numerator and denominator):
            detail = "give a value, or what it is made of, or a value_status of c, z or x that says why there is none"
            raise CellFault("value", "value_missing", detail)
        if not Decimal(denominator):
            detail = "nothing can be divided by 0: give a value_status of z or x, or leave the row out"
            raise CellFault("denominator", "zero_denominator", detail)
        factor = 100 if self.measure is Measure.percentage else self.multiplier or 1
        exact = Decimal(numerator) * factor / Decimal(denominator)
        return cells.plain(exact.quantize(_DERIVED_PLACES, ROUND_HALF_UP).normalize())


class Rules:
    """The rules of every indicator, and what was made of the cells seen so far."""

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        values_from: Mapping[str, Sequence[str]],
        today: Callable[[], date],
    ) -> None:
        numerators = (
            Memo(cells.number("numerator", negative=False)),
            Memo(cells.number("numerator", negative=True)),
        )
        self.by_code = {
            code: Rule(definition, _dimensions(definition, values_from), numerators, today)
            for code, definition in definitions.items()
        }
        self.indicators = Memo(cells.known("indicator", self.by_code, "an indicator"), 5_000)
        self.denominators = Memo(cells.number("denominator", negative=False))
        self.values = Memo(cells.value_cell)
        self.statuses = Memo(cells.status_cell, 100)
        self.sources = Memo(cells.single_line("source_ref", cells.LONGEST_SOURCE), 5_000)
        self.protected: Memo[tuple[str, str], bool] = Memo(lambda at: self.by_code[at[0]].protects(at[1]))


class Checker:
    """Checks the rows of one caller, who may record figures for some places and not for others."""

    def __init__(self, rules: Rules, places: Mapping[str, str]) -> None:
        self._rules = rules
        self._areas = Memo(cells.known("area", places, "an area or unit"), 5_000)

    def check(self, batch: Batch, refuse: Refuse, warn: Warn) -> list[Checked]:
        """The good rows; each bad one is refused with every fault in it, each doubtful one warned of.

        One flat loop over dictionaries, because it decides how fast a file is read.
        """
        indicators, areas, sources = self._rules.indicators, self._areas, self._rules.sources
        denominators, values, statuses = self._rules.denominators, self._rules.values, self._rules.statuses
        good: list[Checked] = []
        for at, row in enumerate(batch.rows):
            try:
                code, area, period, breakdown, numerator, denominator, value, status, source = row  # type: ignore[misc]
                rule = indicators[code]
                numerator = rule.numerators[numerator]
                denominator = denominators[denominator]
                value, symbol = values[value]
                status = statuses[status]
                if symbol or status or not value:
                    value, status = _settle(rule, numerator, denominator, value, symbol, status)
                checked = (
                    str(batch.row + at), rule.code, areas[area], rule.periods[period], rule.breakdowns[breakdown],
                    numerator, denominator, value, status, sources[source], rule.version,
                )  # fmt: skip
                if rule.share and numerator and denominator and float(numerator) > float(denominator):
                    raise _OVER
            except (CellFault, TypeError, ValueError) as error:
                refuse(batch.place(at), self._faults(row, error))
                continue
            if value and not rule.lowest <= float(value) <= rule.highest:
                if not rule.least <= float(value) <= rule.most:
                    refuse(batch.place(at), [_IMPOSSIBLE])
                    continue
                warn(batch.place(at), _IMPLAUSIBLE)
            elif rule.whole and "." in value and Decimal(value) % 1:
                warn(batch.place(at), _NOT_WHOLE)
            good.append(checked)
        return good

    def protects(self, rows: Sequence[Checked]) -> bool:
        """Whether any of the good rows is one whose small numbers are hidden."""
        return any(map(self._rules.protected.__getitem__, map(_where, rows)))

    def _faults(self, row: Row, error: Exception) -> list[CellFault]:
        """Every cell that is wrong by itself, or what is wrong with the cells together."""
        if isinstance(row, CellFault):
            return [row]
        if len(row) != len(COLUMNS):
            return [CellFault(None, "cells", "the row has more or fewer cells than the header")]
        rules = self._rules
        rule = rules.by_code.get(row[0].strip())
        memos: list[Mapping[str, object] | None] = [
            rules.indicators, self._areas, rule.periods if rule else None, rule.breakdowns if rule else None,
            rule.numerators if rule else None, rules.denominators, rules.values, rules.statuses, rules.sources,
        ]  # fmt: skip
        found = []
        for column, memo, cell in zip(COLUMNS, memos, row, strict=True):
            try:
                _refuse_unreadable(column, cell)
                if memo is not None:
                    memo[cell]
            except CellFault as fault:
                found.append(fault)
        if not found and not isinstance(error, CellFault):
            raise error
        return found or [error]  # type: ignore[list-item]


def _refuse_unreadable(column: str, cell: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in cell):
        raise CellFault(column, "not_utf8", "this is not text in UTF-8")
    if "\x00" in cell:
        raise CellFault(column, "nul_character", "there is a NUL character in this cell")
    cells.refuse_error(column, cell)


def _settle(rule: Rule, numerator: str, denominator: str, value: str, symbol: str, status: str) -> tuple[str, str]:
    """Value and status of a row that has a symbol or lacks its value."""
    if symbol and status and symbol != status:
        raise CellFault("value_status", "two_symbols", "the symbol in the value is another than the value_status")
    status = status or symbol
    if status in _ABSENT:
        if value:
            raise CellFault("value", "value_with_status", "a figure that is c, z or x has no value")
        if status == ValueStatus.c and numerator:
            raise CellFault("numerator", "confidential", "a figure that is confidential has no numerator either")
        return "", status
    if status == ValueStatus.k:
        if value and Decimal(value):
            raise CellFault("value", "not_zero", "the value_status k stands with a value of 0")
        return "0", status
    return value or rule.derived(numerator, denominator), status


def _dimensions(definition: Definition, values_from: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    return {
        one["code"]: {
            value.casefold(): value
            for value in (values_from.get(one["values_from"], ()) if one["values_from"] else one["values"])
        }
        for one in definition.content.get("dimensions", ())
    }
