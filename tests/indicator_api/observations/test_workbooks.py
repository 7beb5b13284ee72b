"""Workbooks: the first visible sheet is read as CSV is, and what would hurt the service is refused before it can."""

from __future__ import annotations

import asyncio
import io
import os
import re
import resource
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
import xlsxwriter

from services.indicator_api.observations.files import workbook_sheet
from services.indicator_api.observations.files.media import WORKBOOK
from tests.conftest import Running
from tests.indicator_api.observations.files import COLUMNS, IMPORTS, body, counts, many, row, send, stored

Fill = Callable[[Any, Any], None]


def workbook(fill: Fill) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(made, made.add_worksheet("Figures"))
    made.close()
    return out.getvalue()


def table(rows: list[dict[str, Any]], first: int = 0) -> bytes:
    """Rows of figures as a workbook, their header on a row of the sheet."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(first, 0, COLUMNS)
        for at, one in enumerate(rows, start=first + 1):
            sheet.write_row(at, 0, [one[name] for name in COLUMNS])

    return workbook(fill)


async def post(client: httpx.AsyncClient, content: bytes, **query: Any) -> httpx.Response:
    return await client.post(IMPORTS, content=content, headers={"Content-Type": WORKBOOK}, params=query)


async def test_a_workbook_says_the_same_as_the_csv_and_is_replayed(indicator: Running) -> None:
    client = await indicator.client("analyst")
    rows = [*many(2_500), row(value=412.5), row(indicator="rereferrals", period="RY2025", value=None, numerator=1,
                                                denominator=8)]  # fmt: skip
    assert counts(await post(client, table(rows))) == (2_502, 0, 0, 0)
    again = await send(client, body("csv", rows))
    assert again.json()["replayed"] is True
    assert (await post(client, table(rows))).json()["replayed"] is True
    kinds = [item["kind"] for item in (await client.get(IMPORTS)).json()["items"]]
    assert kinds == ["xlsx", "csv", "xlsx"]


async def test_a_fault_is_named_by_the_row_of_figures_and_the_row_of_the_sheet(indicator: Running) -> None:
    client = await indicator.client("analyst")

    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(2, 1, ["indicator", "area", "period", "value"])
        sheet.write_row(4, 1, ["referrals_monthly", "E06000059", "2026-04", 12])
        sheet.write_row(7, 1, ["referrals_monthly", "nowhere", "2026-05", 12])

    refused = await post(client, workbook(fill))
    assert refused.status_code == 422
    assert [(e["row"], e["line"], e["column"], e["code"]) for e in refused.json()["errors"]] == [
        (2, 8, "area", "unknown_area")
    ]
    assert counts(await post(client, workbook(fill), mode="partial")) == (1, 0, 0, 1)


async def test_cells_are_read_as_the_sheet_shows_them(indicator: Running) -> None:
    client = await indicator.client("analyst")

    def fill(made: Any, sheet: Any) -> None:
        share = made.add_format({"num_format": "0.0%"})
        sheet.write_row(0, 0, ["indicator", "area", "period", "numerator", "denominator", "value"])
        sheet.write_row(1, 0, ["rereferrals", "E06000059", "RY2025", None, None])
        sheet.write_number(1, 5, 0.218, share)
        sheet.write_row(2, 0, ["referrals_monthly", "E06000059", "2026-04", None, None])
        sheet.write_formula(2, 5, "=200+12", None, 212)
        sheet.write_row(3, 0, ["referrals_monthly", "E06000059", "2026-05", None, None, 0.1 + 0.2])
        sheet.write_row(4, 0, ["referrals_monthly", "E06000059", "2026-06", None, None, "c"])

    assert counts(await post(client, workbook(fill))) == (4, 0, 0, 0)
    found = {item["period"]: (item["value"], item["value_status"]) for item in await stored(client)}
    assert found == {"RY2025": (21.8, None), "2026-04": (212, None), "2026-05": (0.3, None), "2026-06": (None, "c")}


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
@pytest.mark.parametrize("column", COLUMNS)
async def test_a_cell_whose_formula_failed_is_never_taken_for_an_empty_one(
    indicator: Running, column: str, error: str
) -> None:
    client = await indicator.client("analyst")

    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, COLUMNS)
        good = row()
        sheet.write_row(1, 0, [good[name] for name in COLUMNS])
        sheet.write_formula(1, COLUMNS.index(column), "=A1/0", None, error)

    refused = await post(client, workbook(fill))
    assert refused.status_code == 422
    assert [(e["line"], e["column"], e["code"]) for e in refused.json()["errors"]] == [(2, column, "spreadsheet_error")]
    assert await stored(client) == []


def with_cell(content: bytes, pattern: str, cell: str) -> bytes:
    """The workbook with something in its sheet that the library which made it would not write."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text, found = re.subn(pattern, cell, part.decode())
                assert found
                part = text.encode()
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("cell", ["<f>A1</f>", "<f>A1</f><v></v>", "<f>A1</f><v/>", "<f/>"])
@pytest.mark.parametrize("column", COLUMNS)
async def test_a_formula_that_was_never_worked_out_is_never_taken_for_an_empty_cell(
    indicator: Running, column: str, cell: str
) -> None:
    client = await indicator.client("analyst")
    refused = await post(client, with_cell(table([row(), row(**{column: 777_777})]), "<v>777777</v>", cell))
    assert refused.status_code == 422
    assert [(e["line"], e["column"], e["code"]) for e in refused.json()["errors"]] == [(3, column, "spreadsheet_error")]
    assert await stored(client) == []


