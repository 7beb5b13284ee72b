"""Units that open, close and take over from each other: past sums stand, and no series runs on in silence."""

from __future__ import annotations

from typing import Any

from tests.conftest import Running
from tests.indicator_api.published import item, load

SERVICE, EAST, WEST = "children_who_are_disabled", "cwd_east", "cwd_west"


def team(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": name, "kind": "team", "parent": SERVICE, "valid_from": "2019-04-01"} | more


async def apply(indicator: Running, *units: dict[str, Any]) -> None:
    items = [{"kind": "units", "code": one["code"], "content": one} for one in units]
    answer = await (await indicator.client("admin")).post("/v1/framework/applications", json={"items": items})
    assert answer.status_code == 200, answer.text


async def ends(indicator: Running, code: str, name: str, day: str, *heirs: str) -> None:
    await apply(indicator, team(code, name, valid_to=day, successors=list(heirs)))


async def store(indicator: Running, unit: str, **months: float) -> None:
    figures = [item("complaints_received", unit, quarter.replace("_", "-"), n) for quarter, n in months.items()]
    await load(await indicator.client("analyst"), figures)


async def series(indicator: Running, unit: str, **query: Any) -> Any:
    client = await indicator.client("analyst")
    answer = await client.get("/v1/indicators/complaints_received/series", params={"area": unit} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()["areas"][0]


async def sums(indicator: Running) -> list[tuple[str, float | None, int]]:
    return [(one["period"][-2:], one["value"], one["units"]) for one in (await series(indicator, SERVICE))["points"]]


async def test_past_sums_do_not_move_when_two_teams_become_one(indicator: Running) -> None:
    await store(indicator, EAST, FY2026_27_Q1=10)
    await store(indicator, WEST, FY2026_27_Q1=20)
    assert await sums(indicator) == [("Q1", 30, 2)]
    await apply(indicator, team("cwd_all", "Children who are Disabled, All", valid_from="2026-07-01"))
    await ends(indicator, EAST, "East", "2026-06-30", "cwd_all")
    await ends(indicator, WEST, "West", "2026-06-30", "cwd_all")
    assert await sums(indicator) == [("Q1", 30, 2)]
    await store(indicator, "cwd_all", FY2026_27_Q2=33)
    assert await sums(indicator) == [("Q1", 30, 2), ("Q2", 33, 1)]
    # The past cut again for the new team, and what is sent for the old ones after their end, are not added twice.
    await store(indicator, "cwd_all", FY2026_27_Q1=30)
    await store(indicator, EAST, FY2026_27_Q2=11)
    assert await sums(indicator) == [("Q1", 30, 2), ("Q2", 33, 1)]


async def test_a_sum_is_open_until_every_heir_of_a_team_has_sent_its_figure(indicator: Running) -> None:
    await store(indicator, EAST, FY2026_27_Q1=10)
    await store(indicator, WEST, FY2026_27_Q1=20, FY2026_27_Q2=22)
    heirs = ("cwd_north", "cwd_south")
    await apply(indicator, *(team(code, code.title(), valid_from="2026-07-01") for code in heirs))
    await ends(indicator, EAST, "East", "2026-06-30", *heirs)
    assert await sums(indicator) == [("Q1", 30, 2), ("Q2", None, 1)]
    await store(indicator, "cwd_north", FY2026_27_Q2=6)
    assert await sums(indicator) == [("Q1", 30, 2), ("Q2", None, 2)]
    await store(indicator, "cwd_south", FY2026_27_Q2=7)
    assert await sums(indicator) == [("Q1", 30, 2), ("Q2", 35, 3)]


async def test_in_the_period_of_a_change_both_sides_count_and_neither_is_owed(indicator: Running) -> None:
    await store(indicator, EAST, FY2026_27_Q1=10, FY2026_27_Q2=4)
    await apply(indicator, team("cwd_new", "New", valid_from="2026-08-16"))
    await ends(indicator, EAST, "East", "2026-08-15", "cwd_new")
    assert await sums(indicator) == [("Q1", 10, 1), ("Q2", 4, 1)]
    await store(indicator, "cwd_new", FY2026_27_Q2=5)
    assert await sums(indicator) == [("Q1", 10, 1), ("Q2", 9, 2)]


async def test_a_series_breaks_where_a_unit_took_over_and_names_it(indicator: Running) -> None:
    await apply(indicator, team("cwd_all", "All", valid_from="2026-07-01"))
    await ends(indicator, EAST, "East", "2026-06-30", "cwd_all")
    await ends(indicator, WEST, "West", "2026-06-30", "cwd_all")
    await store(indicator, "cwd_all", FY2026_27_Q2=33)
    await store(indicator, EAST, FY2026_27_Q1=10)
    after, before = await series(indicator, "cwd_all"), await series(indicator, EAST)
    assert [(one["period"], one["predecessor"], one["renamed"]) for one in after["breaks"]] == [
        ("FY2026-27-Q2", EAST, False), ("FY2026-27-Q2", WEST, False),
    ]  # fmt: skip
    assert (
        after["breaks"][0]["reason"] == "All took over from East on 1 July 2026, whose figures are not continued here."
    )
    assert before["breaks"][0]["reason"] == "East ended on 30 June 2026; its figures do not run on into All."


async def test_a_renamed_unit_is_continued_only_where_that_is_asked_for(indicator: Running) -> None:
    await store(indicator, EAST, FY2025_26_Q4=8, FY2026_27_Q1=10)
    await apply(indicator, team("cwd_sunrise", "Sunrise", valid_from="2026-07-01"))
    await ends(indicator, EAST, "East", "2026-06-30", "cwd_sunrise")
    await store(indicator, "cwd_sunrise", FY2026_27_Q2=12)
    plain = await series(indicator, "cwd_sunrise")
    assert [one["value"] for one in plain["points"]] == [12]
    assert [(one["predecessor"], one["renamed"]) for one in plain["breaks"]] == [(EAST, True)]
    joined = await series(indicator, "cwd_sunrise", continued=True)
    assert [(one["value"], one["recorded_for"]) for one in joined["points"]] == [(8, EAST), (10, EAST), (12, None)]
    assert joined["breaks"] == plain["breaks"]
