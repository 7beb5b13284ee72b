"""The data dictionary and the areas, read over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.indicator_api.indicators.queries import Applied
from services.indicator_api.indicators.schemas import AreaOut, IndicatorOut, MixOut
from services.indicator_api.indicators.service import information_mix
from shared.clock import FixedClock
from shared.schemas.figures import InformationType
from shared.schemas.periods import Period, PeriodKind
from tests.conftest import Running, Start


async def every(client: Any, path: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={"limit": 30, **query, **after})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        assert 'rel="next"' in answer.headers["link"]
        after = {"after": answer.json()["next"]}


async def test_every_indicator_is_listed_once_in_order_of_code(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    items = await every(client, "/v1/indicators")
    codes = [item["code"] for item in items]
    assert len(codes) >= 40
    assert codes == sorted(set(codes))
    assert {item["information_type"] for item in items} == {"quantitative", "qualitative", "outcome"}
    assert len({item["themed_area"] for item in items}) == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [("themed_area", "workforce_development"), ("information_type", "outcome"), ("focus_area", "front_door"),
     ("source_system", "cin_census")],
)  # fmt: skip
async def test_the_dictionary_is_filtered(indicator: Running, name: str, value: str) -> None:
    client = await indicator.client("practitioner")
    found = await every(client, "/v1/indicators", **{name: value})
    assert found
    assert {item[name] for item in found} == {value}


async def test_the_dictionary_is_filtered_by_plan(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    found = await every(client, "/v1/indicators", plan="core_data")
    assert found
    assert all("core_data" in item["plans"] for item in found)
    assert await every(client, "/v1/indicators", plan="no_such_plan") == []
    assert (await client.get("/v1/indicators?information_type=rumour")).status_code == 422


async def test_an_entry_says_all_of_itself(indicator: Running) -> None:
    client = await indicator.client("analyst")
    answer = await client.get("/v1/indicators/looked_after_rate")
    entry = IndicatorOut.model_validate_json(answer.content)
    assert (entry.version, entry.multiplier, entry.retired) == (1, 10_000, False)
    assert entry.focus_area == "children_in_care"
    assert "england" in entry.benchmarks
    assert entry.allowed_actions == ["record_figures"]
    same = await client.get("/v1/indicators/looked_after_rate", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    reader = await indicator.client("practitioner")
    assert (await reader.get("/v1/indicators/looked_after_rate")).json()["allowed_actions"] == []
    assert (await client.get("/v1/indicators/unheard_of")).status_code == 404
    assert (await client.get("/v1/indicators/looked_after_rate?version=7")).status_code == 404
    assert (await client.get("/v1/indicators/NOT A CODE")).status_code == 422


async def test_reading_the_dictionary_needs_its_scope(indicator: Running) -> None:
    for path in ("/v1/indicators", "/v1/indicators/mix", "/v1/indicators/looked_after_rate", "/v1/areas"):
        assert (await (await indicator.client("board_reader")).get(path)).status_code == 403
        assert (await (await indicator.client(None)).get(path)).status_code == 401


async def test_areas_are_listed_with_what_became_of_them(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    areas = {item["code"]: AreaOut(**item) for item in await every(client, "/v1/areas")}
    assert areas["E06000059"].la_number == "838"
    county = areas["E10000009"]
    assert "E06000059" in {one.area for one in county.successors}
    assert not any(one.same_footprint for one in county.successors)
    regions = await every(client, "/v1/areas", kind="region")
    assert len(regions) == 9
    west = await every(client, "/v1/areas", region="E12000009")
    assert {item["region"] for item in west} == {"E12000009"}
    assert (await client.get("/v1/areas?kind=planet")).status_code == 422


async def test_R02_the_mix_counts_each_information_type(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    entries = await every(client, "/v1/indicators")
    mix = MixOut.model_validate_json((await client.get("/v1/indicators/mix")).content)
    (point,) = mix.points
    assert point.period == "2026-11"
    assert point.indicators == len(entries)
    for one in point.types:
        assert one.count == sum(entry["information_type"] == one.information_type for entry in entries)
        assert one.share == round(one.count / len(entries), 4)
    assert mix.direction is None


async def test_R02_one_more_outcome_indicator_moves_the_number(indicator: Running) -> None:
    client, admin = await indicator.client("practitioner"), await indicator.client("admin")

    async def outcomes() -> tuple[int, float]:
        mix = (await client.get("/v1/indicators/mix?from=2026-11&to=2026-12")).json()
        return next((t["count"], t["share"]) for t in mix["points"][0]["types"] if t["information_type"] == "outcome")

    before = await outcomes()
    entry = (await admin.get("/v1/framework/indicators/rereferrals")).json()["content"] | {"code": "one_more"}
    items = [{"kind": "indicators", "code": "one_more", "content": entry}]
    assert (await admin.post("/v1/framework/applications", json={"items": items})).status_code == 200
    after = await outcomes()
    assert after[0] == before[0] + 1
    assert after[1] > before[1]


async def test_R02_the_mix_has_a_direction_over_periods(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    mix = (await client.get("/v1/indicators/mix?from=2026-01&to=2026-12")).json()
    assert [point["period"] for point in mix["points"]][::11] == ["2026-01", "2026-12"]
    years = (await client.get("/v1/indicators/mix?from=FY2026-27")).json()
    assert [point["period"] for point in years["points"]] == ["FY2026-27"]
    for query in ("from=2026-05&to=2026-01", "from=2026-05&to=FY2026-27", "from=1990-01&to=2026-01",
                  "from=AY2026-27-T1", "from=AY2026-27-T1&to=AY2026-27-T2", "from=soon"):  # fmt: skip
        assert (await client.get(f"/v1/indicators/mix?{query}")).status_code == 422, query


async def test_R02_what_nobody_knew_is_not_a_nought(start: Start) -> None:
    indicator = await start("indicator", clock=FixedClock(datetime.now(UTC)))
    client = await indicator.client("practitioner")
    now = Period.containing(PeriodKind.month, indicator.clock.today())
    before, after = now.predecessor.predecessor, now.successor
    mix = (await client.get("/v1/indicators/mix", params={"from": before.code, "to": after.code})).json()
    first, _, present, future = mix["points"]
    assert (first["indicators"], first["not_known_because"]) == (None, "no_framework_yet")
    assert {(one["count"], one["share"]) for one in first["types"]} == {(None, None)}
    assert present["indicators"] > 0 and present["not_known_because"] is None
    assert (future["indicators"], future["not_known_because"]) == (None, "not_begun")
    assert mix["known_since"] >= f"{before.code}-01"
    assert mix["direction"] is None


def test_R02_the_direction_is_told_from_what_is_known() -> None:
    day = datetime(2026, 6, 5, 9, tzinfo=UTC)
    applied = [Applied("a", 1, day, False, InformationType.quantitative)]
    applied.append(Applied("b", 1, day + timedelta(days=60), False, InformationType.outcome))
    months = [Period.parse(f"2026-{month:02d}") for month in range(4, 10)]
    mix = information_mix(applied, months, date(2026, 9, 20))
    assert [point.indicators for point in mix.points] == [None, None, 1, 1, 2, 2]
    assert (mix.direction, mix.known_since) == ("rising", date(2026, 6, 5))


async def test_an_empty_framework_answers_empty(start: Start) -> None:
    indicator = await start("indicator", dorset=False)
    client = await indicator.client("admin")
    assert (await client.get("/v1/indicators")).json()["items"] == []
    assert (await client.get("/v1/areas")).json()["items"] == []
    assert (await client.get("/v1/indicators/mix")).json()["points"][0]["indicators"] == 0
    assert (await client.get("/v1/observations?area=E06000059")).json()["items"] == []
