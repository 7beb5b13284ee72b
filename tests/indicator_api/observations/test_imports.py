"""Files of figures: three forms, two modes, dry runs, replays, contradictions, and the report of it all."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from services.indicator_api.observations.schemas import ImportDetailOut, ImportOut, ImportReportOut
from tests.conftest import Running, Start
from tests.indicator_api.observations.files import DORSET, IMPORTS, body, counts, many, row, send, stored

FORMS = pytest.mark.parametrize("kind", ["csv", "ndjson", "json"])
SIZES = pytest.mark.parametrize("size", [3, 2_500])


async def in_table(indicator: Running, table: str) -> int:
    async with indicator.database.snapshot() as session:
        return int((await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one())


@FORMS
@SIZES
async def test_a_file_is_stored_replayed_and_changed(indicator: Running, kind: str, size: int) -> None:
    client = await indicator.client("ingest_client")
    first = await send(client, body(kind, many(size)), kind)
    assert counts(first) == (size, 0, 0, 0)
    assert first.json()["replayed"] is False
    again = await send(client, body(kind, many(size)), kind)
    assert counts(again) == (0, 0, size, 0)
    assert again.json()["replayed"] is True
    assert await in_table(indicator, "observation_history") == 0
    changed = many(size)
    changed[-1]["value"] = 7
    assert counts(await send(client, body(kind, changed), kind)) == (0, 1, size - 1, 0)
    assert await in_table(indicator, "observation") == size
    assert await in_table(indicator, "observation_history") == 1


@FORMS
async def test_the_three_forms_say_the_same(indicator: Running, kind: str) -> None:
    rows = [
        row(value=412.5),
        row(period="2026-05", value=None, value_status="x"),
        row(indicator="rereferrals", period="RY2025", value=None, numerator=1, denominator=8),
        row(indicator="sen_requests_quarterly", period="FY2026-27-Q1", breakdown="request_source=school", value=0,
            value_status="k"),
    ]  # fmt: skip
    client = await indicator.client("analyst")
    assert counts(await send(client, body(kind, rows), kind)) == (4, 0, 0, 0)
    found = [(item["value"], item["value_status"], item["breakdown"]) for item in await stored(client)]
    assert found == [(412.5, None, None), (None, "x", None), (12.5, None, None), (0, "k", "request_source=school")]


@FORMS
@SIZES
async def test_atomic_stores_none_and_partial_the_good_ones(indicator: Running, kind: str, size: int) -> None:
    client = await indicator.client("analyst")
    rows = many(size)
    rows[size - 2] |= {"period": "April", "area": "nowhere"}
    refused = await send(client, body(kind, rows), kind)
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"].endswith("/rows-refused")
    assert (problem["rows"], problem["rejected"]) == (size, 1)
    assert [(e["row"], e["column"], e["code"]) for e in problem["errors"]] == [
        (size - 1, "area", "unknown_area"),
        (size - 1, "period", "period"),
    ]
    assert problem["errors"][0]["pointer"] == f"/items/{size - 2}/area"
    assert await stored(client) == []
    assert await in_table(indicator, "observation_import") == 0
    partial = await send(client, body(kind, rows), kind, mode="partial")
    assert counts(partial) == (size - 1, 0, 0, 1)
    assert partial.json()["errors"] == problem["errors"]
    assert await in_table(indicator, "observation") == size - 1


@pytest.mark.parametrize("place", [0, 1, 1_999, 2_000, 2_001, 5_000, 9_998, 9_999])
async def test_a_bad_row_anywhere_in_ten_thousand_is_named(indicator: Running, place: int) -> None:
    client = await indicator.client("analyst")
    rows = many(10_000)
    rows[place]["value"] = "twelve"
    content = body("csv", rows)
    refused = await send(client, content)
    assert refused.status_code == 422
    assert [(e["row"], e["line"], e["column"]) for e in refused.json()["errors"]] == [(place + 1, place + 2, "value")]
    assert await in_table(indicator, "observation") == 0
    assert counts(await send(client, content, mode="partial")) == (9_999, 0, 0, 1)
    assert await in_table(indicator, "observation") == 9_999


@SIZES
async def test_a_dry_run_tells_and_leaves_nothing(indicator: Running, size: int) -> None:
    client = await indicator.client("analyst")
    told = await send(client, body("csv", many(size)), dry_run=True)
    assert counts(told) == (size, 0, 0, 0)
    assert told.json()["id"] is None
    assert "location" not in told.headers
    for table in ("observation", "observation_import", "activity"):
        assert await in_table(indicator, table) == (1 if table == "activity" else 0)
    await send(client, body("csv", many(size)))
    changed = many(size + 1)
    changed[0]["value"] = 1
    assert counts(await send(client, body("csv", changed), dry_run=True)) == (1, 1, size - 1, 0)
    changed[1]["value"] = "bad"
    bad = await send(client, body("csv", changed), dry_run=True)
    assert bad.status_code == 200
    assert (bad.json()["rejected"], bad.json()["created"], bad.json()["errors"][0]["row"]) == (1, 0, 2)
    assert counts(await send(client, body("csv", changed), dry_run=True, mode="partial")) == (1, 1, size - 2, 1)
    assert await in_table(indicator, "observation") == size


@SIZES
async def test_rows_that_say_the_same_are_one_and_contradictions_name_each_other(indicator: Running, size: int) -> None:
    client = await indicator.client("analyst")
    rows = many(size)
    same = rows[0] | {"value": f"{rows[0]['value']}.0"}
    assert counts(await send(client, body("csv", [*rows, same]), dry_run=True)) == (size, 0, 1, 0)
    assert counts(await send(client, body("csv", [*rows, same]))) == (size, 0, 1, 0)
    other = rows[0] | {"value": 5}
    refused = await send(client, body("csv", [*rows, other]))
    assert refused.status_code == 422
    assert [(e["row"], e["code"]) for e in refused.json()["errors"]] == [
        (1, "contradicts_row"), (size + 1, "contradicts_row")
    ]  # fmt: skip
    assert f"row {size + 1} " in refused.json()["errors"][0]["detail"]
    assert "row 1 " in refused.json()["errors"][1]["detail"]
    partial = await send(client, body("csv", [*rows, other, row(period="2026-05")]), mode="partial")
    assert counts(partial) == (1, 0, size - 1, 2)
    assert (await stored(client, breakdown="group=00000"))[0]["value"] == 100


async def test_an_import_is_on_record_with_its_faults(indicator: Running) -> None:
    client = await indicator.client("analyst")
    rows = [row(), row(period="x"), row(period="2026-05", value=0.5)]
    answer = await send(client, body("csv", rows), mode="partial", provisional=True)
    report = ImportReportOut.model_validate_json(answer.content)
    assert [(w.row, w.code) for w in report.warnings] == [(3, "not_whole")]
    assert answer.headers["location"] == f"{IMPORTS}/{report.id}"
    one = ImportDetailOut.model_validate_json((await client.get(answer.headers["location"])).content)
    assert one.errors == report.errors
    assert (one.kind, one.recorded_by, one.provisional) == ("csv", "test-analyst", True)
    await send(client, body("json", [row()]), "json")
    listed = (await client.get(IMPORTS, params={"limit": 1})).json()
    newest = ImportOut(**listed["items"][0])
    assert (newest.kind, newest.rows, newest.changed) == ("json", 1, 1)
    rest = (await client.get(IMPORTS, params={"after": listed["next"]})).json()
    assert [item["id"] for item in rest["items"]] == [str(one.id)]
    assert (await client.get(f"{IMPORTS}/01900000-0000-7000-8000-000000000000")).status_code == 404
    assert (await client.get(IMPORTS, params={"after": "WyJ4Il0"})).status_code == 422


async def test_provisional_figures_become_final(indicator: Running) -> None:
    client = await indicator.client("analyst")
    await send(client, body("csv", [row()]), provisional=True)
    assert (await stored(client))[0]["provisional"] is True
    assert counts(await send(client, body("csv", [row()]))) == (0, 1, 0, 0)
    final = (await stored(client))[0]
    assert (final["provisional"], final["revision"], final["revised"]) == (False, 2, False)


async def test_errors_are_capped_and_the_report_says_so(indicator: Running) -> None:
    client = await indicator.client("analyst")
    refused = await send(client, body("csv", many(1_500, area="nowhere")))
    assert (len(refused.json()["errors"]), refused.json()["errors_truncated"]) == (1_000, True)
    assert refused.json()["rejected"] == 1_500


async def test_columns_come_in_any_order_and_need_not_all_be_there(indicator: Running) -> None:
    client = await indicator.client("analyst")
    content = b'\xef\xbb\xbfvalue, Period ,area,indicator\r\n\r\n"1,412",2026-04,E06000059,referrals_monthly\r\n\r\n'
    assert counts(await send(client, content)) == (1, 0, 0, 0)
    assert (await stored(client))[0]["value"] == 1412
    short = await send(client, content + b"1,2\r\n", mode="partial")
    assert [(e["row"], e["line"], e["code"]) for e in short.json()["errors"]] == [(2, 5, "cells")]


async def test_symbols_and_printed_numbers_are_read_as_tables_have_them(indicator: Running) -> None:
    client = await indicator.client("analyst")
    cells = {"c": (None, "c"), ":": (None, "x"), "~": (None, "x"), "k": (0, "k"), "12 [u]": (12, "u"),
             "£1,200.50": (1200.5, None), "1e3": (1000, None), " 7 ": (7, None)}  # fmt: skip
    rows = [row(period=f"2026-{month:02}", value=cell) for month, cell in enumerate(cells, start=1)]
    assert counts(await send(client, body("csv", rows))) == (len(cells), 0, 0, 0)
    assert [(item["value"], item["value_status"]) for item in await stored(client)] == list(cells.values())


@FORMS
async def test_an_empty_file_of_figures_is_no_fault(indicator: Running, kind: str) -> None:
    client = await indicator.client("analyst")
    assert counts(await send(client, body(kind, []), kind)) == (0, 0, 0, 0)


async def test_the_key_of_an_import_replays_its_report(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    key = {"Idempotency-Key": "october"}
    first = await send(client, body("csv", many(3_000)), headers=key)
    again = await send(client, body("csv", many(3_000)), headers=key)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    other = await send(client, body("csv", many(2)), headers=key)
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert await in_table(indicator, "observation_import") == 1


async def test_a_refused_import_does_not_use_up_its_key(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    key = {"Idempotency-Key": "november"}
    bad = await send(client, body("csv", [row(area="nowhere")]), headers=key)
    assert bad.status_code == 422
    assert counts(await send(client, body("csv", [row()]), headers=key)) == (1, 0, 0, 0)


async def test_one_import_is_one_row_of_activity_and_holds_no_figure(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    report = (await send(client, body("csv", many(2_500)))).json()
    await indicator.seal()
    admin = await indicator.client("admin")
    feed = (await admin.get("/v1/activity?subject_type=observation_import")).json()["items"]
    assert [(item["subject_id"], item["data"]) for item in feed] == [
        (report["id"], {"kind": "csv", "rows": 2500, "created": 2500, "changed": 0, "unchanged": 0, "rejected": 0})
    ]


async def test_a_caller_of_one_unit_imports_for_its_own_units(indicator: Running) -> None:
    own = await indicator.client("ingest_client", unit="family_support")
    rows = [row(area="fs_weymouth"), row(area="children_in_care"), row(area=DORSET)]
    answer = await send(own, body("csv", rows), mode="partial")
    assert [answer.json()[name] for name in ("created", "accepted_existing", "rejected")] == [1, 0, 2]
    assert {error["code"] for error in answer.json()["errors"]} == {"unknown_area"}


async def test_importing_needs_its_scope_before_the_body_is_read(indicator: Running) -> None:
    reader = await indicator.client("practitioner")
    assert (await send(reader, b"rubbish", "json")).status_code == 403
    nobody = await indicator.client(None)
    assert (await send(nobody, b"rubbish", "json")).status_code == 401


async def test_a_changed_framework_is_seen_by_the_next_import(indicator: Running) -> None:
    client, admin = await indicator.client("analyst"), await indicator.client("admin")
    assert counts(await send(client, body("csv", [row()]))) == (1, 0, 0, 0)
    entry = (await admin.get("/v1/framework/indicators/referrals_monthly")).json()["content"]
    entry |= {"version": 2, "period_kind": "financial_quarter", "expected_to": None}
    items = [{"kind": "indicators", "code": entry["code"], "content": entry}]
    applied = await admin.post("/v1/framework/applications", json={"items": items})
    assert applied.status_code == 200, applied.text
    assert (await send(client, body("csv", [row()]))).status_code == 422
    assert counts(await send(client, body("csv", [row(period="FY2026-27-Q1")]))) == (1, 0, 0, 0)
    versions = [item["definition_version"] for item in await stored(client)]
    assert versions == [1, 2]


async def test_a_large_json_body_is_read_item_by_item(start: Start) -> None:
    indicator = await start("indicator")
    client = await indicator.client("analyst")
    rows = many(12_000, source_ref='Synthetic "quoted" {return} [2026], \\ escaped')
    content = body("json", rows)
    assert len(content) > 1 << 20
    assert counts(await send(client, content, "json")) == (12_000, 0, 0, 0)
    assert (await stored(client, breakdown="group=11999"))[0]["source_ref"] == rows[0]["source_ref"]
    indented = json.dumps({"items": rows}, indent=2).encode()
    assert counts(await send(client, indented, "json")) == (0, 0, 12_000, 0)
