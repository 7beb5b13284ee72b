"""Intervals and funnels over HTTP: published figures in, the methods' numbers out, in the order given."""

from __future__ import annotations

from typing import Any

import pytest

from services.indicator_api.calculations.answers import FunnelOut, IntervalsOut
from services.indicator_api.statistics.intervals import proportion_interval, rate_interval
from tests.conftest import Running
from tests.indicator_api.published import LOOKED_AFTER_RATE, REREFERRALS


async def post(indicator: Running, name: str, body: Any, expect: int = 200) -> Any:
    client = await indicator.client("practitioner")
    answer = await client.post(f"/v1/calculations/{name}", json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def test_wilson_gives_a_share_unless_a_multiplier_makes_it_a_percentage(indicator: Running) -> None:
    # Dorset 2025: 346 of 2,349 referrals came within 12 months of an earlier one, published as 14.7%.
    items = [{"numerator": 346, "denominator": 2349}]
    share = await post(indicator, "intervals", {"method": "wilson", "items": items})
    percent = await post(
        indicator, "intervals", {"method": "wilson", "items": items, "confidence": 0.998, "multiplier": 100}
    )
    IntervalsOut.model_validate(share)
    assert share["items"][0]["value"] == pytest.approx(0.1473, abs=5e-5)
    expected = proportion_interval(346, 2349, 0.998, 100)
    assert expected is not None
    assert percent["items"] == [{"value": expected.value, "lower": expected.lower, "upper": expected.upper}]
    assert round(percent["items"][0]["value"], 1) == 14.7


async def test_null_is_nothing_said_of_confidence_and_multiplier(indicator: Running) -> None:
    body = {"method": "wilson", "items": [{"numerator": 65, "denominator": 100}]}
    silent = {"confidence": None, "multiplier": None}
    assert await post(indicator, "intervals", body | silent) == await post(indicator, "intervals", body)


async def test_byar_gives_the_rate_of_a_population(indicator: Running) -> None:
    found = await post(
        indicator,
        "intervals",
        {"method": "byar", "items": [{"numerator": 437, "denominator": 67149}], "multiplier": 10_000},
    )
    expected = rate_interval(437, 67149, 0.95, 10_000)
    assert expected is not None
    assert found["items"] == [{"value": expected.value, "lower": expected.lower, "upper": expected.upper}]
    assert round(found["items"][0]["value"]) == 65


async def test_a_small_count_has_exact_limits_and_nought_a_lower_one_of_0(indicator: Running) -> None:
    items = [{"numerator": 0, "denominator": 100}, {"numerator": 3, "denominator": 1}]
    found = await post(indicator, "intervals", {"method": "byar", "items": items, "multiplier": 1})
    assert found["items"][0]["lower"] == 0
    # Half the chi-square quantiles with 6 and 8 degrees of freedom.
    assert found["items"][1]["lower"] == pytest.approx(0.61867, abs=1e-5)
    assert found["items"][1]["upper"] == pytest.approx(8.76727, abs=1e-5)


async def test_an_item_without_figures_keeps_its_place(indicator: Running) -> None:
    items = [
        {"numerator": None, "denominator": 10},
        {"numerator": 0, "denominator": 0},
        {"numerator": 1, "denominator": 2},
    ]
    found = await post(indicator, "intervals", {"method": "wilson", "items": items})
    nothing = {"value": None, "lower": None, "upper": None}
    assert found["items"][:2] == [nothing, nothing]
    assert found["items"][2]["value"] == 0.5


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (
            {"method": "wilson", "items": [{"numerator": 1, "denominator": 2}, {"numerator": 3, "denominator": 2}]},
            "/items/1/numerator",
            "numerator_over_denominator",
        ),
        ({"method": "byar", "items": [{"numerator": 2.5, "denominator": 9}]}, "/items/0/numerator", "not_whole"),
    ],
)
async def test_an_interval_that_cannot_be_is_pointed_at(indicator: Running, body: Any, pointer: str, code: str) -> None:
    found = await post(indicator, "intervals", body, 422)
    assert [(one["pointer"], one["code"]) for one in found["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    "change",
    [
        {"method": "normal"},
        {"confidence": 1},
        {"confidence": 0},
        {"confidence": 95},
        {"multiplier": 0},
        {"multiplier": -100},
        {"items": [{"numerator": -1, "denominator": 2}]},
        {"items": [{"numerator": 1, "denominator": -2}]},
        {"items": [{"numerator": 1, "denominator": 1e-300}]},
        {"items": [{"numerator": 1}]},
        {"items": [{"numerator": 1, "denominator": 2}] * 2_001},
    ],
)
async def test_an_interval_out_of_bounds_is_refused(indicator: Running, change: dict[str, Any]) -> None:
    body = {"method": "wilson", "items": [{"numerator": 1, "denominator": 2}]} | change
    await post(indicator, "intervals", body, 422)


async def test_a_funnel_of_rates_labels_areas_in_the_given_order(indicator: Running) -> None:
    rows = [row for row in LOOKED_AFTER_RATE if row[1] == "RY2025" and not row[0].startswith("E92")]
    items = [{"area": area, "numerator": n, "denominator": d} for area, _, n, d, _ in rows]
    found = await post(indicator, "funnel", {"kind": "rate", "items": items, "multiplier": 10_000})
    FunnelOut.model_validate(found)
    pooled = 10_000 * sum(row[2] or 0 for row in rows) / sum(row[3] or 0 for row in rows)
    assert found["pooled_value"] == pytest.approx(pooled)
    assert [one["area"] for one in found["items"]] == [row[0] for row in rows]
    labels = {one["area"]: one["label"] for one in found["items"]}
    # Shropshire's 119 and Essex's 35 stand far from the pooled rate of about 57; Devon's 57 does not.
    assert labels["E06000051"] == "high_0.001"
    assert labels["E10000012"] == "low_0.001"
    assert labels["E10000008"] == "within"
    shropshire = found["items"][[row[0] for row in rows].index("E06000051")]
    assert shropshire["lower_0_001"] > pooled
    assert found["limits_around_pooled"] is False


async def test_a_funnel_of_proportions_stands_around_the_pooled_share(indicator: Running) -> None:
    rows = [row for row in REREFERRALS if row[1] == "RY2025" and not row[0].startswith("E92")]
    items = [{"area": area, "numerator": n, "denominator": d} for area, _, n, d, _ in rows]
    items.append({"area": "nowhere", "numerator": None, "denominator": None})
    found = await post(indicator, "funnel", {"kind": "proportion", "items": items, "multiplier": 100})
    assert found["limits_around_pooled"] is True
    assert found["items"][0]["area"] == "E06000059"
    assert found["items"][0]["label"] == "low_0.001"
    assert found["items"][0]["value"] == pytest.approx(14.73, abs=0.005)
    for one in found["items"][:-1]:
        assert one["lower_0_001"] < one["lower_0_025"] < found["pooled_value"] < one["upper_0_025"] < one["upper_0_001"]
    assert found["items"][-1]["label"] is None


async def test_a_funnel_points_at_the_area_it_cannot_take(indicator: Running) -> None:
    items = [{"area": "a", "numerator": 1, "denominator": 2}, {"area": "b", "numerator": 3, "denominator": 2}]
    found = await post(indicator, "funnel", {"kind": "proportion", "items": items}, 422)
    assert found["errors"][0]["pointer"] == "/items/1/numerator"
    items[1]["numerator"] = 0.5
    found = await post(indicator, "funnel", {"kind": "rate", "items": items}, 422)
    assert found["errors"][0]["code"] == "not_whole"


async def test_over_dispersion_widens_the_limits(indicator: Running) -> None:
    rows = [row for row in LOOKED_AFTER_RATE if row[1] == "RY2025" and not row[0].startswith("E92")]
    items = [{"area": area, "numerator": n, "denominator": d} for area, _, n, d, _ in rows]
    body = {"kind": "rate", "items": items, "multiplier": 10_000, "over_dispersion": True}
    found = await post(indicator, "funnel", body)
    assert found["sigma_z"] > 1
    assert {one["label"] for one in found["items"]} != {"high_0.001", "low_0.001"}
    assert found["items"][0]["label"] == "within"
