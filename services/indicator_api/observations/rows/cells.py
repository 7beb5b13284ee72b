"""What one cell of a row may hold, and the canonical text that is made of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from shared.faults import SafeValueError
from shared.schemas.base import clean_text
from shared.schemas.figures import parse_cell, read_status

K = TypeVar("K")
T = TypeVar("T")
COLUMNS = (
    "indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status", "source_ref"
)  # fmt: skip
NUMBERS = frozenset({"numerator", "denominator", "value"})
LONGEST_BREAKDOWN, LONGEST_SOURCE = 100, 200
_PLAIN = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,20})?")
_EXCEL_DATE = re.compile(r"[2-6][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+)?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
# What stands in a cell that does not tell what it holds; as the text of a breakdown it would pass for a group.
_SPREADSHEET_ERRORS = frozenset(
    ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
# A spreadsheet runs a cell that begins so; nothing of ours ever does.
_FORMULA = ("=", "+", "-", "@")
_LINE = re.compile(r"[\t\r\n]")


class CellFault(Exception):
    """Why a row cannot be stored: the column (None for the row as a whole), a code, a sentence without the value."""

    def __init__(self, column: str | None, code: str, detail: str) -> None:
        super().__init__(code)
        self.column, self.code, self.detail = column, code, detail


class Memo(dict[K, T]):
    """Remembers what was made of cells, up to a bound: files repeat themselves, and memory must not grow with them."""

    def __init__(self, make: Callable[[K], T], bound: int = 20_000) -> None:
        super().__init__()
        self._make, self._bound = make, bound

    def __missing__(self, cell: K) -> T:
        made = self._make(cell)
        if len(self) < self._bound:
            self[cell] = made
        return made


def refuse_error(column: str, cell: str) -> None:
    """Raises CellFault where a spreadsheet's cell does not tell what it holds."""
    if cell.startswith("#") and cell.strip() in _SPREADSHEET_ERRORS:
        detail = (
            "the formula of this cell failed or was never worked out, or a merged cell covers it; mend the workbook"
        )
        raise CellFault(column, "spreadsheet_error", detail)


def known(column: str, codes: Mapping[str, T], what: str) -> Callable[[str], T]:
    """Looks a code up; spaces around it are a slip, not part of it."""

    def find(cell: str) -> T:
        found = codes.get(cell.strip())
        if found is not None:
            return found
        if not cell.strip():
            raise CellFault(column, "missing", f"give the code of {what}")
        raise CellFault(column, f"unknown_{column}", f"this is not the code of {what} you may record figures for")

    return find


def number(column: str, *, negative: bool) -> Callable[[str], str]:
    """Reads a number as plain digits; '' for an empty cell."""

    def read(cell: str) -> str:
        text = cell if _PLAIN.fullmatch(cell) else _published_number(column, cell)
        if text.startswith("-") and not negative and Decimal(text):
            raise CellFault(column, "negative", "a number of people or things is not negative")
        return text

    return read


def _published_number(column: str, cell: str) -> str:
    """Numbers as tables print them: `1,234`, `£5.20`, `1e3`."""
    if not cell.strip():
        return ""
    try:
        value, status = parse_cell(cell)
    except SafeValueError as error:
        raise CellFault(column, "number", str(error)) from None
    if value is None or status is not None:
        raise CellFault(column, "number", "give a number or leave this empty")
    return plain(value)


def value_cell(cell: str) -> tuple[str, str]:
    """Reads a figure or the symbol in its place: number and status, '' for what is not there."""
    if _PLAIN.fullmatch(cell):
        return cell, ""
    if not cell.strip():
        return "", ""
    try:
        value, status = parse_cell(cell)
    except SafeValueError as error:
        raise CellFault("value", "number", str(error)) from None
    return ("" if value is None else plain(value)), status or ""


def status_cell(cell: str) -> str:
    """Reads a status symbol, obsolete ones too; '' for an empty cell."""
    if not cell.strip():
        return ""
    try:
        return read_status(cell).value
    except SafeValueError as error:
        raise CellFault("value_status", "value_status", str(error)) from None


def plain(value: Decimal) -> str:
    """A number in digits without an exponent, within the range a figure can have."""
    if value and not -20 <= value.adjusted() <= 12:
        raise CellFault("value", "number", "the number is outside the range a figure can have")
    return format(value, "f")


def single_line(column: str, longest: int) -> Callable[[str], str]:
    """Reads a short text; '' for an empty cell."""

    def read(cell: str) -> str:
        text = cell.strip(" ")
        refuse_error(column, text)
        if text.startswith(_FORMULA):
            raise CellFault(column, "formula", "a text that begins with = + - or @ would run in a spreadsheet")
        if _LINE.search(text):
            raise CellFault(column, "text", "give this on one line, without tabs")
        try:
            text = clean_text(text)
        except SafeValueError as error:
            raise CellFault(column, "text", str(error)) from None
        if any(unicodedata.category(character) in ("Cf", "Zl", "Zp") for character in text):
            raise CellFault(column, "text", "there is an invisible character in this text")
        if len(text) > longest:
            raise CellFault(column, "too_long", f"give at most {longest} characters")
        return text

    return read


def period_hint(cell: str) -> CellFault:
    """The fault of a period that cannot be read; a spreadsheet's date is recognised."""
    if _EXCEL_DATE.fullmatch(cell.strip()):
        return CellFault("period", "spreadsheet_date", "this looks like a spreadsheet's date; write 2026-04")
    form = "give a period as 2026-04, CY2026, FY2026-27, FY2026-27-Q1, RY2026, AY2026-27, AY2026-27-T1 or -HT1"
    return CellFault("period", "period", form)


def breakdowns(dimensions: Mapping[str, Mapping[str, str]]) -> Callable[[str], str]:
    """Reads `dimension=value` parts joined by `;` into their order; declared dimensions bind, others are free text."""
    clean = single_line("breakdown", LONGEST_BREAKDOWN)

    def read(cell: str) -> str:
        text = clean(cell)
        if not text:
            return ""
        parts: dict[str, str] = {}
        for part in text.split(";"):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if dimensions and not (equals and name in dimensions):
                raise CellFault("breakdown", "unknown_dimension", "give dimension=value with a dimension it declares")
            if name in parts:
                raise CellFault("breakdown", "dimension_twice", "a dimension stands twice")
            parts[name] = f"{name}={_dimension_value(dimensions, name, value)}" if equals else name
        return ";".join(parts[name] for name in sorted(parts))

    return read


def _dimension_value(dimensions: Mapping[str, Mapping[str, str]], name: str, value: str) -> str:
    if not value:
        raise CellFault("breakdown", "breakdown", "a dimension stands without its value")
    if name not in dimensions:
        return value
    found = dimensions[name].get(value.casefold())
    if found is None:
        raise CellFault("breakdown", "unknown_value", "this is not one of the values the dimension declares")
    return found


def json_cell(column: str, value: Any) -> str:
    """One value of a JSON item as the text a cell would hold; numbers only where numbers belong."""
    kind = type(value)
    if value is None:
        return ""
    if column not in NUMBERS:
        if not isinstance(value, str):
            raise CellFault(column, "text", "give this as text")
        return str(value)
    if kind is int:
        if not -(10**13) < value < 10**13:
            raise CellFault(column, "number", "the number is outside the range a figure can have")
    elif kind in (bool, str, list, dict):
        raise CellFault(column, "number", "give a JSON number or null")
    return str(value)
