"""Real figures loaded through the public API come back to the digit, beside England and both editions of neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from shared.schemas.series import IndicatorSeries
from tests.conftest import Running
from tests.indicator_api.published import (
    COUNTY,
    DORSET,
    ENGLAND,
    LOOKED_AFTER_RATE,
    REFERRALS_COUNTY,
    REFERRALS_DORSET,
    REREFERRALS,
    load,
    ratios,
    referrals,
)

BOTH = "dfe_neighbours_2021,dfe_neighbours_2025"


async def series(indicator: Running, code: str, role: str = "analyst", **query: Any) -> Any:
    client = await indicator.client(role)
    answer = await client.get(f"/v1/indicators/{code}/series", params=query)
    assert answer.status_code == 200, answer.text
    IndicatorSeries.model_validate_json(answer.content)
    return answer.json()


def at(points: list[Any], period: str) -> Any:
    return next(point for point in points if point["period"] == period)


@pytest.fixture
async def looked_after(indicator: Running) -> Running:
    await load(await indicator.client("ingest_client"), ratios("looked_after_rate", LOOKED_AFTER_RATE))
    return indicator


async def test_the_rate_of_children_looked_after_stands_beside_england_and_the_neighbours(
    looked_after: Running,
) -> None:
    found = await series(looked_after, "looked_after_rate", comparators=f"england,{BOTH}")
    (area,) = found["areas"]
    assert (area["area"], area["name"]) == (DORSET, "Dorset")
    assert [point["value"] for point in area["points"]] == [71, 68, 68, 65, 67, 65]
    latest = area["points"][-1]
    assert (latest["period"], latest["display"], latest["numerator"]) == ("RY2025", "65", 437)
    assert latest["interval"]["lower"] < 65 < latest["interval"]["upper"]
    england, _, of_2025 = found["comparators"]
    assert (at(england["points"], "RY2025")["value"], at(england["points"], "RY2024")["value"]) == (67, 69)
    assert at(england["points"], "RY2025")["outcome"] == "similar"
    # Mean as in the LAIT, median as in DfE's dashboard; Dorset's interval holds the one and not the other.
    newer = at(of_2025["points"], "RY2025")
    assert (newer["mean"], newer["median"]) == (pytest.approx(63.3), 56)
    assert (newer["minimum"], newer["maximum"], newer["best"]) == (35, 119, None)
    assert (newer["n_available"], newer["n_members"], newer["outcome"]) == (10, 10, "similar")
    assert (of_2025["version"], of_2025["kind"]) == ("May 2025", "statistical_neighbours")


async def test_the_two_editions_of_neighbours_answer_differently_and_say_which_was_in_force(
    looked_after: Running,
) -> None:
    found = await series(looked_after, "looked_after_rate", comparators=BOTH)
    older, newer = (one["points"] for one in found["comparators"])
    assert (at(older, "RY2025")["mean"], at(older, "RY2025")["median"]) == (pytest.approx(66.8), 60)
    assert (at(older, "RY2024")["mean"], at(older, "RY2024")["median"]) == (pytest.approx(67.8), 62)
    assert (at(newer, "RY2024")["mean"], at(newer, "RY2024")["median"]) == (pytest.approx(63.3), 57.5)
    assert [at(older, period)["in_force"] for period in ("RY2024", "RY2025")] == [True, False]
    assert [at(newer, period)["in_force"] for period in ("RY2024", "RY2025")] == [False, True]
    assert at(older, "RY2025")["outcome"] == "not_compared"


async def test_rereferrals_are_percentages_with_wilson_intervals(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))
    found = await series(indicator, "rereferrals", comparators=["england", "dfe_neighbours_2025"])
    points = found["areas"][0]["points"]
    assert [point["value"] for point in points] == [None, 20.4, 16.8, 16.3, 14.1, 14.7]
    assert (points[0]["value_status"], points[0]["display"], points[0]["label"]) == ("x", "x", None)
    assert points[-1]["display"] == "14.7%"
    assert points[-1]["interval"]["lower"] == pytest.approx(13.36, abs=0.01)
    assert points[-1]["interval"]["upper"] == pytest.approx(16.22, abs=0.01)
    england, neighbours = (at(one["points"], "RY2025") for one in found["comparators"])
    assert (england["value"], england["outcome"]) == (22.6, "better")
    assert (neighbours["mean"], neighbours["median"]) == (pytest.approx(20.27), pytest.approx(19.95))
    assert (neighbours["best"], neighbours["outcome"]) == (12.9, "better")
    # The figure that is missing is no part of the limits.
    assert found["areas"][0]["segments"][0]["n"] == 5


async def test_120_months_of_referrals_never_cross_april_2019(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), referrals())
    found = await series(indicator, "referrals_monthly", area=f"{DORSET},{COUNTY}")
    dorset, county = found["areas"]
    assert [point["value"] for point in dorset["points"]] == list(REFERRALS_DORSET)
    assert (dorset["points"][0]["period"], dorset["points"][-1]["period"]) == ("2019-04", "2022-03")
    assert [(one["period"], one["predecessor"]) for one in dorset["breaks"]] == [("2019-04", COUNTY)]
    assert "not continued here" in dorset["breaks"][0]["reason"]
    (segment,) = dorset["segments"]
    assert (segment["from"], segment["n"]) == ("2019-04", 36)
    assert segment["mean"] == pytest.approx(sum(REFERRALS_DORSET) / 36)
    assert [point["value"] for point in county["points"]] == list(REFERRALS_COUNTY)
    assert [(one["period"], one["predecessor"]) for one in county["breaks"]] == [("2019-04", None)]
    assert county["segments"][0]["mean"] == pytest.approx(sum(REFERRALS_COUNTY) / 84)
    alone = await series(indicator, "referrals_monthly")
    assert alone["areas"] == [dorset]


async def test_the_calculator_gives_the_limits_and_labels_of_the_series(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), referrals())
    found = await series(indicator, "referrals_monthly", area=COUNTY, **{"from": "FY2015-16", "to": "FY2018-19"})
    (area,) = found["areas"]
    assert len(area["points"]) == 48
    client = await indicator.client("analyst")
    points = [{"period": one["period"], "value": one["value"]} for one in area["points"]]
    calculated = (await client.post("/v1/calculations/spc", json={"points": points})).json()
    assert [point["label"] for point in area["points"]] == [point["label"] for point in calculated["points"]]
    assert [point["rules"] for point in area["points"]] == [point["rules"] for point in calculated["points"]]
    for name in ("from", "to", "n", "mean", "lpl", "upl", "near_lpl", "near_upl", "trial_limits"):
        assert area["segments"][0][name] == calculated["segments"][0][name]


async def test_an_area_is_not_compared_with_itself(looked_after: Running) -> None:
    found = await series(looked_after, "looked_after_rate", area=ENGLAND, comparators="england")
    point = at(found["comparators"][0]["points"], "RY2025")
    assert (point["value"], point["n_members"], point["outcome"]) == (None, 0, "not_compared")
    member = await series(looked_after, "looked_after_rate", area="E06000066", comparators="dfe_neighbours_2025")
    point = at(member["comparators"][0]["points"], "RY2025")
    # Somerset is left out of the ten; and Dorset's neighbours are not Somerset's.
    assert (point["n_members"], point["outcome"]) == (9, "not_compared")


async def test_a_withheld_comparison_is_not_made_and_says_why(indicator: Running) -> None:
    figures = [
        {"indicator": "first_time_entrants", "area": area, "period": "CY2023", "value": value}
        for area, value in ((DORSET, 120), (ENGLAND, 1500))
    ]
    await load(await indicator.client("ingest_client"), figures)
    found = await series(indicator, "first_time_entrants", comparators="england")
    assert found["comparators"][0]["points"] == []
    assert any("nine regional rates" in caveat for caveat in found["caveats"])


async def test_a_former_code_of_the_same_footprint_leads_to_the_present_area(looked_after: Running) -> None:
    client = await looked_after.client("analyst")
    areas = (await client.get("/v1/areas", params={"limit": 500})).json()["items"]
    somerset = next(area for area in areas if area["code"] == "E06000066")
    found = await series(looked_after, "looked_after_rate", area=somerset["former_codes"][0])
    assert found["areas"][0]["area"] == "E06000066"
    assert found["areas"][0]["points"][-1]["value"] == 55
