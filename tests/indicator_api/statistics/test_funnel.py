"""Funnel limits and labels (METHODS 2.6)."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.indicator_api.statistics.funnel import FunnelKind, FunnelLabel, funnel, limits_at
from services.indicator_api.statistics.intervals import rate_interval

PROPORTION, RATE = FunnelKind.proportion, FunnelKind.rate
# 400 of 2,000 pooled: 0.2, with a standard error of 0.02 at 400.
AREAS = [("a", 80.0, 400.0), ("b", 96.0, 400.0), ("c", 110.0, 400.0), ("d", 62.0, 400.0), ("e", 52.0, 400.0)]

counts = st.lists(
    st.integers(1, 500).flatmap(lambda d: st.tuples(st.just("area"), st.integers(0, d), st.just(d))),
    max_size=15,
)


def test_proportions_are_labelled_by_normal_limits_around_the_pooled_value() -> None:
    found = funnel(PROPORTION, AREAS)
    assert found.pooled == pytest.approx(0.2)
    assert found.limits_around_pooled
    first = found.items[0]
    assert first.lower_0_025 == pytest.approx(0.2 - 1.959964 * 0.02)
    assert first.upper_0_025 == pytest.approx(0.2 + 1.959964 * 0.02)
    assert first.lower_0_001 == pytest.approx(0.2 - 3.090232 * 0.02)
    assert first.upper_0_001 == pytest.approx(0.2 + 3.090232 * 0.02)
    assert [item.label for item in found.items] == [
        "within",
        "high_0.025",
        "high_0.001",
        "low_0.025",
        "low_0.001",
    ]


def test_limits_of_proportions_stay_within_nought_and_one() -> None:
    found = funnel(PROPORTION, [("a", 0, 3), ("b", 1, 30)])
    assert (found.items[0].lower_0_025, found.items[0].label) == (0.0, FunnelLabel.within)
    turned = funnel(PROPORTION, [("a", 3, 3), ("b", 29, 30)])
    assert (turned.items[0].upper_0_001, turned.items[0].label) == (1.0, FunnelLabel.within)


def test_rates_are_labelled_by_their_own_limits_against_the_pooled_rate() -> None:
    items = [("a", 50.0, 10_000.0), ("b", 70.0, 10_000.0), ("c", 90.0, 10_000.0), ("d", 3.0, 2_000.0)]
    items.append(("e", 287.0, 68_000.0))
    found = funnel(RATE, items, multiplier=10_000)
    assert found.pooled == pytest.approx(50.0)
    assert not found.limits_around_pooled
    for item, (_, numerator, denominator) in zip(found.items, items, strict=True):
        narrow = rate_interval(numerator, denominator, 0.95)
        wide = rate_interval(numerator, denominator, 0.998)
        assert narrow is not None
        assert wide is not None
        assert (item.lower_0_025, item.upper_0_025) == pytest.approx((narrow.lower, narrow.upper))
        assert (item.lower_0_001, item.upper_0_001) == pytest.approx((wide.lower, wide.upper))
    assert [item.label for item in found.items] == [
        "within",
        "high_0.025",
        "high_0.001",
        "low_0.025",
        "low_0.025",
    ]


def test_a_multiplier_scales_every_number_and_no_label() -> None:
    plain, scaled = funnel(PROPORTION, AREAS), funnel(PROPORTION, AREAS, multiplier=100)
    assert scaled.pooled == pytest.approx(20.0)
    for item, other in zip(plain.items, scaled.items, strict=True):
        assert item.label is other.label
        assert other.value == pytest.approx(100 * (item.value or 0))


def test_an_item_without_figures_has_no_label_and_is_not_pooled() -> None:
    found = funnel(PROPORTION, [*AREAS, ("f", None, 400), ("g", 5, None), ("h", 0, 0)])
    assert found.pooled == pytest.approx(0.2)
    assert [item.area for item in found.items] == list("abcdefgh")
    assert {item.label for item in found.items[5:]} == {None}
    assert {item.value for item in found.items[5:]} == {None}


def test_without_any_figures_there_is_no_pooled_value() -> None:
    assert funnel(RATE, [("a", None, None)]).pooled is None
    assert funnel(PROPORTION, []).items == ()


def test_over_dispersion_widens_the_limits_by_laneys_sigma_and_never_narrows_them() -> None:
    found = funnel(PROPORTION, AREAS, over_dispersion=True)
    scores = [(n / d - 0.2) / 0.02 for _, n, d in AREAS]
    sigma = sum(abs(b - a) for a, b in pairwise(scores)) / 4 / 1.128
    assert found.sigma_z == pytest.approx(sigma)
    assert sigma > 1
    assert found.items[0].upper_0_025 == pytest.approx(0.2 + 1.959964 * 0.02 * sigma)
    calm = [("a", 80.0, 400.0), ("b", 81.0, 400.0), ("c", 79.0, 400.0)]
    assert funnel(PROPORTION, calm, over_dispersion=True).items == funnel(PROPORTION, calm).items


def test_over_dispersed_rates_have_lines_around_the_pooled_rate() -> None:
    found = funnel(RATE, [("a", 30, 1000), ("b", 70, 1000)], multiplier=1000, over_dispersion=True)
    sigma = 0.04 / math.sqrt(0.05 / 1000) / 1.128
    assert found.limits_around_pooled
    assert found.items[0].upper_0_025 == pytest.approx(1000 * (0.05 + 1.959964 * sigma * math.sqrt(0.05 / 1000)))


@pytest.mark.parametrize("item", [("a", 5, 4), ("a", -1, 4), ("a", 1, -4), ("a", math.nan, 4)])
def test_a_share_that_is_none_is_refused(item: tuple[str, float, float]) -> None:
    with pytest.raises(ValueError):
        funnel(PROPORTION, [item])


@given(counts, st.sampled_from(FunnelKind))
def test_outer_limits_enclose_inner_ones_and_labels_agree_with_them(
    items: list[tuple[str, float, float]], kind: FunnelKind
) -> None:
    found = funnel(kind, items)
    for item in found.items:
        assert item.value is not None
        assert item.lower_0_025 is not None
        assert item.lower_0_001 is not None
        assert item.upper_0_025 is not None
        assert item.upper_0_001 is not None
        assert found.pooled is not None
        assert item.lower_0_001 <= item.lower_0_025 <= item.upper_0_025 <= item.upper_0_001
        side = item.label.split("_")[0] if item.label else None
        assert (side == "high") <= (item.value > found.pooled)
        assert (side == "low") <= (item.value < found.pooled)


@given(
    pooled=st.floats(0.0001, 0.2),
    denominator=st.integers(50, 400_000),
    offset=st.integers(-60, 60),
    kind=st.sampled_from(list(FunnelKind)),
)
def test_an_item_lies_outside_the_drawn_lines_exactly_where_its_label_says_so(
    pooled: float, denominator: int, offset: int, kind: FunnelKind
) -> None:
    count = min(denominator, max(0, round(pooled * denominator) + offset))
    lower, upper, lower_far, upper_far = limits_at(kind, pooled, denominator)
    # The other item, vast, holds the pooled value where it is asked to be.
    whole = 10**12
    found = funnel(kind, [("one", count, denominator), ("rest", round(pooled * whole) - count, whole - denominator)])
    value, label = count / denominator, found.items[0].label
    near = min(abs(value - limit) for limit in (lower, upper, lower_far, upper_far))
    assume(near > 1e-9)
    assert (label in ("high_0.025", "high_0.001"), label == "high_0.001") == (value > upper, value > upper_far)
    assert (label in ("low_0.025", "low_0.001"), label == "low_0.001") == (value < lower, value < lower_far)
