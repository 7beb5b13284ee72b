"""The screen may let through too much and never too little: whatever `judge` finds, it has let through."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.exceptions.case import Case, Reference
from services.indicator_api.exceptions.evaluate import Look, judge
from services.indicator_api.exceptions.frame import Scope
from services.indicator_api.exceptions.glance import is_plain, signals
from services.indicator_api.exceptions.screen import may_differ
from services.indicator_api.series.known import Known, Veil
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period
from tests.indicator_api.exceptions.cases import case, figures, shares

DAY = date(2022, 3, 31)
SCOPE = Scope(DAY, date(2022, 2, 28), Veil(lifted=True, threshold=5))
LEVELS = st.sampled_from([0.0, 0.1, 1 / 3, 10.0, 250.0, 251.0, 249.9, 1e6, 1e6 + 0.1])
VALUES = st.one_of(st.none(), LEVELS, st.integers(0, 12).map(float), st.floats(0, 500, allow_nan=False))


def series(values: list[float | None], code: str = "referrals_monthly", **changes: object) -> Case:
    first = 2022 * 12 + 2 - len(values) + 1
    return case(code, figures(f"{first // 12}-{first % 12 + 1:02d}", values), **changes)


def assert_nothing_missed(one: Case) -> None:
    values = [np.nan if known.value is None else known.value for known in one.figures]
    masks = signals([one.definition], SCOPE, [known.period for known in one.figures], np.array([values]))
    look = Look(*(bool(mask[0]) for mask in masks))
    assert judge(one, SCOPE.day, SCOPE.since, look) == judge(one, SCOPE.day, SCOPE.since)


@settings(max_examples=400, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=40))
@example([5.0] * 13 + [6.0])
@example([float(place) for place in range(20)])
@example([250.0] * 20 + [None, 251.0])
def test_R50_no_signal_of_any_series_is_missed(values: list[float | None]) -> None:
    assert_nothing_missed(series(values))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(60, 100, allow_nan=False), min_size=4, max_size=30),
    st.floats(50, 110),
    st.sampled_from(["high_is_good", "low_is_good", "no_judgement"]),
)
def test_R50_no_missed_target_is_missed(values: list[float], target: float, polarity: str) -> None:
    targets = [{"value": target, "tolerance": 0, "from_period": "2010-01", "to_period": None}]
    assert_nothing_missed(series(list(values), "supervision_in_time", targets=targets, polarity=polarity))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 2.0, 4.0]), st.sampled_from([None, 3, 12]))
def test_R50_no_change_in_noise_is_missed(seed: int, jump: float, gap: int | None) -> None:
    dice = np.random.default_rng(seed)
    values: list[float | None] = [float(one) for one in np.round(dice.normal(250, 15, 36), 1)]
    values[-1] = round(250 + jump * 15 * float(dice.choice([-1, 1])), 1)
    if gap is not None:
        values[-gap] = None
    assert_nothing_missed(series(values))


@pytest.mark.parametrize("one_version", [True, False])
def test_a_series_whose_definition_changed_is_always_looked_at(one_version: bool) -> None:
    one = series([250.0] * 36)
    periods = [known.period for known in one.figures]
    assert is_plain(one.definition, one.place, periods, one_version=one_version) is one_version


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 400), st.integers(1, 400), st.floats(0, 100, allow_nan=False), st.floats(0, 100, allow_nan=False),
    st.booleans(),
)  # fmt: skip
def test_R50_no_figure_out_of_step_is_missed(x: int, n: int, mean: float, other: float, rate: bool) -> None:
    share = not rate
    if share and x > n:
        x, n = n, x or 1
    changes = {} if share else {"measure": "rate", "multiplier": 100}
    chosen = ComparatorSet("peers", "Peers", ComparatorKind.statistical_neighbours, "1", None, ("A", "B"), None, None)
    known = shares("RY2022", [(x, n)])
    members = {code: Known(Period.parse("RY2022"), value) for code, value in (("A", mean), ("B", other))}
    one = case("rereferrals", known, **changes)
    one = Case(one.definition, one.place, one.figures, {known[0].period: [Reference(chosen, members)]})
    found = judge(one, DAY, DAY - timedelta(days=31)).standing
    middle = (mean + other) / 2
    mask = may_differ(*(np.array([part]) for part in (float(x), float(n), 100.0)), np.array([share]),
                      np.array([middle]), np.array([middle]))  # fmt: skip
    assert mask[0] or not any(row.trigger == "OUT_OF_STEP_NEIGHBOURS" for row in found)
    if not mask[0]:
        assert not found
