"""Files of other systems read through saved mappings, and faults that name the places of those files."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from services.indicator_api.mappings.periods import day_of
from services.indicator_api.mappings.reading import Reading
from services.indicator_api.mappings.schemas import MappingIn
from services.indicator_api.observations.files.mapped import MappedLayout
from services.indicator_api.observations.files.media import WORKBOOK
from services.indicator_api.observations.schemas import ImportDetailOut
from tests.conftest import Running
from tests.indicator_api.mappings.exports import (
    EXPORTS,
    LAIT,
    LAIT_MAPPING,
    MONTHS,
    MONTHS_MAPPING,
    REFERRALS,
    REFERRALS_MAPPING,
    STORED,
    WORKFORCE,
    WORKFORCE_MAPPING,
)
from tests.indicator_api.observations.files import counts, send, stored
from tests.indicator_api.observations.test_import_jobs import work_off


async def saved(client: httpx.AsyncClient, mapping: dict[str, Any], code: str = "theirs") -> str:
    answer = await client.put(f"/v1/mappings/{code}", json=mapping)
    assert answer.status_code == 201, answer.text
    return code


def workbook(text: str, delimiter: str) -> bytes:
    """The same table in a workbook: numbers as numbers, days as days."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet, day = made.add_worksheet(), made.add_format({"num_format": "dd/mm/yyyy"})
    for at, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
        for column, cell in enumerate(cells):
            try:
                sheet.write_datetime(at, column, date.fromisoformat(cell) if "-" in cell else 1 / 0, day)
            except (ValueError, ZeroDivisionError):
                sheet.write(at, column, float(cell) if cell.replace(".", "", 1).isdigit() else cell)
    made.close()
    return out.getvalue()


async def everything(client: httpx.AsyncClient) -> list[tuple[Any, ...]]:
    names = ("indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status")
    return [tuple(item[name] for name in names) for item in await stored(client)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", EXPORTS)
async def test_an_export_is_read_through_its_mapping_and_a_replay_changes_nothing(
    indicator: Running, name: str, form: str
) -> None:
    client = await indicator.client("analyst")
    text, mapping = EXPORTS[name]
    code = await saved(client, mapping)
    delimiter = {"comma": ",", "semicolon": ";", "tab": "\t"}[mapping.get("delimiter", "comma")]
    content = text.encode() if form == "csv" else workbook(text, delimiter)
    headers = {} if form == "csv" else {"Content-Type": WORKBOOK}
    dry = await send(client, content, headers=headers, mapping=code, dry_run=True)
    assert counts(dry) == (len(STORED[name]), 0, 0, 0)
    first = await send(client, content, headers=headers, mapping=code)
    assert counts(first) == (len(STORED[name]), 0, 0, 0)
    assert await everything(client) == STORED[name]
    again = await send(client, content, headers=headers, mapping=code)
    assert counts(again) == (0, 0, len(STORED[name]), 0)
    assert again.json()["replayed"] is True
    one = ImportDetailOut.model_validate_json((await client.get(first.headers["location"])).content)
    assert (one.kind, one.mapping, one.mapping_version) == (form, "theirs", 1)


async def test_a_fault_names_their_row_and_their_column_and_never_what_stands_there(indicator: Running) -> None:
    client = await indicator.client("analyst")
    code = await saved(client, MONTHS_MAPPING)
    bad = MONTHS + "Zebedee-Canary\t7\tZebedee-Canary\t7\n\nFamily Support Portland\t5\t12\t17\n"
    refused = await send(client, bad.encode(), mapping=code)
    assert refused.status_code == 422
    assert "Zebedee" not in refused.text
    found = [(e["row"], e["line"], e["column"], e["source_column"], e["code"]) for e in refused.json()["errors"]]
    assert found == [(3, 6, "area", 1, "unknown_area"), (3, 6, "value", 3, "number")]
    assert (refused.json()["rows"], refused.json()["rejected"]) == (7, 2)
    partial = await send(client, bad.encode(), mapping=code, mode="partial")
    assert counts(partial) == (4, 0, 1, 2)


async def test_rows_that_contradict_each_other_name_each_other_as_the_file_has_them(indicator: Running) -> None:
    client = await indicator.client("analyst")
    code = await saved(client, WORKFORCE_MAPPING)
    twice = WORKFORCE + "\n2024,Local authority,838,E06000059,Dorset,205.1,24.7,12.5,48.4\n"
    refused = await send(client, twice.encode(), mapping=code)
    assert [(e["row"], e["line"], e["code"]) for e in refused.json()["errors"]] == [
        (1, 2, "contradicts_row"), (5, 6, "contradicts_row")
    ]  # fmt: skip
    assert "row 5 " in refused.json()["errors"][0]["detail"]


HEADERS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "missing": (
        LAIT.replace("la_number", "authority"),
        [("/mapping/columns/area", "missing_column"), ("/columns/2", "unknown_column")],
    ),
    "not named": (LAIT.replace("value\n", "value,note\n", 1), [("/columns/4", "unknown_column")]),
    "twice": (LAIT.replace("value\n", "value,VALUE \n", 1), [("/columns/4", "column_twice")]),
    "empty": ("\n\n", [("", "empty")]),
    "quotes": ('"measure,period\n', [("/columns", "quoting")]),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
async def test_a_header_that_is_not_the_mappings_is_refused_at_its_columns(indicator: Running, name: str) -> None:
    client = await indicator.client("analyst")
    text, faults = HEADERS[name]
    refused = await send(client, text.encode(), mapping=await saved(client, LAIT_MAPPING))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unreadable-file")
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == faults


async def test_rows_that_cannot_be_read_are_faults_of_their_lines(indicator: Running) -> None:
    client = await indicator.client("analyst")
    code = await saved(client, LAIT_MAPPING)
    odd = (
        b'measure,period,la_number,value\r\nLAC,2024,838,67,,\r\nLAC,2024,839\r\n"LAC"x,2023,838,1\r\n'
        b'"LAC\n",2025,838,65\r\nLAC,2022,838,6\xff\r\nLAC,2021,838,\r\n'
    )
    partial = await send(client, odd, mapping=code, mode="partial")
    assert [(e["row"], e["line"], e["column"], e["code"]) for e in partial.json()["errors"]] == [
        (2, 3, None, "cells"), (3, 4, None, "quoting"), (6, 7, "value", "not_utf8"), (7, 8, "value", "value_missing")
    ]  # fmt: skip
    assert [item["period"] for item in await stored(client)] == ["RY2024", "RY2025"]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfem\x00e\x00", b"a\x00b", b'"' + b"x" * 300_000, b"x" * 3_000_000, b"\x80\x81\n", b"", b"\n" * 9_000],
)
async def test_a_file_that_is_no_table_is_refused(indicator: Running, content: bytes) -> None:
    client = await indicator.client("analyst")
    refused = await send(client, content, mapping=await saved(client, LAIT_MAPPING))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unreadable-file")


