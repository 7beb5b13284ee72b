"""Wilson, Byar and exact Poisson intervals against published and independent values (METHODS 2.4)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indicator_api.statistics.intervals import (
    byar_limits,
    count_limits,
    exact_limits,
    normal_quantile,
    proportion_interval,
    rate_interval,
)

# Half the chi-square quantiles for counts of 0 to 9, from a statistics library.
EXACT_95 = [
    (0.0, 3.6888794541139354),
    (0.025317807984289897, 5.571643390938898),
    (0.24220927854396507, 7.22468766772396),
    (0.6186721228956015, 8.767273069742323),
    (1.089865373626325, 10.241588675403694),
    (1.623486390118421, 11.66833207932267),
    (2.201894253490851, 13.059474022518685),
    (2.814363051519867, 14.422675361702376),
    (3.4538321767485023, 15.763189220193313),
    (4.115373097378334, 17.084803451419166),
]
EXACT_998 = [
    (0.0, 6.907755278982137),
    (0.0010005003335835346, 9.233413476451585),
    (0.045402017769489565, 11.228872242412661),
    (0.19053337756840327, 13.06224077918807),
    (0.42855241362842295, 14.79414922253721),
    (0.7393717319178327, 16.454745203680105),
    (1.1071046602556396, 18.061636840199064),
    (1.5203362603988093, 19.626177395384232),
    (1.9708139217403662, 21.15619816583998),
    (2.452424404363775, 22.65737330906293),
]
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.998, 0.9999])


def test_the_normal_quantiles_are_those_of_the_tables() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert normal_quantile(0.998) == pytest.approx(3.090232306167813, abs=1e-12)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 95.0, math.nan])
def test_a_confidence_outside_nought_to_one_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        normal_quantile(confidence)


@pytest.mark.parametrize(
    ("numerator", "denominator", "lower", "upper"),
    # The worked examples of Newcombe's comparison of seven methods (Statistics in Medicine, 1998).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_wilson_interval_gives_the_published_examples(
    numerator: int, denominator: int, lower: float, upper: float
) -> None:
    found = proportion_interval(numerator, denominator)
    assert found is not None
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


def test_a_wilson_interval_takes_a_multiplier_and_a_confidence() -> None:
    share, percentage = proportion_interval(81, 263), proportion_interval(81, 263, multiplier=100)
    wider = proportion_interval(81, 263, 0.998)
    assert share is not None
    assert percentage is not None
    assert wider is not None
    assert percentage.lower == pytest.approx(100 * share.lower)
    assert wider.lower < share.lower < share.value < share.upper < wider.upper


def test_nothing_of_nothing_has_no_interval() -> None:
    assert proportion_interval(0, 0) is None
    assert rate_interval(3, 0) is None


@pytest.mark.parametrize(("numerator", "denominator"), [(5, 4), (-1, 4), (1, -4), (math.nan, 4), (1, math.inf)])
def test_a_share_that_is_none_is_refused(numerator: float, denominator: float) -> None:
    with pytest.raises(ValueError, match="numerator"):
        proportion_interval(numerator, denominator)


@pytest.mark.parametrize("count", range(10))
def test_exact_limits_agree_with_the_chi_square_quantiles_to_ten_digits(count: int) -> None:
    assert exact_limits(count, 0.95) == pytest.approx(EXACT_95[count], abs=1e-10, rel=1e-12)
    assert exact_limits(count, 0.998) == pytest.approx(EXACT_998[count], abs=1e-10, rel=1e-12)


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    # Byar's limits to two places, by hand from the formula.
    [(10, 4.79, 18.39), (20, 12.21, 30.89), (100, 81.36, 121.63)],
)
def test_byar_limits_give_the_worked_values(count: int, lower: float, upper: float) -> None:
    found = byar_limits(count)
    assert (round(found[0], 2), round(found[1], 2)) == (lower, upper)


def test_below_ten_the_limits_are_exact_and_from_ten_byars() -> None:
    assert count_limits(9) == exact_limits(9, 0.95)
    assert count_limits(10) == byar_limits(10)


def test_a_rate_is_scaled_to_its_population() -> None:
    found = rate_interval(9, 45_000, multiplier=10_000)
    assert found is not None
    assert found.value == pytest.approx(2.0)
    assert found.lower == pytest.approx(4.115373097378334 / 4.5)
    assert found.upper == pytest.approx(17.084803451419166 / 4.5)


@pytest.mark.parametrize("count", [-1, 2.5, math.nan, math.inf])
def test_a_count_that_is_not_whole_is_refused(count: float) -> None:
    with pytest.raises(ValueError, match="whole"):
        count_limits(count)


@given(st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), confidences)
def test_a_wilson_interval_lies_within_nought_and_one_and_holds_its_value(
    pair: tuple[int, int], confidence: float
) -> None:
    found = proportion_interval(*pair, confidence)
    if found is not None:
        assert 0 <= found.lower <= found.value <= found.upper <= 1


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_the_rest_is_the_mirror_image(pair: tuple[int, int]) -> None:
    numerator, denominator = pair
    found, rest = proportion_interval(*pair), proportion_interval(denominator - numerator, denominator)
    assert found is not None
    assert rest is not None
    assert found.lower == pytest.approx(1 - rest.upper, abs=1e-12)


@given(st.integers(0, 3000), confidences)
def test_limits_of_a_count_hold_it_and_rise_with_it(count: int, confidence: float) -> None:
    lower, upper = count_limits(count, confidence)
    assert 0 <= lower <= count <= upper
    next_lower, next_upper = count_limits(count + 1, confidence)
    assert next_lower > lower
    assert next_upper > upper


@given(st.integers(1, 9), confidences)
def test_exact_limits_leave_half_the_rest_in_each_tail(count: int, confidence: float) -> None:
    lower, upper = exact_limits(count, confidence)
    tail = (1 - confidence) / 2

    def at_most(most: int, mean: float) -> float:
        return sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(most + 1))

    assert at_most(count, upper) == pytest.approx(tail, rel=1e-9)
    assert 1 - at_most(count - 1, lower) == pytest.approx(tail, abs=1e-12, rel=1e-9)
