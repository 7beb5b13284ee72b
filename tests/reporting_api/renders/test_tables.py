"""The workbook and the CSV tables: numbers are numbers, symbols stand where they are hidden, and nothing runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.reporting_api.renders.council_table import council_table
from services.reporting_api.renders.csv_files import as_csv, as_zip, cell
from services.reporting_api.renders.tables import data_tables
from services.reporting_api.renders.workbook import as_workbook, number_format
from tests.reporting_api.renders.largest_pack import largest_pack
from tests.reporting_api.renders.pack_measures import measure

RUNS = ('=HYPERLINK("http://example.invalid")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_council_s_table_has_numbers_as_numbers_and_symbols_where_they_are_hidden() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_workbook(largest_pack())))
    head, *rows = book.get_sheet_by_name("Council table").to_python()
    told = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(told) == 20
    first = told["Referrals to children's social care"]
    assert (first["One before"], first["Latest"], first["Year end"], first["Target"]) == (16.1, 15.3, 20.6, 19.0)
    assert (first["RAG"], first["Shown before as"], first["Neighbours' best"]) == ("Green", "23.8", 17.0)
    assert told["Placed more than 20 miles from home"]["Latest"] == "c"


def test_how_a_measure_runs_against_its_target_begins_like_a_sentence() -> None:
    one = measure(1).model_copy(update={"assurance_words": "as it runs now it will miss the target"})
    assert "As it runs now it will miss the target" in council_table("", [one]).rows[0][0].below


def test_every_figure_period_team_and_row_of_the_report_is_in_a_table() -> None:
    report = largest_pack()
    tables = {one.code: one for one in data_tables(report)}
    assert (len(tables["figures"].rows), len(tables["trend"].rows), len(tables["teams"].rows)) == (20, 240, 84)
    items = [item for section in report.sections for item in section.items]
    for kind in {item.type for item in items}:
        assert len(tables[kind].rows) == sum(item.type == kind for item in items)
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_workbook(report)))
    assert book.sheet_names == ["Report", *(one.title for one in tables.values())]
    with zipfile.ZipFile(io.BytesIO(as_zip(report))) as archive:
        assert archive.namelist() == [f"{code}.csv" for code in tables]
        for code, table in tables.items():
            assert len(rows_of(archive.read(f"{code}.csv").decode())) == len(table.rows)


def test_the_same_report_gives_the_same_workbook_and_archive() -> None:
    assert as_workbook(largest_pack()) == as_workbook(largest_pack())
    assert as_zip(largest_pack()) == as_zip(largest_pack())


def test_what_would_run_in_a_spreadsheet_is_text_in_the_workbook_and_held_still_in_csv() -> None:
    report = largest_pack()
    report.sections[-1].narrative, report.headlines, report.title = RUNS[0], list(RUNS), RUNS[0]
    book = as_workbook(report)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        assert not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet for sheet in sheets)
        assert not any("vbaProject" in name or "externalLink" in name for name in archive.namelist())
    told = rows_of(as_csv(report, "texts").decode())
    assert {f"'{text}" for text in RUNS} <= {row["Text"] for row in told}


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_text_begins_as_a_formula_does(text: str) -> None:
    written = cell(text)
    assert not written.lstrip().startswith(("=", "+", "-", "@"))
    assert written.removeprefix("'") == text.removeprefix("'")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 4), st.booleans())
def test_a_number_is_formatted_with_the_places_it_is_shown_with(value: float, places: int, percent: bool) -> None:
    found = number_format(f"{value:,.{places}f}{'%' if percent else ''}")
    assert re.fullmatch(r'#,##0(\.0+)?("%")?', found)
    assert (found.count("0") - 1, '"%"' in found) == (places, percent)
