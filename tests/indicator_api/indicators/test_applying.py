"""What the framework of indicators is held to when it is applied."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import Running

PATH = "/v1/framework"


async def content(client: httpx.AsyncClient, kind: str, code: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{PATH}/{kind}/{code}")).json()["content"]
    return found


async def apply(client: httpx.AsyncClient, kind: str, *items: dict[str, Any], **more: Any) -> httpx.Response:
    body = {"items": [{"kind": kind, "code": one["code"], "content": one} for one in items], **more}
    return await client.post(f"{PATH}/applications", json=body)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"focus_area": "no_such_focus"}, "/focus_area"),
        ({"source_system": "no_such_system"}, "/source_system"),
        ({"owner_unit": "no_such_unit"}, "/owner_unit"),
        ({"benchmarks": ["no_such_set"]}, "/benchmarks/0"),
        (
            {"derived_from": {"numerators": ["no_such_one"], "denominators": ["referrals"]}},
            "/derived_from/numerators/0",
        ),
    ],
)
async def test_R03_an_indicator_names_only_what_is_applied(
    indicator: Running, change: dict[str, Any], place: str
) -> None:
    admin = await indicator.client("admin")
    entry = await content(admin, "indicators", "rereferrals")
    refused = await apply(admin, "indicators", entry | change)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/unfit-framework")
    (fault,) = refused.json()["errors"]
    assert place in fault["detail"]
    assert "no_such" not in refused.text
    assert await content(admin, "indicators", "rereferrals") == entry


async def test_R03_an_indicator_without_a_focus_area_is_refused(indicator: Running) -> None:
    admin = await indicator.client("admin")
    entry = await content(admin, "indicators", "rereferrals")
    del entry["focus_area"]
    refused = await apply(admin, "indicators", entry)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/items/0/content/focus_area"


async def test_R04_a_quantitative_indicator_has_a_benchmark_or_says_why_not(indicator: Running) -> None:
    admin = await indicator.client("admin")
    entry = await content(admin, "indicators", "looked_after_rate")
    assert (await apply(admin, "indicators", entry | {"benchmarks": []})).status_code == 422
    assert (await apply(admin, "indicators", entry | {"information_type": "anecdotal"})).status_code == 422
    reasoned = entry | {"benchmarks": [], "no_benchmark_reason": "Nobody else counts it."}
    assert (await apply(admin, "indicators", reasoned)).status_code == 200


async def test_what_an_item_in_force_names_cannot_be_retired(indicator: Running) -> None:
    admin = await indicator.client("admin")
    first = (await admin.get(f"{PATH}/focus_areas?limit=1")).json()["items"][0]["content"]
    refused = await apply(admin, "focus_areas", first, retire_missing=True)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/unfit-framework")
    one = await content(admin, "comparator_sets", "england")
    assert (await apply(admin, "comparator_sets", one, retire_missing=True)).status_code == 422
    area = await content(admin, "areas", "E92000001")
    assert (await apply(admin, "areas", area, retire_missing=True)).status_code == 422


async def test_an_indicator_that_counts_differently_needs_a_new_version(indicator: Running) -> None:
    admin = await indicator.client("admin")
    entry = await content(admin, "indicators", "looked_after_rate")
    refused = await apply(admin, "indicators", entry | {"multiplier": 1_000})
    assert refused.json()["errors"][0]["code"] == "version_not_raised"
    assert (await apply(admin, "indicators", entry | {"title": "Other words"})).status_code == 200
    assert (await apply(admin, "indicators", entry | {"multiplier": 1_000, "version": 2})).status_code == 200
    lower = await apply(admin, "indicators", entry)
    assert lower.json()["errors"][0]["code"] == "version_lower"
    now = (await admin.get("/v1/indicators/looked_after_rate")).json()
    assert (now["version"], now["framework_version"], now["multiplier"]) == (2, 3, 1_000)
    old = (await admin.get("/v1/indicators/looked_after_rate?version=1")).json()
    assert (old["version"], old["multiplier"], old["title"]) == (1, 10_000, "Other words")


async def test_a_retired_indicator_takes_no_more_figures_but_keeps_its_entry(indicator: Running) -> None:
    admin = await indicator.client("admin")
    items = []
    after: dict[str, str] = {}
    while True:
        page = (await admin.get(f"{PATH}/indicators", params={"limit": 500, **after})).json()
        items += [item["content"] for item in page["items"] if item["code"] != "attitude_to_audit"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    figure = {"indicator": "attitude_to_audit", "area": "E06000059", "period": "FY2025-26", "value": 60}
    assert (await admin.post("/v1/observations", json=figure)).status_code == 201
    assert (await apply(admin, "indicators", *items, retire_missing=True)).status_code == 200
    assert (await admin.post("/v1/observations", json=figure)).status_code == 422
    entry = (await admin.get("/v1/indicators/attitude_to_audit")).json()
    assert (entry["retired"], entry["allowed_actions"]) == (True, [])
    reader = await indicator.client("practitioner")
    assert len((await reader.get("/v1/observations?indicator=attitude_to_audit")).json()["items"]) == 1


async def test_areas_and_members_are_kept_in_step(indicator: Running) -> None:
    admin = await indicator.client("admin")
    neighbours = await content(admin, "comparator_sets", "dfe_neighbours_2025")
    fewer = neighbours | {"members": neighbours["members"][:4]}
    assert (await apply(admin, "comparator_sets", fewer)).status_code == 200
    async with indicator.database.snapshot() as session:
        rows = await session.execute(
            sa.text("SELECT area FROM comparator_member WHERE comparator_set = 'dfe_neighbours_2025' ORDER BY rank")
        )
        assert rows.scalars().all() == [member["area"] for member in neighbours["members"][:4]]
    dorset = await content(admin, "areas", "E06000059")
    assert (await apply(admin, "areas", dorset | {"name": "Dorset, renamed"})).status_code == 200
    areas = (await admin.get("/v1/areas?limit=500")).json()["items"]
    assert next(area["name"] for area in areas if area["code"] == "E06000059") == "Dorset, renamed"


async def test_a_former_code_leads_to_one_area(indicator: Running) -> None:
    admin = await indicator.client("admin")
    dorset = await content(admin, "areas", "E06000059")
    refused = await apply(admin, "areas", dorset | {"former_codes": ["E92000001"]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "former_code"
