"""Benchmarks, trends and quartiles over HTTP, and who may calculate at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Running
from tests.documents import document_of
from tests.indicator_api.published import ENGLAND, LOOKED_AFTER_RATE, NEIGHBOURS_2021, NEIGHBOURS_2025

RATES_2025 = {area: value for area, period, _, _, value in LOOKED_AFTER_RATE if period == "RY2025"}
NAMES = ("spc", "intervals", "funnel", "benchmark", "trend", "quartiles")


async def post(indicator: Running, name: str, body: Any, expect: int = 200) -> Any:
    client = await indicator.client("practitioner")
    answer = await client.post(f"/v1/calculations/{name}", json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("lower", "upper", "polarity", "outcome"),
    [
        (68, 72, "low_is_good", "worse"),
        (68, 72, "high_is_good", "better"),
        (68, 72, "no_judgement", "higher"),
        (60, 66, "low_is_good", "better"),
        (60, 66, "no_judgement", "lower"),
        (60, 67, "low_is_good", "similar"),
        (None, 72, "low_is_good", "not_compared"),
    ],
)
async def test_a_benchmark_needs_the_whole_interval_on_one_side(
    indicator: Running, lower: float | None, upper: float, polarity: str, outcome: str
) -> None:
    body = {"lower": lower, "upper": upper, "reference": RATES_2025[ENGLAND], "polarity": polarity}
    assert (await post(indicator, "benchmark", body))["outcome"] == outcome


@pytest.mark.parametrize(("members", "mean", "median"), [(NEIGHBOURS_2021, 66.8, 60.0), (NEIGHBOURS_2025, 63.3, 56.0)])
async def test_a_group_has_its_mean_as_the_lait_and_its_median_as_the_dashboard(
    indicator: Running, members: tuple[str, ...], mean: float, median: float
) -> None:
    body = {
        "lower": 59.1,
        "upper": 71.5,
        "members": [{"area": area, "value": RATES_2025[area]} for area in members]
        + [{"area": "unpublished", "value": None}],
        "polarity": "low_is_good",
    }
    group = (await post(indicator, "benchmark", body))["group"]
    assert group["mean"] == pytest.approx(mean)
    assert group["median"] == median
    assert (group["n_available"], group["n_members"]) == (10, 11)
    assert group["best"] == group["minimum"]
    assert group["outcome_of_mean"] == "similar"


async def test_a_trend_of_five_years_is_tested_against_chance(indicator: Running) -> None:
    rising = [
        {"year": 2021 + place, "value": value, "lower": value - 3, "upper": value + 3}
        for place, value in enumerate((50, 56, 61, 66, 72))
    ]
    found = await post(indicator, "trend", {"points": rising, "polarity": "low_is_good"})
    assert found["significant"] is True
    assert found["rising"] is True
    assert found["label"] == "special_cause_concern"
    assert found["slope"] == pytest.approx(5.4)
    flat = [{**point, "value": 60, "lower": 50, "upper": 70} for point in rising]
    assert (await post(indicator, "trend", {"points": flat}))["significant"] is False


@pytest.mark.parametrize(
    ("change", "reason"), [({"lower": None}, "no_interval"), ({"year": 2020}, "not_five_years_in_a_row")]
)
async def test_a_trend_says_why_it_was_not_tested(indicator: Running, change: dict[str, Any], reason: str) -> None:
    years = [{"year": year, "value": 5.0, "lower": 4.0, "upper": 6.0} for year in range(2021, 2026)]
    years[-1] |= change
    if "year" in change:
        years[-1]["year"] = 2027
    found = await post(indicator, "trend", {"points": years})
    assert (found["significant"], found["reason"]) == (False, reason)


async def test_limits_in_the_wrong_order_and_years_given_twice_are_pointed_at(indicator: Running) -> None:
    found = await post(indicator, "trend", {"points": [
        {"year": 2024, "value": 5, "lower": 6, "upper": 7}, {"year": 2024, "value": 5},
    ]}, 422)  # fmt: skip
    assert [one["pointer"] for one in found["errors"]] == ["/points/1/year", "/points/0/lower"]
    found = await post(indicator, "benchmark", {"lower": 2, "upper": 1}, 422)
    assert found["errors"][0]["pointer"] == "/lower"


async def test_quartiles_are_of_type_7_with_bands_and_ranks_by_polarity(indicator: Running) -> None:
    items = [{"area": name, "value": value} for name, value in zip("abcde", (1, 2, 3, 4, 10), strict=True)]
    items.append({"area": "f", "value": None})
    low = await post(indicator, "quartiles", {"items": items, "polarity": "low_is_good"})
    assert [low[f"q{place}"] for place in range(5)] == [1, 2, 3, 4, 10]
    assert low["n"] == 5
    assert [one["band"] for one in low["items"]] == ["A", "A", "B", "C", "D", None]
    assert [one["rank"] for one in low["items"]] == [1, 2, 3, 4, 5, None]
    high = await post(indicator, "quartiles", {"items": items, "polarity": "high_is_good"})
    assert [one["band"] for one in high["items"]] == ["D", "D", "C", "B", "A", None]
    neither = await post(indicator, "quartiles", {"items": items})
    assert {one["band"] for one in neither["items"]} == {None}
    nothing = await post(indicator, "quartiles", {"items": []})
    assert (nothing["n"], nothing["q2"]) == (0, None)


@pytest.mark.parametrize("name", NAMES)
async def test_calculating_needs_the_scope_to_read_indicators(indicator: Running, name: str) -> None:
    path = f"/v1/calculations/{name}"
    assert (await (await indicator.client("board_reader")).post(path, json={})).status_code == 403
    assert (await (await indicator.client(None)).post(path, json={})).status_code == 401


@pytest.mark.parametrize("name", NAMES)
async def test_the_examples_in_the_documentation_are_answered(indicator: Running, name: str) -> None:
    document = document_of("indicator")
    body = document["paths"][f"/v1/calculations/{name}"]["post"]["requestBody"]["content"]["application/json"]
    schema = document["components"]["schemas"][body["schema"]["$ref"].rsplit("/", 1)[1]]
    assert schema["examples"]
    for example in schema["examples"]:
        await post(indicator, name, example)


async def test_a_calculation_stores_nothing(indicator: Running) -> None:
    client = await indicator.client("admin")
    await indicator.seal()
    before = (await client.get("/v1/activity")).json()
    await post(indicator, "quartiles", {"items": [{"area": "a", "value": 1}]})
    await indicator.seal()
    assert (await client.get("/v1/activity")).json()["items"] == before["items"]
