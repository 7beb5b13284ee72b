"""The report as a workbook: values only, the council's table ready to print, each other table on its own sheet."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.reporting_api.renders.figure_tables import Number
from services.reporting_api.renders.outline import lay_out
from services.reporting_api.renders.tables import DataTable, Value, data_tables
from services.reporting_api.renders.wording import capital
from shared.schemas.board_report import BoardReport

_LONGEST_NAME, _NARROWEST, _WIDEST = 31, 9, 46
_RAG = {"Green": ("#D9EFDF", "#1B7A3D"), "Amber": ("#FDEBC8", "#A8570B"), "Red": ("#F9D9D6", "#A4201A")}
_CHANGED = "Shown before as"
_NEVER = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


def as_workbook(report: BoardReport) -> bytes:
    """No formula, no link, no macro; the same report gives the same bytes."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, _NEVER) as book:
        moment = report.published_at or report.as_of
        book.set_properties(
            {
                "title": f"{report.title}, {report.period.label}",
                "author": report.board.name,
                "comments": f"Content hash {report.content_hash}",
                "created": moment.replace(tzinfo=None),
            }
        )
        sheets = _Sheets(book, report)
        sheets.cover()
        for table in data_tables(report):
            sheets.add(table)
    return written.getvalue()


class _Sheets:
    """The sheets of one workbook, and the looks of their cells."""

    def __init__(self, book: xlsxwriter.Workbook, report: BoardReport) -> None:
        self._book, self._report, self._laid = book, report, lay_out(report)
        self._looks: dict[tuple[tuple[str, Any], ...], Format] = {}

    def _look(self, **given: Any) -> Format:
        key = tuple(sorted({"valign": "top", "font_name": "Arial", "font_size": 10, **given}.items()))
        if key not in self._looks:
            self._looks[key] = self._book.add_format(dict(key))
        return self._looks[key]

    def _sheet(self, title: str) -> Worksheet:
        sheet = self._book.add_worksheet(title[:_LONGEST_NAME])
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        head = f"{self._laid.title[:80]}, {self._laid.period}".replace("&", "&&")
        sheet.set_header(f"&L{head}&R{self._laid.mark or ''}")
        sheet.set_footer(f"&L&8Content hash {self._laid.fingerprint}&R&8Page &P of &N")
        return sheet

    def cover(self) -> None:
        """What the report is, what it says in short, and how to read the sheets."""
        sheet = self._sheet("Report")
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 100)
        deep = {"bold": True, "font_color": "#12436D"}
        sheet.write_string(0, 0, self._laid.board, self._look(bold=True))
        sheet.write_string(1, 0, self._laid.title, self._look(**deep | {"font_size": 18}))
        sheet.write_string(2, 0, self._laid.period, self._look(font_size=12))
        row = 4
        for label, words in [*self._mark(), *self._laid.facts, *self._short(), *self._foot()]:
            sheet.write_string(row, 0, label, self._look(bold=True))
            sheet.write_string(row, 1, words, self._look(text_wrap=True))
            row += 1

    def _mark(self) -> list[tuple[str, str]]:
        return [(self._laid.mark or "Note", " ".join([one.text, *one.items])) for one in self._laid.opening]

    def _short(self) -> list[tuple[str, str]]:
        return [("In short" if not place else "", words) for place, words in enumerate(self._report.headlines)]

    def _foot(self) -> list[tuple[str, str]]:
        return [("About" if not place else "", one.text) for place, one in enumerate(self._laid.closing)]

    def add(self, table: DataTable) -> None:
        sheet = self._sheet(table.title)
        head = self._look(bold=True, text_wrap=True, bg_color="#12436D", font_color="#FFFFFF", valign="bottom")
        for place, name in enumerate(table.columns):
            sheet.write_string(0, place, name, head)
            sheet.set_column(place, place, _width(table, place))
        for place, row in enumerate(table.rows, 1):
            changed = _CHANGED in table.columns and row[table.columns.index(_CHANGED)] is not None
            for column, value in enumerate(row):
                self._write(
                    sheet, place, column, value, marked=changed and table.columns[column] in ("Latest", _CHANGED)
                )
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        sheet.repeat_rows(0)

    def _write(self, sheet: Worksheet, row: int, column: int, value: Value, *, marked: bool) -> None:
        given: dict[str, Any] = {"bg_color": "#E6EEF5", "bold": True} if marked else {}
        match value:
            case None:
                return
            case bool():
                sheet.write_boolean(row, column, value, self._look(**given))
            case Number():
                self._write_number(sheet, row, column, value, given)
            case float() | int():
                sheet.write_number(row, column, value, self._look(**given))
            case datetime():
                sheet.write_string(row, column, value.isoformat(), self._look(**given))
            case date():
                look = self._look(num_format="d mmm yyyy", align="left", **given)
                sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), look)
            case _:
                if value in _RAG:
                    fill, ink = _RAG[value]
                    given = {"bg_color": fill, "font_color": ink, "bold": True}
                sheet.write_string(row, column, value, self._look(text_wrap=True, **given))

    def _write_number(self, sheet: Worksheet, row: int, column: int, one: Number, given: dict[str, Any]) -> None:
        if one.value is None:
            sheet.write_string(row, column, str(one.status or one.display), self._look(align="right", **given))
        else:
            sheet.write_number(row, column, one.value, self._look(num_format=number_format(one.display), **given))


def number_format(display: str) -> str:
    """With as many places as the report shows, and its sign of percent."""
    digits = display.rstrip("%")
    places = len(digits.partition(".")[2]) if "." in digits else 0
    percent = '"%"' if display.endswith("%") else ""
    return f"#,##0{'.' + '0' * places if places else ''}{percent}"


def _width(table: DataTable, place: int) -> float:
    longest = max((len(_shown(row[place])) for row in table.rows), default=0)
    return float(min(_WIDEST, max(_NARROWEST, longest + 2, min(14, len(table.columns[place]) + 2))))


def _shown(value: Value) -> str:
    return value.display if isinstance(value, Number) else capital(str(value)) if value is not None else ""
