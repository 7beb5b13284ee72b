"""Whoever sees true figures may ask which of them others are not shown: exactly those, whyever they are hidden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.conftest import Running
from tests.indicator_api.published import item, load
from tests.indicator_api.small_numbers.test_every_answer import CODE, EAST, QUARTER, SERVICE, WEST, complaints

SHARE, BEFORE = "complaints_answered_in_time", "FY2025-26-Q4"


async def pack(indicator: Running, role: str, **query: Any) -> dict[str, Any]:
    asked = {"indicator": f"{CODE},{SHARE}", "area": f"{SERVICE},{EAST},{WEST}", "marked": "true"} | query
    answer = await (await indicator.client(role)).get("/v1/series", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (one["indicator"], area["area"], point["period"])
        for one in found["items"]
        for area in one["areas"]
        for point in area["points"]
        if point["value"] is not None
    }


async def test_the_figures_that_others_are_not_shown_are_marked_for_whoever_sees_all(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    await complaints(indicator, **{SERVICE: 22, EAST: 20, WEST: 2})
    await load(analyst, [item(CODE, area, BEFORE, n) for area, n in ((EAST, 30), (WEST, 40))])
    indicator.clock.advance(timedelta(minutes=1))
    await load(analyst, [item(CODE, EAST, BEFORE, 33)])
    share = {"value": 95, "numerator": 38, "denominator": 40}
    await load(analyst, [item(SHARE, EAST, QUARTER, **share)])
    seen, shown = await pack(indicator, "analyst"), await pack(indicator, "practitioner")
    marked = {(one["indicator"], hidden["area"], hidden["period"]) for one in seen["items"] for hidden in one["hidden"]}
    assert marked == told(seen) - told(shown)
    # A cover, a restatement by three with the sum that would tell it, and a share of all but two.
    assert marked >= {(CODE, EAST, QUARTER), (CODE, EAST, BEFORE), (CODE, SERVICE, BEFORE), (SHARE, EAST, QUARTER)}
    assert (CODE, WEST, BEFORE) in told(shown)
    assert {one["hidden"] for one in shown["items"]} == {None}
    assert {one["hidden"] for one in (await pack(indicator, "analyst", marked="false"))["items"]} == {None}


async def test_only_what_is_shown_is_marked(indicator: Running) -> None:
    quarters = [f"FY2025-26-Q{quarter}" for quarter in (1, 2, 3)]
    await load(await indicator.client("analyst"), [item(CODE, EAST, quarter, 3) for quarter in quarters])
    found = await pack(indicator, "analyst", newest=2)
    assert [one["hidden"] for one in found["items"]] == [
        [{"area": area, "period": quarter} for area in (SERVICE, EAST) for quarter in quarters[1:]], []
    ]  # fmt: skip
