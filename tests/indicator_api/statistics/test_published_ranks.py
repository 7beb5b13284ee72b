"""Quarters, bands and ranks over the published figures of every authority, against an independent reckoning."""

from __future__ import annotations

import csv
import statistics
from collections import defaultdict

import pytest

from services.indicator_api.statistics.benchmark import Quartiles, band, quartiles, rank
from shared.schemas.figures import Polarity, QuartileBand
from shared.schemas.framework.areas import Area, AreaKind
from shared.schemas.framework.indicators import Indicator
from shared.schemas.framework.tree import Framework, read_tree
from tests.conftest import ROOT
from tests.indicator_api.published import DORSET

FIGURES = ROOT / "examples" / "figures"
Everywhere = dict[tuple[str, str], dict[str, float]]


@pytest.fixture(scope="module")
def dorset() -> Framework:
    return read_tree(ROOT / "framework" / "dorset")


@pytest.fixture(scope="module")
def everywhere(dorset: Framework) -> Everywhere:
    """The figures of all authorities by indicator and period, where nearly all of them have one."""
    authorities = {code for code, area in dorset.of(Area).items() if area.kind is AreaKind.local_authority}
    found: Everywhere = defaultdict(dict)
    for path in FIGURES.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["value"] and not row["breakdown"] and row["area"] in authorities:
                    found[row["indicator"], row["period"]][row["area"]] = float(row["value"])
    return {key: figures for key, figures in found.items() if len(figures) > 140}


def test_nine_measures_of_the_latest_year_and_ten_years_of_one_have_every_authority(everywhere: Everywhere) -> None:
    assert len({indicator for indicator, _ in everywhere}) == 10
    assert len([period for indicator, period in everywhere if indicator == "looked_after_rate"]) == 10


def test_quarters_are_those_of_an_independent_reckoning_of_type_7(everywhere: Everywhere) -> None:
    for key, figures in everywhere.items():
        found = quartiles(figures.values())
        assert found is not None
        expected = statistics.quantiles(figures.values(), n=4, method="inclusive")
        assert [found.q1, found.q2, found.q3] == pytest.approx(expected, rel=1e-12), key
        assert (found.q0, found.q4, found.n) == (min(figures.values()), max(figures.values()), len(figures))


def test_each_band_holds_what_its_cuts_enclose_and_ranks_have_their_ties_at_the_least(
    everywhere: Everywhere, dorset: Framework
) -> None:
    for (indicator, period), figures in everywhere.items():
        polarity = dorset.of(Indicator)[indicator].polarity
        cuts, values = quartiles(figures.values()), list(figures.values())
        if polarity is Polarity.no_judgement:
            assert {band(value, cuts, polarity) for value in values} == {None}
            continue
        best_first = sorted(values, reverse=polarity is Polarity.high_is_good)
        for value in values:
            assert rank(value, values, polarity) == 1 + best_first.index(value), (indicator, period)
        letters = [str(band(value, cuts, polarity)) for value in best_first]
        assert letters == sorted(letters), (indicator, period)


@pytest.mark.parametrize(
    ("indicator", "period", "value", "expected"),
    [
        ("rereferrals", "RY2025", 14.7, (12, QuartileBand.A)),
        ("social_worker_turnover", "CY2025", 7.9, (17, QuartileBand.A)),
    ],
)
def test_dorset_has_the_rank_and_band_of_its_figure(
    everywhere: Everywhere, indicator: str, period: str, value: float, expected: tuple[int, QuartileBand]
) -> None:
    figures = everywhere[indicator, period]
    assert figures[DORSET] == value
    values = list(figures.values())
    assert rank(value, values, Polarity.low_is_good) == expected[0]
    assert band(value, quartiles(values), Polarity.low_is_good) is expected[1]


def test_the_quarters_of_rereferrals_are_those_of_153_authorities(everywhere: Everywhere) -> None:
    figures = everywhere["rereferrals", "RY2025"]
    assert quartiles(figures.values()) == Quartiles(0.0, 16.9, 20.0, 23.0, 46.7, 153)
