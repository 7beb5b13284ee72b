"""Many indicators in one answer say what each says alone, cut to the newest points, to every caller as he may see."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.schemas.series import SeriesPack
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load, months

TEAMS = ("fs_weymouth", "fs_portland", "cwd_east")
CODES = ("supervision_in_time", "complaints_received")
AREAS = [DORSET, *TEAMS]


async def stored(indicator: Running) -> None:
    rising = [61.0, 64.5, 66.7, 70.0, 71.2, 74.4, 75.9, 77.7, None, 80.1, 81.0, 79.4, 78.6, 83.3]
    figures = months("supervision_in_time", DORSET, "2025-01", rising)
    for place, team in enumerate(TEAMS):
        counted = [(f"FY2025-26-Q{quarter}", 3 * quarter + place) for quarter in (1, 2, 4)]
        figures += [item("complaints_received", team, period, n) for period, n in counted]
    await load(await indicator.client("analyst"), figures)


async def pack(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/series", params={"indicator": ",".join(CODES), "area": ",".join(AREAS)} | query)
    assert answer.status_code == 200, answer.text
    SeriesPack.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("role", ["analyst", "practitioner"])
@pytest.mark.parametrize("query", [{}, {"to": "2025-09"}, {"as_at": "2026-11-20"}])
async def test_a_pack_says_of_each_indicator_what_it_says_alone(
    indicator: Running, role: str, query: dict[str, str]
) -> None:
    await stored(indicator)
    client = await indicator.client(role)
    found = await pack(client, **query)
    alone = [
        (await client.get(f"/v1/indicators/{code}/series", params={"area": AREAS} | query)).json() for code in CODES
    ]
    assert [one["areas"] for one in found["items"]] == [one["areas"] for one in alone]
    assert [one["latest_recorded_at"] for one in found["items"]] == [one["latest_recorded_at"] for one in alone]
    assert found["unknown"] == []


async def test_the_newest_points_are_judged_by_limits_that_rest_on_all(indicator: Running) -> None:
    await stored(indicator)
    client = await indicator.client("analyst")
    whole, cut = (await pack(client))["items"][0], (await pack(client, newest=3))["items"][0]
    assert cut["areas"][0]["points"] == whole["areas"][0]["points"][-3:]
    assert cut["areas"][0]["segments"] == whole["areas"][0]["segments"] != []


async def test_a_pack_keeps_its_tag_until_a_figure_changes_and_never_for_who_sees_less(indicator: Running) -> None:
    await stored(indicator)
    client = await indicator.client("analyst")
    asked = {"indicator": ",".join(CODES), "area": ",".join(AREAS), "marked": "true"}
    tag = (await client.get("/v1/series", params=asked)).headers["etag"]
    assert tag.startswith("W/")
    assert (await client.get("/v1/series", params=asked, headers={"If-None-Match": tag})).status_code == 304
    less = await (await indicator.client("practitioner")).get(
        "/v1/series", params=asked, headers={"If-None-Match": tag}
    )
    assert less.status_code == 200
    await load(client, [item("complaints_received", TEAMS[0], "FY2026-27-Q1", 12)])
    assert (await client.get("/v1/series", params=asked, headers={"If-None-Match": tag})).status_code == 200


async def test_a_code_that_no_indicator_has_is_listed_and_costs_nothing_else(indicator: Running) -> None:
    await stored(indicator)
    found = await pack(await indicator.client("analyst"), indicator="supervision_in_time,no_such_thing")
    assert [one["indicator"] for one in found["items"]] == ["supervision_in_time"]
    assert found["unknown"] == ["no_such_thing"]


async def test_a_place_that_is_not_there_is_404_and_a_bad_code_422(indicator: Running) -> None:
    client = await indicator.client("analyst")
    assert (await client.get("/v1/series?indicator=absence&area=no_such_team")).status_code == 404
    assert (await client.get("/v1/series?indicator=A%20b")).status_code == 422
    assert (await client.get("/v1/series")).status_code == 422


async def test_positions_of_the_indicators_named_alone(indicator: Running) -> None:
    client = await indicator.client("analyst")
    answer = await client.get("/v1/positions?indicator=rereferrals,absence&limit=500")
    assert [one["indicator"] for one in answer.json()["items"]] == ["absence", "rereferrals"]