async def test_a_mapping_that_does_not_exist_or_reads_no_json_is_refused(indicator: Running) -> None:
    client = await indicator.client("analyst")
    for kind, code in (("csv", "unknown_mapping"), ("json", "mapping_kind")):
        refused = await send(client, b"{}", kind, mapping="theirs")
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/query/mapping", code)]
    await saved(client, LAIT_MAPPING)
    assert (await client.delete("/v1/mappings/theirs", headers={"If-Match": '"1"'})).status_code == 204
    assert (await send(client, LAIT.encode(), mapping="theirs")).status_code == 422


async def test_a_job_reads_with_the_mapping_as_it_was_when_posted(indicator: Running) -> None:
    client = await indicator.client("analyst")
    code = await saved(client, REFERRALS_MAPPING)
    where = (await send(client, REFERRALS.encode(), mapping=code, job=True)).headers["location"]
    changed = REFERRALS_MAPPING | {"columns": {"area": "area_code", "value": "year_total"}}
    assert (await client.put("/v1/mappings/theirs", json=changed, headers={"If-Match": '"1"'})).status_code == 200
    await work_off(indicator)
    one = (await client.get(where)).json()
    assert (one["status"], one["mapping"], one["mapping_version"]) == ("succeeded", "theirs", 1)
    assert [item["value"] for item in await stored(client)] == [258, 288]


async def test_a_caller_of_one_unit_reads_through_a_mapping_for_its_own_units(indicator: Running) -> None:
    code = await saved(await indicator.client("analyst"), MONTHS_MAPPING)
    own = await indicator.client("ingest_client", unit="fs_weymouth")
    answer = await send(own, MONTHS.encode(), mapping=code, mode="partial")
    assert (answer.json()["created"], answer.json()["rejected"]) == (2, 1)


async def test_a_large_file_goes_through_a_mapping(indicator: Running) -> None:
    client = await indicator.client("analyst")
    code = await saved(client, REFERRALS_MAPPING | {
        "columns": {"area": "area_code", "value": "referrals", "breakdown": "part"}, "other_columns": "refuse"
    })  # fmt: skip
    lines = [f"2022-02-01,part={row},E06000059,{row}" for row in range(30_000)]
    content = "\n".join(["month,part,area_code,referrals", *lines]).encode()
    assert counts(await send(client, content, mapping=code)) == (30_000, 0, 0, 0)
    lines[29_000] += "x"
    refused = await send(client, "\n".join(["month,part,area_code,referrals", *lines]).encode(), mapping=code)
    assert [(e["row"], e["line"], e["source_column"]) for e in refused.json()["errors"]] == [(29_001, 29_002, 4)]
    async with indicator.database.snapshot() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM observation"))).scalar_one() == 30_000


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-04-01", "2026-04-01"), ("2026-04-30T00:00:00", "2026-04-30"), ("01/04/2026", "2026-04-01"),
     ("1/4/2026 00:00", "2026-04-01"), ("Apr-26", "2026-04-01"), ("April 2026", "2026-04-01"),
     ("sep 2026", "2026-09-01")],
)  # fmt: skip
def test_days_are_read_as_systems_print_them(text: str, day: str) -> None:
    assert day_of(text) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "46113", "31/02/2026", "2026", "04/2026", "Foo-26", "Apr-2", "13/13/2026"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        day_of(text)


@given(line=st.integers(2, 10**7), figure=st.integers(0, 2))
def test_the_number_of_a_figure_tells_its_line_again(line: int, figure: int) -> None:
    layout = MappedLayout(Reading(MappingIn.model_validate(WORKFORCE_MAPPING), {}))
    layout.header_line = 1
    assert layout.place((layout.number(line, figure), None)) == (line - 1, line)
