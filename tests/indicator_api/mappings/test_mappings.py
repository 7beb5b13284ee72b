"""Saved mappings: kept in versions, changed by who has read them, refused where they cannot give whole figures."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.indicator_api.mappings.schemas import MappingIn, MappingOut
from tests.conftest import Running
from tests.indicator_api.mappings.exports import LAIT_MAPPING, REFERRALS_MAPPING, WORKFORCE_MAPPING

WHERE = "/v1/mappings/lait"


async def save(client: httpx.AsyncClient, mapping: dict[str, Any], tag: str | None = None) -> httpx.Response:
    return await client.put(WHERE, json=mapping, headers={} if tag is None else {"If-Match": tag})


async def test_a_mapping_is_saved_read_changed_and_deleted(indicator: Running) -> None:
    client = await indicator.client("analyst")
    made = await save(client, LAIT_MAPPING)
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, WHERE, '"1"')
    read = await client.get(WHERE)
    one = MappingOut.model_validate_json(read.content)
    assert one.mapping == MappingIn.model_validate(LAIT_MAPPING)
    assert (one.changed_by, one.allowed_actions) == ("test-analyst", ["change", "delete"])
    assert (await client.get(WHERE, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    changed = LAIT_MAPPING | {"title": "LAIT"}
    assert (await save(client, changed)).status_code == 428
    assert (await save(client, changed, '"1"')).headers["etag"] == '"2"'
    assert (await save(client, changed, '"2"')).headers["etag"] == '"2"'
    assert (await save(client, LAIT_MAPPING, '"1"')).status_code == 412
    past = (await client.get(WHERE, params={"version": 1})).json()
    assert (past["mapping"]["title"], past["allowed_actions"]) == (LAIT_MAPPING["title"], [])
    assert (await client.delete(WHERE)).status_code == 428
    assert (await client.delete(WHERE, headers={"If-Match": '"2"'})).status_code == 204
    assert (await client.get(WHERE)).status_code == 404
    assert (await client.delete(WHERE, headers={"If-Match": '"3"'})).status_code == 404
    assert (await client.get(WHERE, params={"version": 2})).status_code == 200
    assert (await save(client, changed, '"2"')).status_code == 412
    assert (await save(client, changed)).status_code == 201
    await indicator.seal()
    admin = await indicator.client("admin")
    feed = (await admin.get("/v1/activity?subject_type=mapping")).json()["items"]
    assert [(item["action"], item["data"]["version"]) for item in feed] == [
        ("mapping.saved", 1), ("mapping.saved", 2), ("mapping.deleted", 3), ("mapping.saved", 4)
    ]  # fmt: skip


async def test_mappings_are_listed_by_code_and_source(indicator: Running) -> None:
    client = await indicator.client("analyst")
    for code, mapping in (("b", LAIT_MAPPING), ("c", WORKFORCE_MAPPING), ("a", REFERRALS_MAPPING)):
        assert (await client.put(f"/v1/mappings/{code}", json=mapping)).status_code == 201
    first = (await client.get("/v1/mappings", params={"limit": 2})).json()
    rest = (await client.get("/v1/mappings", params={"after": first["next"]})).json()
    assert [item["code"] for item in first["items"] + rest["items"]] == ["a", "b", "c"]
    found = (await client.get("/v1/mappings", params={"source_system": "workforce_census"})).json()["items"]
    assert [item["code"] for item in found] == ["c"]


async def test_who_may_save(indicator: Running) -> None:
    reader = await indicator.client("practitioner")
    assert (await save(reader, LAIT_MAPPING)).status_code == 403
    unit = await indicator.client("ingest_client", unit="family_support")
    assert (await save(unit, LAIT_MAPPING)).status_code == 403
    whole = await indicator.client("ingest_client")
    assert (await save(whole, LAIT_MAPPING)).status_code == 201
    assert (await reader.get(WHERE)).json()["allowed_actions"] == []
    assert (await unit.get(WHERE)).json()["allowed_actions"] == []
    assert (await unit.delete(WHERE, headers={"If-Match": '"1"'})).status_code == 403


FIGURE = {"columns": {"value": "v"}, "constants": {"indicator": "referrals_monthly"}}
FAULTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing": (
        {"columns": {}, "period": None, "area_by": "code"},
        [("/columns", "missing_column")] * 3 + [("/columns", "no_figure")],
    ),
    "given twice": ({"constants": {"area": "E06000059"}, "area_by": "code"}, [("/constants/area", "given_twice")]),
    "period twice": ({"constants": {"period": "RY2025"}}, [("/period", "given_twice")]),
    "twice in a figure": (
        {"figures": [FIGURE, FIGURE], "columns": {"area": "a", "value": "v"}},
        [("/figures/0/columns/value", "given_twice"), ("/figures/1/columns/value", "given_twice")],
    ),
    "figure without indicator": (
        {"columns": {"area": "a"}, "figures": [FIGURE, {"columns": {"value": "v"}}]},
        [("/figures/1", "missing_column")],
    ),
    "unknown system": ({"source_system": "abacus"}, [("/source_system", "unknown_code")]),
    "unknown indicator": (
        {"columns": {"area": "a", "value": "v"}, "constants": {"indicator": "no_such"}},
        [("/constants/indicator", "unknown_code")],
    ),
    "no identifier": ({"period": {"columns": ["period"], "reading": "dfe"}}, [("/period", "identifier")]),
    "two identifiers": (
        {"period": {"columns": ["period", "kind"], "reading": "dfe", "identifier": "RY"}}, [("/period", "identifier")]
    ),
    "no such identifier": (
        {"period": {"columns": ["period"], "reading": "dfe", "identifier": "XY"}},
        [("/period/identifier", "identifier")],
    ),
    "date in two columns": (
        {"period": {"columns": ["year", "month"], "reading": "date"}}, [("/period/columns", "columns")]
    ),
    "date as a term": (
        {"period": {"columns": ["day"], "reading": "date", "kind": "term"}}, [("/period/kind", "kind")]
    ),
    "constant area by number": (
        {"columns": {"indicator": "measure", "value": "v"}, "constants": {"area": "838"}}, [("/area_by", "area_by")]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
async def test_a_mapping_that_cannot_give_whole_figures_is_refused_at_its_fault(indicator: Running, name: str) -> None:
    client = await indicator.client("analyst")
    changes, faults = FAULTS[name]
    refused = await save(client, LAIT_MAPPING | changes)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/unfit-mapping")
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == faults
    assert (await client.get(WHERE)).status_code == 404


CANARY = "Zebedee-Canary-7731"


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("columns", {CANARY: "a"}), ("columns", {"area": CANARY * 50}), ("constants", {CANARY: "a"}),
        ("breakdown", {CANARY: "a"}), ("breakdown", {"phase": 1}), ("translations", {CANARY: {}}),
        ("translations", {"area": {CANARY: 1}}), ("only", {CANARY: []}), ("only", {CANARY: CANARY}),
    ],
)  # fmt: skip
async def test_a_fault_under_a_name_of_theirs_never_repeats_the_name(
    indicator: Running, field: str, content: dict[str, Any]
) -> None:
    client = await indicator.client("analyst")
    refused = await save(client, LAIT_MAPPING | {field: content})
    assert refused.status_code == 422
    assert "Canary" not in refused.text
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/{field}"]
