"""Triangulation and impact summaries ask in the caller's name only, and say what could not be read (R08, R18)."""

from __future__ import annotations

import pytest

from tests.reporting_api.conftest import Desk, slug

BOTH = (
    "/v1/triangulation?theme=supervision&period=2026-10&unit=fs_weymouth",
    "/v1/triangulation/themes?period=2026-10&unit=fs_weymouth",
    "/v1/teams/fs_weymouth/impact-summary?period=2026-10",
)


@pytest.mark.parametrize("path", BOTH)
async def test_R08_every_neighbour_is_asked_with_the_callers_token_and_none_with_our_own(desk: Desk, path: str) -> None:
    client = await desk.reporting.client("practitioner", unit="fs_weymouth")
    assert (await client.get(path)).status_code == 200
    bearers = {bearer for one in desk.neighbours for _, _, bearer in one.asked}
    assert bearers == {client.headers["authorization"]}


async def test_R08_a_caller_of_one_unit_is_told_of_that_unit_without_naming_it(desk: Desk) -> None:
    client = await desk.reporting.client("practitioner", unit="fs_weymouth")
    answer = (await client.get("/v1/triangulation?theme=supervision&period=2026-10")).json()
    assert answer["unit"] == {"code": "fs_weymouth", "name": "Family Support, Weymouth"}
    units = {query.get("unit") for _, query, _ in desk.neighbours.audit.asked}
    assert units == {"fs_weymouth"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/triangulation?theme=supervision&period=2026-10&unit=fs_portland",
        "/v1/triangulation/themes?period=2026-10&unit=fs_portland",
        "/v1/teams/fs_portland/impact-summary?period=2026-10",
    ],
)
async def test_another_units_theme_or_summary_is_404_and_no_neighbour_is_asked(desk: Desk, path: str) -> None:
    client = await desk.reporting.client("team_manager", unit="fs_weymouth")
    unknown = await client.get(path.replace("fs_portland", "no_such_team"))
    answer = await client.get(path)
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert slug(answer) == slug(unknown)
    assert all(not one.asked for one in desk.neighbours)


async def test_R08_a_neighbour_that_is_down_makes_its_voices_unavailable_and_never_silent(desk: Desk) -> None:
    desk.neighbours.audit.mode = "error"
    client = await desk.client("analyst")
    answer = (await client.get("/v1/triangulation?theme=supervision&period=2026-10")).json()
    voices = {one["voice"]: one for one in answer["voices"]}
    assert (voices["audits"]["says"], voices["audits"]["availability"]) == ("not_told", "unavailable")
    assert voices["audits"]["evidence"] == []
    assert answer["done"]["actions"] is None
    assert "audit" not in answer["services_heard"]
    assert "audits" in answer["agreement"]["unheard"]


async def test_R18_a_part_that_a_neighbour_refuses_says_so_and_the_others_stand(desk: Desk) -> None:
    desk.neighbours.feedback.mode = "forbidden"
    client = await desk.client("analyst")
    answer = (await client.get("/v1/teams/fs_weymouth/impact-summary?period=2026-10")).json()
    parts = {one["part"]: one for one in answer["parts"]}
    assert (parts["feedback"]["availability"], parts["feedback"]["unavailable_reason"]) == ("unavailable", "forbidden")
    assert parts["feedback"]["lines"] == []
    assert parts["audits"]["availability"] == "available"
    assert parts["audits"]["headline"] in answer["headlines"]
    assert parts["feedback"]["headline"] not in answer["headlines"]


@pytest.mark.parametrize("path", ["/v1/triangulation?theme=supervision", "/v1/teams/fs_weymouth/impact-summary"])
async def test_without_a_period_the_last_whole_quarter_is_told(desk: Desk, path: str) -> None:
    answer = (await (await desk.client("analyst")).get(path)).json()
    assert answer["period"]["code"] == "FY2026-27-Q2"
    assert {query["period"] for _, query, _ in desk.neighbours.audit.asked if "period" in query} == {"FY2026-27-Q2"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("theme=no_such_theme&period=2026-10", "/query/theme"),
        ("theme=supervision&period=AY2026-27-T1", "/query/period"),
        ("theme=supervision&period=2027-06", "/query/period"),
        ("theme=supervision&period=2026-10&team=fs_weymouth", "/query"),
    ],
)
async def test_what_cannot_be_asked_is_refused_where_the_fault_is(desk: Desk, query: str, pointer: str) -> None:
    answer = await (await desk.client("analyst")).get(f"/v1/triangulation?{query}")
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert "no_such_theme" not in answer.text
