"""R50: one call for many places, narrowed by what a reader wants to see, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Running
from tests.indicator_api.exceptions.test_keeping import CHANGES, ask, keep_now, store
from tests.indicator_api.published import DORSET, item, months

TEAMS = ["cwd_east", "cwd_west", "fs_weymouth"]


@pytest.fixture(params=["kept", "computed"])
async def teams(request: pytest.FixtureRequest, indicator: Running) -> Running:
    """Three teams with a fall in October, one of which is answered by a rise of the council's own in quality."""
    for team in TEAMS:
        await store(indicator, months("supervision_in_time", team, "2025-10", CHANGES))
    await store(indicator, months("supervision_in_time", DORSET, "2025-09", [*CHANGES, 92]))
    if request.param == "kept":
        await keep_now(indicator)
    return indicator


async def test_R50_several_areas_and_all_units_are_asked_for_in_one_call(teams: Running) -> None:
    some = await ask(teams, area=["cwd_east", "fs_weymouth"])
    assert [row["area"] for row in some["items"]] == ["cwd_east", "fs_weymouth"]
    assert [one["area"] for one in some["areas"]] == ["cwd_east", "fs_weymouth"]
    every = await ask(teams, units="true")
    assert [row["area"] for row in every["items"] if row["trigger"] == "SIGNIFICANT_CHANGE"] == TEAMS
    assert every["areas"][0] == {"area": DORSET, "name": "Dorset", "indicators_examined": 1}
    # The teams, the council, and above the teams three sums that wait for numerators.
    assert every["indicators_examined"] == 7
    own = await ask(teams, "team_manager", "children_who_are_disabled", units="true")
    assert {one["area"] for one in own["areas"]} >= {DORSET, "cwd_east", "cwd_west"}
    assert "fs_weymouth" not in {one["area"] for one in own["areas"]}


async def test_R50_what_stood_the_month_before_is_shown_as_resolved(teams: Running) -> None:
    (gone,) = (await ask(teams))["resolved"]
    assert (gone["area"], gone["period"], gone["status"]) == (DORSET, "2026-09", "resolved")
    assert (gone["direction"], gone["display"], gone["allowed_actions"]) == ("low", "60.0%", [])


@pytest.mark.parametrize(
    ("query", "count", "resolved"),
    [
        ({}, 3, 1),
        ({"trigger": "SIGNIFICANT_CHANGE"}, 3, 1),
        ({"trigger": "DATA_LATE"}, 0, 0),
        ({"indicator": "supervision_in_time"}, 3, 1),
        ({"indicator": "rereferrals"}, 0, 0),
        ({"themed_area": "performance_management"}, 3, 1),
        ({"themed_area": "workforce_development"}, 0, 0),
        ({"favourable": "false"}, 3, 1),
        ({"favourable": "true"}, 0, 0),
        ({"status": "new"}, 3, 0),
        ({"status": "standing"}, 0, 0),
        ({"status": "resolved"}, 0, 1),
        ({"answered": "false"}, 3, 0),
        ({"answered": "true"}, 0, 0),
    ],
)
async def test_R50_exceptions_are_narrowed_by_what_they_are(
    teams: Running, query: dict[str, str], count: int, resolved: int
) -> None:
    found = await ask(teams, units="true", **query)
    assert (len(found["items"]), len(found["resolved"])) == (count, resolved)


async def test_R50_a_long_list_comes_by_the_page(teams: Running) -> None:
    whole = await ask(teams, units="true")
    found: list[Any] = []
    after: dict[str, str] = {}
    for turn in range(3):
        page = await ask(teams, units="true", limit=1, **after)
        found += page["items"]
        assert len(page["resolved"]) == (turn == 0)
        after = {"after": page["next"] or ""}
    assert found == whole["items"]
    assert page["next"] is None
    client = await teams.client("analyst")
    assert (await client.get("/v1/exceptions?after=nonsense")).status_code == 422


async def test_R50_augusts_are_set_beside_augusts(indicator: Running) -> None:
    admin = await indicator.client("admin")
    entry = (await admin.get("/v1/framework/indicators/supervision_in_time")).json()["content"]
    changed = {
        "kind": "indicators",
        "code": entry["code"],
        "content": entry | {"series_kind": "seasonal", "targets": []},
    }
    assert (await admin.post("/v1/framework/applications", json={"items": [changed]})).status_code == 200
    usual = [90, 91, 89, 92, 90, 91]
    figures = [
        item("supervision_in_time", DORSET, f"{2020 + year}-{month:02d}", (40 if month == 8 else 90) + value % 3)
        for year, value in enumerate(usual)
        for month in range(1, 13)
    ]
    await store(indicator, [*figures, item("supervision_in_time", DORSET, "2026-08", 44)])
    assert (await ask(indicator, period="2026-08"))["items"] == []
    await store(indicator, [item("supervision_in_time", DORSET, "2026-08", 60)])
    (row,) = (await ask(indicator, period="2026-08"))["items"]
    assert (row["rule"], row["direction"], row["n"], row["trial_limits"]) == ("outside_limits", "high", 7, True)
    assert "set beside the same time of earlier years" in row["sentence"]
