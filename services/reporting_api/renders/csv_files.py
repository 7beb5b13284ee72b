"""The tables as CSV (RFC 4180), alone or all together, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

from services.reporting_api.renders.errors import UnknownTable
from services.reporting_api.renders.figure_tables import Number
from services.reporting_api.renders.tables import DataTable, Value, data_tables
from shared.extracts import csv_text
from shared.schemas.board_report import BoardReport

# A spreadsheet takes a file without it for another alphabet.
_MARK = "\ufeff"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def as_csv(report: BoardReport, table: str) -> bytes:
    """One table; raises UnknownTable with the names of those there are."""
    tables = {one.code: one for one in data_tables(report)}
    if table not in tables:
        raise UnknownTable(f"This report has: {', '.join(tables)}.")
    return _text(tables[table]).encode()


def as_zip(report: BoardReport) -> bytes:
    """Every table as a file of its own; the same report gives the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in data_tables(report):
            entry = zipfile.ZipInfo(f"{one.code}.csv", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _text(one))
    return written.getvalue()


def _text(table: DataTable) -> str:
    return _MARK + csv_text.written([table.columns, *([cell(value) for value in row] for row in table.rows)])


def cell(value: Value) -> str:
    """A number plainly, its symbol where it is hidden; a text that would run is held still."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Number():
            return (value.status or "") if value.value is None else f"{value.value:.15g}"
        case float() | int():
            return f"{value:.15g}"
        case datetime() | date():
            return value.isoformat()
    return csv_text.defused(value)
