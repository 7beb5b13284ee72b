"""R48: strengths, areas for attention and what is neither, by a truth table and over real figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.series.known import Known
from services.indicator_api.standing.judging import Reason, classify
from services.indicator_api.standing.schemas import Standing, StandingsOut
from services.indicator_api.standing.service import standing_of
from services.indicator_api.standing.subject import Subject
from shared.schemas.figures import ValueStatus
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period
from tests.conftest import Running
from tests.indicator_api.exceptions.cases import DORSET, definition
from tests.indicator_api.published import LOOKED_AFTER_RATE, REREFERRALS, item, load, ratios
from tests.indicator_api.standing.test_positions import REREFERRALS_2025, send

DAY = date(2026, 11, 23)
YEAR = Period.parse("RY2026")
ENGLAND = ComparatorSet("england", "England", ComparatorKind.nation, "1", None, ("E92000001",), None, None)
NEIGHBOURS = ComparatorSet(
    "dfe_neighbours_2025", "Neighbours", ComparatorKind.statistical_neighbours, "1", "E06000059", ("A", "B"), None, None
)
COMPARED = {"targets": [], "benchmarks": ["england", "dfe_neighbours_2025"]}


def subject(own: Known | None, others: dict[str, float] | None = None, **changes: Any) -> Subject:
    """One figure of `conferences_in_15_days` (high is good), alone or beside others of its year."""
    found = definition("conferences_in_15_days", **(COMPARED | changes))
    beside = {code: Known(YEAR, value) for code, value in (others or {}).items()}
    authorities = [code for code in beside if code.startswith("LA")] + ([DORSET.code] if others else [])
    sets = [one for one in (ENGLAND, NEIGHBOURS) if set(one.members) & set(beside)]
    period, figures = (own.period, [own]) if own else (None, [])
    return Subject(found, found, DORSET, "", period, figures, sets, beside, authorities, {}, bool(others))


def share(numerator: float, denominator: float = 1000) -> Known:
    return Known(YEAR, 100 * numerator / denominator, None, numerator, denominator)


def alone(value: float) -> Known:
    """A published percentage whose parts are not known."""
    return Known(YEAR, value)


def others(value: float) -> dict[str, float]:
    """Enough authorities to be ranked among, all with one value."""
    return {f"LA{number}": value for number in range(10)}


@pytest.mark.parametrize(("good", "bad", "neither"), list(product([0, 1, 3], [0, 1, 3], [0, 1])))
def test_R48_one_bad_sign_outweighs_any_number_of_good_ones(good: int, bad: int, neither: int) -> None:
    reasons = [Reason("G", True, "")] * good + [Reason("B", False, "")] * bad + [Reason("N", None, "")] * neither
    expected = Standing.attention if bad else Standing.strength if good else Standing.neutral
    assert classify(reasons) is expected is classify(list(reversed(reasons)))


TARGET = {"targets": [{"value": 90, "tolerance": 2, "from_period": "RY2024", "to_period": None}]}
HIDDEN = Known(YEAR, None, ValueStatus.c, hidden=True)
TRUTH = [
    (None, None, {}, "neutral", ["NO_FIGURE"]),
    (HIDDEN, None, {}, "neutral", ["FIGURE_HIDDEN"]),
    (Known(YEAR, None, ValueStatus.x), None, {}, "neutral", ["FIGURE_UNAVAILABLE"]),
    (alone(80), None, {}, "neutral", ["NOTHING_TO_COMPARE"]),
    (alone(80), None, {"polarity": "no_judgement"}, "neutral", ["NO_JUDGEMENT"]),
    (Known(Period.parse("RY2023"), 80), None, {"expected_to": "RY2023"}, "neutral", ["SERIES_ENDED"]),
    # Better and worse than England and the neighbours, at 95% and beyond 99.8%.
    (share(800), {"E92000001": 75}, {}, "strength", ["OUT_OF_STEP_NATIONAL"]),
    (share(800), {"E92000001": 77}, {}, "strength", ["BETTER_THAN_NATION"]),
    (share(800), {"E92000001": 83}, {}, "attention", ["WORSE_THAN_NATION"]),
    (share(800), {"E92000001": 79}, {}, "neutral", ["NOTHING_STANDS_OUT"]),
    (share(800), {"A": 76, "B": 78}, {}, "strength", ["BETTER_THAN_NEIGHBOURS"]),
    (share(800), {"A": 82, "B": 84}, {}, "attention", ["WORSE_THAN_NEIGHBOURS"]),
    (share(800), {"A": 70, "B": 88}, {}, "neutral", ["NOTHING_STANDS_OUT"]),
    (share(800), {"E92000001": 77, "A": 82, "B": 84}, {}, "attention", ["BETTER_THAN_NATION", "WORSE_THAN_NEIGHBOURS"]),
    (share(800), {"E92000001": 75}, {"polarity": "low_is_good"}, "attention", ["OUT_OF_STEP_NATIONAL"]),
    (share(800), {"E92000001": 75}, {"polarity": "no_judgement"}, "neutral", ["NO_JUDGEMENT", "OUT_OF_STEP_NATIONAL"]),
    # A place speaks only where nothing with an interval does.
    (alone(80), others(70), {}, "strength", ["BEST_QUARTER"]),
    (alone(80), others(90), {}, "attention", ["LAST_QUARTER"]),
    (alone(80), others(80), {}, "neutral", ["NOTHING_STANDS_OUT"]),
    (alone(80), others(80), {"polarity": "low_is_good"}, "neutral", ["NOTHING_STANDS_OUT"]),
    (share(800), others(70) | {"E92000001": 79}, {}, "neutral", ["NOTHING_STANDS_OUT"]),
    # The target: met, missed, and in between.
    (alone(90), None, TARGET, "strength", ["TARGET_MET"]),
    (alone(88), None, TARGET, "neutral", ["TARGET_NEAR"]),
    (alone(87.9), None, TARGET, "attention", ["TARGET_MISSED"]),
    (alone(90), None, TARGET | {"polarity": "low_is_good"}, "strength", ["TARGET_MET"]),
    (alone(92.1), None, TARGET | {"polarity": "low_is_good"}, "attention", ["TARGET_MISSED"]),
    (share(920), {"E92000001": 94}, TARGET, "attention", ["WORSE_THAN_NATION", "TARGET_MET"]),
]  # fmt: skip


@pytest.mark.parametrize(("own", "beside", "changes", "standing", "codes"), TRUTH)
def test_R48_the_truth_table(
    own: Known | None, beside: dict[str, float] | None, changes: dict[str, Any], standing: str, codes: list[str]
) -> None:
    found = standing_of(subject(own, beside, **changes), DAY)
    assert (found.standing, [one.code for one in found.reasons if one.code != "DATA_LATE"]) == (standing, codes)
    assert all(one.text.endswith(".") for one in found.reasons)


def test_R48_a_special_cause_decides_and_names_its_exception() -> None:
    years = [90.0, 91, 90, 91, 90, 91, 90, 91, 90, 91, 90, 91, 70]
    figures = [Known(Period.parse(f"RY{2014 + place}"), value) for place, value in enumerate(years)]
    found = standing_of(replace(subject(figures[-1]), figures=figures), DAY)
    assert (found.standing, found.reasons[0].code) == ("attention", "SIGNIFICANT_CHANGE")
    assert found.reasons[0].exception == "conferences_in_15_days.E06000059.RY2026.SIGNIFICANT_CHANGE"


def test_a_late_figure_is_told_but_says_nothing_of_the_work() -> None:
    old = Known(Period.parse("RY2024"), 95)
    one = replace(subject(old, None, **TARGET), period=old.period)
    found = standing_of(one, DAY)
    assert (found.standing, [reason.code for reason in found.reasons]) == ("strength", ["TARGET_MET", "DATA_LATE"])


def test_figures_of_two_definitions_are_not_compared() -> None:
    one = subject(share(800), {"E92000001": 75})
    other = {"E92000001": Known(YEAR, 75, version=2)}
    assert standing_of(replace(one, others=other), DAY).standing == "neutral"


async def standings(indicator: Running, role: str = "analyst", **query: Any) -> Any:
    client = await indicator.client(role)
    answer = await client.get("/v1/standing", params={"limit": 500, **query})
    assert answer.status_code == 200, answer.text
    StandingsOut.model_validate_json(answer.content)
    return answer.json()


async def test_R48_dorsets_strengths_and_areas_for_attention(indicator: Running) -> None:
    await send(indicator, REREFERRALS_2025)
    client = await indicator.client("ingest_client")
    await load(client, [*ratios("rereferrals", REREFERRALS), *ratios("looked_after_rate", LOOKED_AFTER_RATE)])
    await load(client, [item("health_assessments", "E06000059", "RY2025", 90)])
    found = await standings(indicator)
    rows = {one["indicator"]: one for one in found["items"]}
    codes = [one["code"] for one in rows["rereferrals"]["reasons"]]
    assert (rows["rereferrals"]["standing"], rows["rereferrals"]["band"], rows["rereferrals"]["rank"]) == (
        "strength", "A", 12,
    )  # fmt: skip
    assert codes == ["SIGNIFICANT_CHANGE", "OUT_OF_STEP_NATIONAL", "OUT_OF_STEP_NEIGHBOURS"]
    assert (rows["health_assessments"]["standing"], rows["looked_after_rate"]["standing"]) == ("attention", "neutral")
    assert rows["looked_after_rate"]["reasons"][0]["code"] == "NO_JUDGEMENT"
    assert sum(found["counts"].values()) == len(rows) == len(found["items"])
    attention = await standings(indicator, standing="attention")
    assert [one["indicator"] for one in attention["items"]] == ["health_assessments"]
    assert attention["counts"] == found["counts"]
    outside = await standings(indicator, reportable="true", themed_area="workforce_development")
    assert {(one["themed_area"], one["reportable"]) for one in outside["items"]} == {("workforce_development", True)}
    inside = await standings(indicator, reportable="false")
    assert all(one["published_by"] is None and one["plans"] == [] for one in inside["items"])


async def test_standings_are_paged_and_the_counts_are_of_all(indicator: Running) -> None:
    every = await standings(indicator)
    first = await standings(indicator, limit=2)
    rest = await standings(indicator, after=first["next"])
    assert [one["indicator"] for one in first["items"] + rest["items"]] == [one["indicator"] for one in every["items"]]
    assert first["counts"] == rest["counts"] == every["counts"]


async def test_the_exceptions_and_the_standings_of_a_day_agree(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))
    listed = (await (await indicator.client("analyst")).get("/v1/exceptions")).json()["items"]
    named = [one["exception"] for row in (await standings(indicator))["items"] for one in row["reasons"]]
    assert {one["key"] for one in listed} == {key for key in named if key} != set()


async def test_only_the_indicators_named_are_judged_and_counted(indicator: Running) -> None:
    named = ["assessments_in_45_days", "rereferrals"]
    client = await indicator.client("analyst")
    found = (await client.get("/v1/standing", params={"indicator": named})).json()
    assert [one["indicator"] for one in found["items"]] == named
    assert sum(found["counts"].values()) == 2
    every = (await standings(indicator))["items"]
    assert [one for one in every if one["indicator"] in named] == found["items"]
