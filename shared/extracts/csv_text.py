"""Rows as CSV (RFC 4180), with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from shared.extracts.tables import ColumnKind, Table

# What a spreadsheet takes for the beginning of a formula; a leading apostrophe makes it text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def header(table: Table) -> str:
    return _lines([table.names])


def lines(table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    """One line a row, in the order of the table's columns."""
    kinds = [(column.name, column.kind) for column in table.columns]
    return _lines([[cell(row[name], kind) for name, kind in kinds] for row in rows])


def cell(value: Any, kind: ColumnKind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if kind == "text" and text.startswith(_FORMULA) else text


def _lines(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
