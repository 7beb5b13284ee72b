"""The control chart calculator answers in the words of METHODS and points at what it cannot take."""

from __future__ import annotations

from typing import Any

import pytest

from services.indicator_api.calculations.answers import SpcOut
from tests.conftest import Running
from tests.indicator_api.published import REFERRALS_COUNTY, REFERRALS_DORSET

PATH = "/v1/calculations/spc"


def points(*values: float | None) -> list[dict[str, Any]]:
    return [{"period": f"p{place}", "value": value} for place, value in enumerate(values, 1)]


async def calculate(indicator: Running, **body: Any) -> Any:
    client = await indicator.client("practitioner")
    answer = await client.post(PATH, json=body)
    assert answer.status_code == 200, answer.text
    SpcOut.model_validate(answer.json())
    return answer.json()


async def test_limits_are_the_mean_and_2_66_moving_ranges(indicator: Running) -> None:
    found = await calculate(indicator, points=points(10, 12, 11, 13, 12, 14))
    (segment,) = found["segments"]
    assert (segment["from"], segment["to"], segment["n"], segment["trial_limits"]) == ("p1", "p6", 6, True)
    assert segment["mean"] == 12
    assert segment["upl"] == pytest.approx(12 + 2.66 * 1.6)
    assert segment["lpl"] == pytest.approx(12 - 2.66 * 1.6)
    assert segment["near_upl"] == pytest.approx(12 + 2.66 * 1.6 * 2 / 3)
    assert segment["near_lpl"] == pytest.approx(12 - 2.66 * 1.6 * 2 / 3)
    assert found["assurance"] is None
    assert found["profile"] == "mdc_2023"
    assert found["moving_ranges_screened"] is True


async def test_a_wide_moving_range_is_screened_once_unless_asked_not_to(indicator: Running) -> None:
    series = points(10, 11, 10, 11, 10, 60, 59, 60, 59, 60)
    screened = await calculate(indicator, points=series)
    plain = await calculate(indicator, points=series, screen_moving_ranges=False)
    # Nine ranges: eight of 1 and one of 50. Their mean of 58/9 puts the screen at 21.05.
    assert screened["segments"][0]["upl"] - screened["segments"][0]["mean"] == pytest.approx(2.66)
    assert plain["segments"][0]["upl"] - plain["segments"][0]["mean"] == pytest.approx(2.66 * 58 / 9)


async def test_each_point_carries_its_label_and_rules(indicator: Running) -> None:
    series = points(10, 30, 10, 30, 10, 30, 10, 30, 10, 30, 10, 30, 90)
    bad = await calculate(indicator, points=series, polarity="low_is_good")
    good = await calculate(indicator, points=series, polarity="high_is_good")
    neutral = await calculate(indicator, points=series)
    assert bad["points"][-1] == {
        "period": "p13",
        "value": 90,
        "label": "special_cause_concern",
        "rules": ["outside_limits"],
    }
    assert good["points"][-1]["label"] == "special_cause_improvement"
    assert neutral["points"][-1]["label"] == "special_cause_neutral_high"
    assert {point["label"] for point in bad["points"][:-1]} == {"common_cause"}
    assert bad["segments"][0]["trial_limits"] is False


async def test_a_null_is_a_gap_and_is_never_carried(indicator: Running) -> None:
    found = await calculate(indicator, points=points(10, 12, None, 30, 28))
    assert found["points"][2] == {"period": "p3", "value": None, "label": None, "rules": []}
    assert found["segments"][0]["n"] == 4
    # Two ranges of 2; the step across the gap is none.
    assert found["segments"][0]["upl"] == pytest.approx(20 + 2.66 * 2)


async def test_a_rebase_names_the_first_point_of_a_new_segment(indicator: Running) -> None:
    found = await calculate(indicator, points=points(1, 2, 1, 2, 11, 12, 11, 12), rebase_at=["p5"])
    assert [(one["from"], one["to"], one["mean"]) for one in found["segments"]] == [
        ("p1", "p4", 1.5),
        ("p5", "p8", 11.5),
    ]


async def test_a_baseline_sets_the_limits_of_the_rest(indicator: Running) -> None:
    found = await calculate(indicator, points=points(10, 12, 10, 12, 30, 31), baseline_points=4)
    segment = found["segments"][0]
    assert (segment["mean"], segment["n"], segment["n_limits"]) == (11, 6, 4)
    assert found["points"][-1]["rules"][0] == "outside_limits"


