"""Flat tables as CSV and as an OData feed: whole, still while they are written, and safe to open."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from services.indicator_api.exports import facts, odata_routes
from services.indicator_api.exports.tables import ENTITY_SETS, TABLES
from shared.extracts.csv_text import cell
from shared.paging import encode_cursor
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load

TEAM = "fs_weymouth"
MONTHS = [f"2026-{month:02d}" for month in range(1, 11)]


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def stored(indicator: Running) -> httpx.AsyncClient:
    analyst = await indicator.client("analyst")
    figures = [item("referrals_monthly", DORSET, period, 200 + at) for at, period in enumerate(MONTHS)]
    await load(analyst, [*figures, item("referrals_monthly", TEAM, "2026-10", 3)])
    return analyst


async def test_the_file_of_figures_is_whole_whatever_the_size_of_its_blocks(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = await stored(indicator)
    whole = table(await analyst.get("/v1/exports/figures.csv"))
    assert [row["value"] for row in whole] == [*(str(200 + at) for at in range(10)), "3"]
    assert (whole[0]["period_end"], whole[0]["provisional"], whole[0]["breakdown"]) == ("2026-01-31", "false", "")
    for size in (1, 3, 11):
        monkeypatch.setattr(facts, "BLOCK", size)
        assert table(await analyst.get("/v1/exports/figures.csv")) == whole


async def test_what_is_recorded_meanwhile_changes_no_block_of_a_file(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = await stored(indicator)
    before = table(await analyst.get("/v1/exports/figures.csv"))
    monkeypatch.setattr(facts, "BLOCK", 2)
    reading = facts.read_block
    changed = False

    async def and_then_a_change(*given: Any, **named: Any) -> Any:
        nonlocal changed
        block = await reading(*given, **named)
        if not changed:
            changed = True
            indicator.clock.advance(timedelta(seconds=1))
            await load(analyst, [item("referrals_monthly", DORSET, MONTHS[-1], 999)])
        return block

    monkeypatch.setattr(facts, "read_block", and_then_a_change)
    assert table(await analyst.get("/v1/exports/figures.csv")) == before
    after = table(await analyst.get("/v1/exports/figures.csv"))
    assert [row["value"] for row in after][-2:] == ["999", "3"]


async def test_a_file_is_narrowed_and_taken_as_it_stood(indicator: Running) -> None:
    analyst = await stored(indicator)
    narrowed = {"indicator": "referrals_monthly", "area": DORSET, "period": ["2026-01", "2026-02"]}
    assert len(table(await analyst.get("/v1/exports/figures.csv", params=narrowed))) == 2
    assert table(await analyst.get("/v1/exports/figures.csv", params={"as_at": "2020-01-01"})) == []
    assert (await analyst.get("/v1/exports/figures.csv", params={"as_at": "then"})).status_code == 422


async def test_small_numbers_are_hidden_in_files_and_feed_and_no_filter_finds_them(indicator: Running) -> None:
    await stored(indicator)
    reader = await indicator.client("practitioner")
    (row,) = table(await reader.get("/v1/exports/figures.csv", params={"area": TEAM}))
    assert (row["value"], row["value_status"], row["recorded_at"]) == ("", "c", "")
    feed = (await reader.get("/v1/odata/Figures", params={"$filter": f"place eq '{TEAM}'"})).json()
    assert [(one["value"], one["value_status"]) for one in feed["value"]] == [(None, "c")]
    for condition in ("value eq 3", "recorded_at gt 2026-01-01T00:00:00Z", "value_status eq null or place eq 'x'"):
        answer = await reader.get("/v1/odata/Figures", params={"$filter": condition})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "odata-not-offered")


async def test_a_caller_of_one_unit_gets_that_unit_and_what_is_public(indicator: Running) -> None:
    await stored(indicator)
    other = await indicator.client("analyst", "fs_portland")
    assert {row["place"] for row in table(await other.get("/v1/exports/figures.csv"))} == {DORSET}
    places = table(await other.get("/v1/exports/places.csv"))
    assert [row["code"] for row in places if row["code"].startswith("fs_")] == ["fs_portland"]


async def test_every_code_of_a_figure_is_found_in_the_table_it_is_looked_up_in(indicator: Running) -> None:
    analyst = await stored(indicator)
    figures = table(await analyst.get("/v1/exports/figures.csv"))
    tables = {name: table(await analyst.get(f"/v1/exports/{name}.csv")) for name in TABLES if name != "figures"}
    for column, name, key in (
        ("indicator", "indicators", "code"),
        ("place", "places", "code"),
        ("period", "periods", "code"),
        ("period_end", "dates", "day"),
    ):
        assert {row[column] for row in figures} <= {row[key] for row in tables[name]}
    for name, rows in tables.items():
        keys = [tuple(row[part] for part in TABLES[name].key) for row in rows]
        assert len(keys) == len(set(keys)) and keys == sorted(keys)


async def test_the_date_dimension_knows_bank_holidays_and_the_years_of_a_council(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    days = {row["day"]: row for row in table(await analyst.get("/v1/exports/dates.csv"))}
    assert days["2026-04-06"]["working_day"] == "false"
    assert {name: days["2026-04-07"][name] for name in days["2026-04-07"]} == {
        "day": "2026-04-07", "weekday": "2", "working_day": "true", "month": "2026-04", "calendar_year": "CY2026",
        "financial_quarter": "FY2026-27-Q1", "financial_year": "FY2026-27", "reporting_year": "RY2027",
        "academic_year": "AY2025-26",
    }  # fmt: skip
    assert max(days) == "2027-12-31"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("=1+1", "text", "'=1+1"),
        ("+44", "text", "'+44"),
        ("-x", "text", "'-x"),
        ("@SUM", "text", "'@SUM"),
        ("\tx", "text", "'\tx"),
        ("plain", "text", "plain"),
        ("-4.5", "number", "-4.5"),
        (None, "number", ""),
        (True, "boolean", "true"),
    ],
)
def test_no_cell_begins_a_formula_and_a_negative_number_stays_one(value: Any, kind: Any, expected: str) -> None:
    assert cell(value, kind) == expected


async def test_the_feed_describes_itself_as_odata_clients_expect(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    service = await analyst.get("/v1/odata")
    assert service.headers["odata-version"] == "4.0"
    assert (await analyst.get("/v1/odata/")).content == service.content
    assert [one["name"] for one in service.json()["value"]] == list(ENTITY_SETS)
    answer = await analyst.get("/v1/odata/$metadata")
    root = ElementTree.fromstring(answer.content)
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    declared = {
        entity.attrib["Name"] + "s": [one.attrib["Name"] for one in entity.iter(f"{edm}Property")]
        for entity in root.iter(f"{edm}EntityType")
    }
    assert declared == {name: list(known.names) for name, known in ENTITY_SETS.items()}
    for name, properties in declared.items():
        found = (await analyst.get(f"/v1/odata/{name}", params={"$top": 1})).json()
        assert found["@odata.context"].endswith(f"/v1/odata/$metadata#{name}")
        assert all(list(one) == properties for one in found["value"])


async def test_following_the_next_link_gives_every_figure_once_and_top_ends_it(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = await stored(indicator)
    monkeypatch.setattr(odata_routes, "PAGE", 4)

    async def follow(path: str, **query: Any) -> list[Any]:
        found, answer = [], (await analyst.get(path, params=query)).json()
        while True:
            found.append([one.get("value") for one in answer["value"]])
            if "@odata.nextLink" not in answer:
                return found
            answer = (await analyst.get(answer["@odata.nextLink"])).json()

    pages = await follow("/v1/odata/Figures", **{"$filter": f"place eq '{DORSET}'", "$select": "value,period"})
    assert pages == [[200, 201, 202, 203], [204, 205, 206, 207], [208, 209]]
    assert await follow("/v1/odata/Figures", **{"$top": 6}) == [[200, 201, 202, 203], [204, 205]]
    assert await follow("/v1/odata/Figures", **{"$skip": 9, "$count": "true"}) == [[209, 3]]
    counted = (await analyst.get("/v1/odata/Figures", params={"$top": 0, "$count": "true"})).json()
    assert (counted["@odata.count"], counted["value"]) == (11, [])
    sets = await follow("/v1/odata/Indicators", **{"$select": "code"})
    assert len(sets) > 10 and all(len(page) <= 4 for page in sets)


async def read_values(client: httpx.AsyncClient, **query: Any) -> list[Any]:
    """Every page of it."""
    answer = await client.get("/v1/odata/Figures", params=query)
    found: list[Any] = []
    while True:
        assert answer.status_code == 200, answer.text
        found += [one["value"] for one in answer.json()["value"]]
        if "@odata.nextLink" not in answer.json():
            return found
        answer = await client.get(answer.json()["@odata.nextLink"])


async def test_figures_come_in_the_order_asked_for_over_all_pages_and_without_a_value_first(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = await stored(indicator)
    await load(analyst, [item("referrals_monthly", TEAM, "2026-09", None, value_status="x")])
    monkeypatch.setattr(odata_routes, "PAGE", 5)
    assert await read_values(analyst, **{"$orderby": "value desc"}) == [*range(209, 199, -1), 3, None]
    assert await read_values(analyst, **{"$orderby": "value"}) == [None, 3, *range(200, 210)]
    assert await read_values(analyst, **{"$orderby": "value desc", "$top": 7}) == [*range(209, 202, -1)]
    assert await read_values(analyst, **{"$orderby": "period_end desc,place desc", "$top": 3}) == [3, 209, None]
    assert await read_values(analyst, **{"$orderby": "place desc,period desc", "$skip": 10}) == [201, 200]
    units = (await analyst.get("/v1/odata/Places", params={"$orderby": "kind desc,name", "$top": 2})).json()["value"]
    assert [one["kind"] for one in units] == ["team", "team"] and units[0]["name"] < units[1]["name"]
    # Of figures, of which there may be millions, a client is told to sort them itself.
    assert (await analyst.get("/v1/odata/$metadata")).text.count("SortRestrictions") == 1


async def test_figures_are_filtered_by_the_last_day_of_their_period_as_power_bi_does(indicator: Running) -> None:
    analyst = await stored(indicator)
    await load(analyst, [item("rereferrals", DORSET, "RY2026", 14.7)])
    after = {"$filter": "period_end ge 2026-03-31 and period_end lt 2026-05-01", "$count": "true"}
    answer = (await analyst.get("/v1/odata/Figures", params=after)).json()
    assert answer["@odata.count"] == 3
    assert sorted(one["period"] for one in answer["value"]) == ["2026-03", "2026-04", "RY2026"]
    others = {"$filter": f"place eq '{DORSET}' and (period_end ne 2026-03-31 or value eq 14.7)"}
    assert len(await read_values(analyst, **others)) == 10
    reader = await indicator.client("practitioner")
    assert await read_values(reader, **{"$filter": "period_end eq 2026-10-31", "$orderby": "period_end"}) == [209, None]
    told = await reader.get("/v1/odata/Figures", params={"$orderby": "value"})
    assert (told.status_code, told.json()["error"]["code"]) == (422, "odata-not-offered")


async def test_what_the_feed_does_not_offer_it_says_as_a_problem_and_as_odata_does(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    for option in ("$expand", "$search", "$apply", "$compute"):
        answer = await analyst.get("/v1/odata/Figures", params={option: "value"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "odata-not-offered")
    for order in ("nothing", "value up", "value,", ""):
        answer = await analyst.get("/v1/odata/Figures", params={"$orderby": order})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "odata-unreadable")
    far = encode_cursor((100_001, "2026-11-01T00:00:00+00:00 1 800 "))
    assert (await analyst.get("/v1/odata/Figures", params={"$orderby": "value", "$skiptoken": far})).status_code == 422
    assert (await analyst.get("/v1/odata/Figures", params={"$format": "xml"})).status_code == 422
    assert (await analyst.get("/v1/odata/Figures", params={"$format": "json"})).status_code == 200
    assert (await analyst.get("/v1/odata/Nothing")).status_code == 404
    assert (await analyst.get("/v1/odata/Figures", params={"$select": "nothing"})).status_code == 422
    assert (await analyst.get("/v1/odata/Figures", params={"$skiptoken": "AAAA"})).status_code == 422


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_moment_that_cannot_be_asked_about_is_refused(indicator: Running, moment: str) -> None:
    analyst = await stored(indicator)
    token = encode_cursor(("a", "b", "c", "d", f"{moment} 1 800 "))
    asked = {"$filter": f"recorded_at gt {moment}"}, {"$skiptoken": token}
    for query in asked:
        answer = await analyst.get("/v1/odata/Figures", params=query)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "odata-unreadable")


@pytest.mark.parametrize("table", ["Figures?$filter=revised gt false", "Indicators?$filter=retired le true"])
async def test_true_and_false_are_equal_or_not_and_never_greater(indicator: Running, table: str) -> None:
    answer = await (await stored(indicator)).get(f"/v1/odata/{table}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "odata-not-offered")
