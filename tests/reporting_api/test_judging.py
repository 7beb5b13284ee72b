"""What a voice says and whether voices agree: the rule, on everything it can be given."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting_api.triangulation.judging import Says, verdict_on, weigh, weigh_figures

COUNTS = st.integers(0, 500)


@given(COUNTS, COUNTS, COUNTS)
def test_two_thirds_one_way_are_a_view_and_the_other_way_is_its_mirror(better: int, worse: int, both: int) -> None:
    found, mirrored = weigh(better, worse, both), weigh(worse, better, both)
    every = better + worse + both
    assert (found == "no_clear_view") == (every == 0)
    assert (found == "strength") == (every > 0 and better / every >= 2 / 3 - 1e-12)
    assert {"strength": "concern", "concern": "strength"}.get(found, found) == mirrored


@pytest.mark.parametrize(("better", "worse", "says"), [(2, 1, "strength"), (1, 2, "concern"), (3, 2, "mixed")])
def test_the_edge_of_two_thirds(better: int, worse: int, says: Says) -> None:
    assert weigh(better, worse) == says


@given(st.integers(1, 500), st.integers(1, 500))
def test_no_number_of_good_figures_outweighs_a_bad_one(better: int, worse: int) -> None:
    assert weigh_figures(better, worse) == "mixed"


def test_voices_disagree_exactly_where_one_praises_what_another_fears() -> None:
    for said in product(get_args(Says), repeat=4):
        verdict = verdict_on(said)
        assert (verdict == "disagree") == ("strength" in said and "concern" in said)
        with_a_view = [one for one in said if one in ("strength", "concern", "mixed")]
        if verdict == "agree":
            assert len(with_a_view) >= 2
            assert len(set(with_a_view)) == 1
            assert "mixed" not in with_a_view
        if len(with_a_view) < 2:
            assert verdict == "too_little"
