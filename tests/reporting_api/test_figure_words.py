"""What a board is told of a figure before it is told the figure."""

from __future__ import annotations

from services.reporting_api.assembly.figure_words import caveats_of
from tests.reporting_api.test_protection import a_series


def test_a_sum_that_lacks_teams_is_told_to_be_a_part_and_a_whole_one_is_not() -> None:
    series = a_series((58.0, 35, 58))
    (point,) = series.areas[0].points
    part = point.model_copy(update={"units": 1, "units_missing": 11})
    assert caveats_of(series, part, old=False) == [
        "Summed from 1 unit; 11 more teams sent no figure up to then, so it may be a part of the whole."
    ]
    for whole in (point, point.model_copy(update={"units": 12, "units_missing": 0})):
        assert caveats_of(series, whole, old=False) == []