async def test_rows_of_nothing_but_formulas_that_were_never_worked_out_are_not_left_out(indicator: Running) -> None:
    client = await indicator.client("analyst")
    rows = [row(), *[dict.fromkeys(COLUMNS, 777_777)] * 2]
    refused = (await post(client, with_cell(table(rows), "<v>777777</v>", "<f>A1</f>"))).json()
    assert {(e["line"], e["code"]) for e in refused["errors"]} == {(3, "spreadsheet_error"), (4, "spreadsheet_error")}


async def test_a_formula_that_was_worked_out_is_read_and_one_with_an_empty_text_is_empty(indicator: Running) -> None:
    client = await indicator.client("analyst")
    worked_out = with_cell(table([row(value=777_777)]), "<v>777777</v>", "<f>200+12</f><v>212</v>")
    assert counts(await post(client, worked_out)) == (1, 0, 0, 0)
    plain = with_cell(table([row(breakdown=777_777, value=300)]), "<v>777777</v>", '<f>""</f><v></v>')
    assert counts(await post(client, with_cell(plain, r'(<c r="D2")', r'\1 t="str"'))) == (0, 1, 0, 0)
    assert [item["breakdown"] for item in await stored(client)] == [None]


async def test_what_a_merged_cell_covers_is_not_taken_for_empty(indicator: Running) -> None:
    client = await indicator.client("analyst")

    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["indicator", "area", "period", "breakdown", "value"])
        for at, month in enumerate(("2026-04", "2026-05", "2026-06"), start=1):
            sheet.write_row(at, 0, ["referrals_monthly", "E06000059", month, None, 7 + at])
        sheet.merge_range(1, 3, 2, 3, "group=00001")
        # Below the figures, and without a word in it.
        sheet.merge_range(5, 0, 8, 0, "")

    refused = await post(client, workbook(fill))
    assert refused.status_code == 422
    assert [(e["line"], e["column"], e["code"]) for e in refused.json()["errors"]] == [
        (3, "breakdown", "spreadsheet_error")
    ]
    assert counts(await post(client, workbook(fill), mode="partial")) == (2, 0, 0, 1)


async def test_dates_and_truths_are_faults_of_their_cells(indicator: Running) -> None:
    client = await indicator.client("analyst")

    def fill(made: Any, sheet: Any) -> None:
        month = made.add_format({"num_format": "mmm yy"})
        sheet.write_row(0, 0, ["indicator", "area", "period", "value"])
        sheet.write_row(1, 0, ["referrals_monthly", "E06000059", None, True])
        sheet.write_datetime(1, 2, datetime(2026, 4, 1), month)
        sheet.write_row(2, 0, ["referrals_monthly\n", "E06000059", "2026-04", 7])
        sheet.write_row(3, 0, ["referrals\nmonthly", "E06000059", "2026-04", 7])

    refused = (await post(client, workbook(fill))).json()
    assert [(e["row"], e["column"], e["code"]) for e in refused["errors"]] == [
        (1, "period", "spreadsheet_date"),
        (1, "value", "number"),
        (3, "indicator", "unknown_indicator"),
    ]


