"""Rows as CSV (RFC 4180), with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from shared.extracts.tables import ColumnKind, Table

# What a spreadsheet takes for the beginning of a formula; a leading apostrophe makes it text again.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANK = ("\t", "\r", "\n")


def header(table: Table) -> str:
    return written([table.names])


def lines(table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    """One line a row, in the order of the table's columns."""
    kinds = [(column.name, column.kind) for column in table.columns]
    return written([[cell(row[name], kind) for name, kind in kinds] for row in rows])


def cell(value: Any, kind: ColumnKind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return defused(str(value)) if kind == "text" else str(value)


def defused(text: str) -> str:
    """A text that a spreadsheet would run, held still; every CSV file that the services give is written through it."""
    return f"'{text}" if text.startswith(_BLANK) or text.lstrip().startswith(_FORMULA) else text


def written(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as lines."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return lines.getvalue()
