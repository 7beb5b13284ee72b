"""What a board is told of a figure before it is told the figure."""

from __future__ import annotations

from services.reporting_api.assembly.figure_words import caveats_of
from services.reporting_api.assembly.trend import since_break
from shared.schemas.series import SeriesBreak
from tests.reporting_api.test_protection import a_series


def test_a_sum_that_lacks_teams_is_told_to_be_a_part_and_a_whole_one_is_not() -> None:
    series = a_series((58.0, 35, 58))
    (point,) = series.areas[0].points
    part = point.model_copy(update={"units": 1, "units_missing": 11})
    assert caveats_of(series, [part, part], old=False) == [
        "Summed from 1 unit; 11 more teams sent no figure up to then, so it may be a part of the whole."
    ]
    for whole in (point, point.model_copy(update={"units": 12, "units_missing": 0})):
        assert caveats_of(series, [whole, whole], old=False) == []
        assert caveats_of(series, [whole, part], old=False) == [
            "Some earlier figures lack more teams than this one, so they may be a smaller part of the whole."
        ]


def test_only_figures_that_the_newest_may_be_read_beside_have_a_say() -> None:
    (ours,) = a_series((58.0, 35, 58), (59.0, 35, 58), (60.0, 35, 58)).areas
    newest_first = ours.points[::-1]
    assert since_break(ours, newest_first) == newest_first
    for start, read in (("2026-02", 2), ("2026-04", 3)):
        broken = ours.model_copy(update={"breaks": [SeriesBreak(period=start, reason="Other units.")]})
        assert since_break(broken, newest_first) == newest_first[:read]