@pytest.mark.parametrize(
    ("target", "polarity", "assurance"),
    [
        (90, "high_is_good", "consistent_fail"),
        (90, "low_is_good", "consistent_pass"),
        (-90, "high_is_good", "consistent_pass"),
        (-90, "low_is_good", "consistent_fail"),
        (12, "high_is_good", "inconsistent"),
        (12, "no_judgement", None),
    ],
)
async def test_assurance_sets_the_last_limits_against_the_target(
    indicator: Running, target: float, polarity: str, assurance: str | None
) -> None:
    found = await calculate(indicator, points=points(10, 12, 11, 13, 12, 14), target=target, polarity=polarity)
    assert found["assurance"] == assurance


async def test_the_two_profiles_differ_in_what_two_in_three_counts(indicator: Running) -> None:
    quiet = [10, 11, 9, 10, 11, 10, 9, 11, 10, 9, 10, 11, 10, 9, 10, 11, 9, 10, 11, 10]
    series = points(*quiet, 14.5, 10.5, 13.4)
    lenient = await calculate(indicator, points=series, profile="mdc_2023")
    strict = await calculate(indicator, points=series, profile="nhsr_0_2")
    upl = lenient["segments"][0]["upl"]
    near = lenient["segments"][0]["near_upl"]
    assert near < 13.4 < upl < 14.5
    assert lenient["points"][-1]["rules"] == ["two_in_three"]
    assert strict["points"][-1]["rules"] == []
    assert strict["profile"] == "nhsr_0_2"


async def test_the_former_county_and_the_council_have_limits_of_their_own(indicator: Running) -> None:
    labels = [f"{month // 12}-{month % 12 + 1:02d}" for month in range(2012 * 12 + 3, 2012 * 12 + 123)]
    series = [
        {"period": label, "value": value}
        for label, value in zip(labels, (*REFERRALS_COUNTY, *REFERRALS_DORSET), strict=True)
    ]
    found = await calculate(indicator, points=series, rebase_at=["2019-04"])
    before, after = found["segments"]
    assert (before["to"], after["from"], before["n"], after["n"]) == ("2019-03", "2019-04", 84, 36)
    assert before["mean"] == pytest.approx(sum(REFERRALS_COUNTY) / 84)
    assert after["mean"] == pytest.approx(sum(REFERRALS_DORSET) / 36)


async def test_a_label_may_stand_twice_unless_a_segment_is_to_begin_with_it(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    twice = [{"period": "Apr", "value": 1}, {"period": "May", "value": 2}, {"period": "Apr", "value": 3}]
    answer = await client.post(PATH, json={"points": twice, "rebase_at": ["May", "Apr", "June"]})
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/rebase_at/1", "ambiguous_period"),
        ("/rebase_at/2", "unknown_period"),
    ]
    assert [one["n"] for one in (await calculate(indicator, points=twice, rebase_at=["May"]))["segments"]] == [1, 2]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"points": None},
        {"points": [{"period": "a"}]},
        {"points": [{"value": 1}]},
        {"points": [{"period": 7.5, "value": 1}]},
        {"points": [{"period": "a", "value": "1"}]},
        {"points": [{"period": "a", "value": True}]},
        {"points": [{"period": "a", "value": 1e300}]},
        {"points": [{"period": "", "value": 1}]},
        {"points": [], "polarity": "up_is_good"},
        {"points": [], "profile": "mdc_2019"},
        {"points": [], "baseline_points": 1},
        {"points": [], "baseline_points": 2.5},
        {"points": [], "target": "90"},
        {"points": [], "screen_moving_ranges": 1},
        {"points": [], "limits": "three_sigma"},
        {"points": [{"period": str(place), "value": 1} for place in range(5_001)]},
    ],
)
async def test_a_body_out_of_form_is_refused(indicator: Running, body: dict[str, Any]) -> None:
    client = await indicator.client("practitioner")
    answer = await client.post(PATH, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_a_year_is_a_label_too_and_null_is_nothing_said(indicator: Running) -> None:
    years = [{"period": 2020 + place, "value": value} for place, value in enumerate((5, 7, 6, 9))]
    silent = dict.fromkeys(("polarity", "profile", "screen_moving_ranges", "rebase_at", "baseline_points", "target"))
    found = await calculate(indicator, points=years, **silent)
    assert found == await calculate(indicator, points=[one | {"period": str(one["period"])} for one in years])
    assert [one["from"] for one in (await calculate(indicator, points=years, rebase_at=[2022]))["segments"]] == [
        "2020", "2022",
    ]  # fmt: skip


async def test_no_points_have_no_segments(indicator: Running) -> None:
    found = await calculate(indicator, points=[])
    assert (found["segments"], found["points"], found["assurance"]) == ([], [], None)
