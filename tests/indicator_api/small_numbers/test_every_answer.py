"""The same small number is hidden in every answer that could show it, and nothing else answered gives it away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load

SERVICE, EAST, WEST = "children_who_are_disabled", "cwd_east", "cwd_west"
QUARTER, CODE = "FY2026-27-Q1", "complaints_received"
PLACES = (DORSET, "dorset_council", "childrens_services", SERVICE, EAST, WEST)


async def reader(indicator: Running) -> httpx.AsyncClient:
    return await indicator.client("practitioner")


async def complaints(indicator: Running, **counts: float) -> None:
    """Store the counts of units (and of Dorset as `area`), in one import."""
    client = await indicator.client("analyst")
    await load(client, [item(CODE, DORSET if at == "area" else at, QUARTER, n) for at, n in counts.items()])


async def listed(client: httpx.AsyncClient, **query: Any) -> dict[tuple[str, str | None], Any]:
    answer = await client.get("/v1/observations", params={"indicator": CODE, "limit": 200} | query)
    assert answer.status_code == 200, answer.text
    return {(one["area"], one["breakdown"]): one["value"] for one in answer.json()["items"]}


async def charted(client: httpx.AsyncClient, *areas: str, **query: Any) -> dict[str, Any]:
    answer = await client.get(f"/v1/indicators/{CODE}/series", params={"area": areas} | query)
    assert answer.status_code == 200, answer.text
    return {one["area"]: one["points"][-1]["value"] if one["points"] else None for one in answer.json()["areas"]}


async def test_a_parents_figure_and_one_teams_do_not_give_the_other_teams_away(indicator: Running) -> None:
    await complaints(indicator, **{SERVICE: 22, EAST: 20, WEST: 2})
    client = await reader(indicator)
    shown = {SERVICE: 22, EAST: None, WEST: None}
    assert await charted(client, *shown) == shown
    for place, value in shown.items():
        assert await charted(client, place) == {place: value}
        assert await listed(client, area=place) == {(place, None): value}
        assert await listed(client, area=place, period=QUARTER, breakdown="") == {(place, None): value}
    assert await listed(client) == {(place, None): value for place, value in shown.items()}
    assert await charted(await indicator.client("analyst"), *shown) == {SERVICE: 22, EAST: 20, WEST: 2}


async def test_a_caller_of_one_unit_is_shown_no_more(indicator: Running) -> None:
    await complaints(indicator, **{SERVICE: 22, EAST: 20, WEST: 2})
    client = await indicator.client("practitioner", EAST)
    assert await charted(client, EAST) == {EAST: None}
    assert await listed(client) == {(EAST, None): None}


async def test_a_breakdown_and_its_total_and_the_unit_it_names_are_one_table(indicator: Running) -> None:
    await complaints(indicator, area=60)
    parts = {"unit=cwd_east": 40, "unit=cwd_west": 17, "unit=fs_portland": 3}
    analyst = await indicator.client("analyst")
    await load(analyst, [item(CODE, DORSET, QUARTER, n, breakdown=part) for part, n in parts.items()])
    client = await reader(indicator)
    assert await listed(client) == {
        (DORSET, None): 60, (DORSET, "unit=cwd_east"): 40, (DORSET, "unit=cwd_west"): None,
        (DORSET, "unit=fs_portland"): None,
    }  # fmt: skip
    assert await charted(client, DORSET, breakdown="unit=cwd_west") == {DORSET: None}
    # The same 17 under the team's own name is as telling as under the council's.
    await complaints(indicator, cwd_west=17)
    assert (await listed(client))["cwd_west", None] is None
    assert await charted(client, WEST) == {WEST: None}


async def test_a_share_takes_another_with_it_and_keeps_no_part_of_itself(indicator: Running) -> None:
    shares = {SERVICE: (50, 60), EAST: (30, 40), WEST: (20, 20)}
    figures = [
        item("complaints_answered_in_time", area, QUARTER, 100 * n / d, numerator=n, denominator=d)
        for area, (n, d) in shares.items()
    ]
    figures.append(item("complaints_answered_in_time", "fs_portland", QUARTER, 97.5, numerator=39, denominator=40))
    await load(await indicator.client("analyst"), figures)
    answer = await (await reader(indicator)).get("/v1/observations?indicator=complaints_answered_in_time")
    seen = {one["area"]: (one["value"], one["numerator"], one["denominator"]) for one in answer.json()["items"]}
    # One of 40 late is hidden; nothing shown adds up to it, so it needs no cover.
    assert seen["fs_portland"] == (None, None, None)
    assert seen[EAST] == (75, 30, 40)
    assert seen[SERVICE][1:] == (50, 60)


async def test_exceptions_rest_on_what_is_left(indicator: Running) -> None:
    quarters = [f"FY{year}-{year % 100 + 1}-Q{quarter}" for year in range(2022, 2026) for quarter in range(1, 5)]
    steady = [20, 22, 21, 23] * 4
    figures = [item(CODE, EAST, period, n) for period, n in zip(quarters, steady, strict=True)]
    figures += [item(CODE, EAST, QUARTER, 90), item(CODE, WEST, QUARTER, 2), item(CODE, SERVICE, QUARTER, 92)]
    await load(await indicator.client("analyst"), figures)
    path = f"/v1/exceptions?period={QUARTER}&area={EAST}&trigger=SIGNIFICANT_CHANGE"
    true = (await (await indicator.client("analyst")).get(path)).json()["items"]
    assert [one["figure"]["value"] for one in true if one["indicator"] == CODE] == [90]
    assert [
        one for one in (await (await reader(indicator)).get(path)).json()["items"] if one["indicator"] == CODE
    ] == []


@pytest.mark.parametrize("later", [21, 25])
async def test_a_change_by_a_few_is_not_told_by_reading_twice(indicator: Running, later: int) -> None:
    await complaints(indicator, **{SERVICE: 52, EAST: 20, WEST: 32})
    client = await reader(indicator)
    assert await charted(client, SERVICE, EAST, WEST) == {SERVICE: 52, EAST: 20, WEST: 32}
    first = indicator.clock.now().isoformat()
    indicator.clock.advance(timedelta(minutes=1))
    await complaints(indicator, **{SERVICE: 32 + later, EAST: later})
    now = {SERVICE: None, EAST: None, WEST: 32}
    assert await charted(client, SERVICE, EAST, WEST) == now
    assert await charted(client, SERVICE, EAST, WEST, as_at=first) == now
    assert await listed(client, as_at=first) == {(place, None): value for place, value in now.items()}
    indicator.clock.advance(timedelta(minutes=1))
    await complaints(indicator, **{SERVICE: 80, EAST: 48})
    assert await charted(client, SERVICE, EAST, WEST) == {SERVICE: 80, EAST: 48, WEST: 32}
    assert await charted(client, SERVICE, EAST, WEST, as_at=first) == now


async def test_the_past_of_a_figure_and_how_often_it_changed_are_not_told(indicator: Running) -> None:
    for value in (20, 3, 40):
        await complaints(indicator, cwd_east=value)
    client, analyst = await reader(indicator), await indicator.client("analyst")
    key = {"indicator": CODE, "area": EAST, "period": QUARTER}
    past = (await client.get("/v1/observations/history", params=key | {"limit": 1})).json()
    assert ([(one["value"], one["revision"]) for one in past["items"]], past["next"]) == ([(40, None)], None)
    true = (await analyst.get("/v1/observations/history", params=key)).json()["items"]
    assert [(one["value"], one["revision"]) for one in true] == [(40, 3), (3, 2), (20, 1)]
    published = [item("adopted", DORSET, "RY2025", value) for value in (3, 4)]
    for one in published:
        await load(analyst, [one])
    told = (await client.get("/v1/observations/history?indicator=adopted&area=E06000059&period=RY2025")).json()["items"]
    assert [(one["value"], one["revision"]) for one in told] == [(4, 2), (3, 1)]


async def test_guesses_of_a_total_do_not_change_what_is_hidden_below_it(indicator: Running) -> None:
    await complaints(indicator, **{SERVICE: 22, EAST: 20, WEST: 2})
    client, told = await reader(indicator), []
    # 22 was the true total; the guesses are so far apart that none is hidden for being near the one before.
    for guess in (50, 70, 22, 44, 200):
        indicator.clock.advance(timedelta(minutes=1))
        await complaints(indicator, **{SERVICE: guess})
        told.append({key: value is None for key, value in (await listed(client)).items()})
    assert told[1:] == told[:-1]


async def test_callers_with_the_scope_pay_nothing(indicator: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.indicator_api.small_numbers import shown

    async def refused(*_: Any) -> Any:
        raise AssertionError("the family was read")

    monkeypatch.setattr(shown, "read_versions", refused)
    await complaints(indicator, **{SERVICE: 22, EAST: 20, WEST: 2})
    analyst = await indicator.client("analyst")
    assert await charted(analyst, EAST) == {EAST: 20}
    assert (await listed(analyst))[EAST, None] == 20
    # Nor does anybody for what an official body has published.
    await load(analyst, [item("adopted", DORSET, "RY2025", 3)])
    answer = await (await reader(indicator)).get("/v1/indicators/adopted/series")
    assert answer.json()["areas"][0]["points"][0]["value"] == 3


async def test_a_family_too_large_to_work_through_is_hidden_but_for_its_noughts(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.indicator_api.small_numbers import shown

    monkeypatch.setattr(shown, "MOST_FIGURES", 2)
    await complaints(indicator, **{SERVICE: 60, EAST: 60, WEST: 0})
    assert await charted(await reader(indicator), SERVICE, EAST, WEST) == {SERVICE: None, EAST: None, WEST: 0}