async def test_the_first_sheet_that_can_be_seen_is_read_and_no_other(indicator: Running) -> None:
    client = await indicator.client("analyst")

    def fill(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["nothing", "of ours"])
        sheet.hide()
        second, third = made.add_worksheet("Seen"), made.add_worksheet("Later")
        second.write_row(0, 0, ["indicator", "area", "period", "value"])
        second.write_row(1, 0, ["referrals_monthly", "E06000059", "2026-04", 7])
        second.activate()
        third.write(0, 0, "=1")

    assert counts(await post(client, workbook(fill))) == (1, 0, 0, 0)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as entry:
        for _ in range(workbook_sheet.MOST_UNPACKED // 1_000_000 + 1):
            entry.write(bytes(1_000_000))
    return out.getvalue()


def liar() -> bytes:
    """An archive whose directory says that its entry is small."""
    honest = table([row()])
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    return honest.replace(size, (64).to_bytes(4, "little"))


def crowd() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(workbook_sheet.MOST_ENTRIES + 1):
            archive.writestr(f"xl/{number}.xml", "")
    return out.getvalue()


def corners() -> bytes:
    """Two cells so far apart that the grid between them would fill half a terabyte."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.write(0, 0, "indicator")
        sheet.write(1_048_575, 16_383, "x")

    return workbook(fill)


def echo() -> bytes:
    """One long text, named by hundreds of thousands of cells."""

    def fill(_: Any, sheet: Any) -> None:
        for at in range(40_000):
            sheet.write_row(at, 0, ["y" * 32_000] * 10)

    return workbook(fill)


def explosion() -> bytes:
    """Entities that stand for each other ten times ten times over."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<!DOCTYPE x [<!ENTITY e0 "0123456789">{levels}]><workbook>&e11;</workbook>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", document)
        archive.writestr("xl/_rels/workbook.xml.rels", document)
    return out.getvalue()


def no_sheet() -> bytes:
    def fill(made: Any, sheet: Any) -> None:
        made.add_chartsheet().activate()
        sheet.hide()

    return workbook(fill)


POISON = {
    "bomb": (bomb, 413, "too-large"),
    "liar": (liar, 422, "not_a_workbook"),
    "crowd": (crowd, 413, "too-large"),
    "corners": (corners, 413, "too-large"),
    "echo": (echo, 413, "too-large"),
    "explosion": (explosion, 422, "not_a_workbook"),
    "no sheet": (no_sheet, 422, "no_sheet"),
    "nothing": (lambda: b"", 422, "not_a_workbook"),
    "a text": (lambda: b"indicator,area\n", 422, "not_a_workbook"),
    "an archive": (lambda: b"PK\x03\x04" + bytes(500), 422, "not_a_workbook"),
    "cut short": (lambda: table([row()])[:-200], 422, "not_a_workbook"),
    "a protected one": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), 422, "protected_workbook"),
    "an empty sheet": (lambda: workbook(lambda made, sheet: None), 422, "empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", POISON)
async def test_a_workbook_that_would_hurt_is_refused_and_costs_the_service_no_memory(
    indicator: Running, name: str
) -> None:
    client = await indicator.client("analyst")
    make, status, code = POISON[name]
    content = await asyncio.to_thread(make)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await post(client, content)
    assert answer.status_code == status, answer.text
    said = {answer.json()["type"].rpartition("/")[2], *(error["code"] for error in answer.json()["errors"])}
    assert code in said
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert counts(await post(client, table([row()]))) == (1, 0, 0, 0)


async def test_other_requests_are_answered_while_a_workbook_is_read(indicator: Running) -> None:
    client = await indicator.client("analyst")
    content = await asyncio.to_thread(table, many(60_000))
    working = asyncio.create_task(post(client, content, dry_run=True))
    slowest, asked = 0.0, 0
    loop = asyncio.get_running_loop()
    while not working.done() and asked < 20:
        begun = loop.time()
        assert (await client.get("/v1/me")).status_code == 200
        slowest, asked = max(slowest, loop.time() - begun), asked + 1
        await asyncio.sleep(0.01)
    assert slowest < 0.5
    assert counts(await working) == (60_000, 0, 0, 0)


async def test_the_reader_leaves_no_file_and_gets_nothing_of_ours(indicator: Running) -> None:
    client = await indicator.client("analyst")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        await post(client, table([row()]))
        await post(client, b"PK\x03\x04" + bytes(50))
    assert len(os.listdir("/proc/self/fd")) <= before + 1
