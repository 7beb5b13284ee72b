"""A figure beside others for the very same period: England, neighbours, and the best quarter of all authorities."""

from __future__ import annotations

from services.reporting_api.assembly.indicator_answers import PositionRow, SetBeside
from shared.schemas.board_figures import Comparison, TopQuartile
from shared.schemas.figures import Polarity, display_text
from shared.schemas.series import IndicatorSeries, SeriesPoint

_NOT_COMPARED = "not_compared"


def comparisons_of(series: IndicatorSeries, position: PositionRow | None, latest: SeriesPoint) -> list[Comparison]:
    """Like for like: only comparators' figures for the same period, of the edition in force for it."""
    if position is None or position.period != latest.period:
        return []
    return [_comparison(series, one, latest) for one in position.comparators if one.in_force and one.n_available]


def _comparison(series: IndicatorSeries, one: SetBeside, latest: SeriesPoint) -> Comparison:
    def words(value: float | None) -> str | None:
        return None if value is None else display_text(value, places=series.decimal_places, measure=series.measure)

    average = words(one.mean if one.value is None else one.value)
    if one.value is not None:
        display = str(average)
    else:
        named = (("mean", words(one.mean)), ("median", words(one.median)))
        told = ", ".join(f"{name} {value}" for name, value in named if value)
        few = f"too few figures for an average, {one.n_available} of {one.n_members}"
        display = f"{told} of {one.n_available}" if told else few
    known = latest.value is not None and one.outcome != _NOT_COMPARED
    return Comparison(
        comparator_set=one.comparator_set, name=one.name, kind=one.kind, set_version=one.version,
        period=latest.period, value=one.value, mean=one.mean, median=one.median, best=one.best,
        average_display=average, best_display=words(one.best), display=display, n_available=one.n_available,
        n_members=one.n_members, outcome=one.outcome if known else None,
    )  # fmt: skip


def top_quartile_of(series: IndicatorSeries, position: PositionRow | None, latest: SeriesPoint) -> TopQuartile | None:
    """Where the best quarter begins; of a hidden figure its place is not told, for it would give the figure away."""
    if position is None or position.period != latest.period or series.polarity is Polarity.no_judgement:
        return None
    among = position.among_authorities
    begins = among.q3 if series.polarity is Polarity.high_is_good else among.q1
    if begins is None:
        return None
    shown = latest.value is not None
    return TopQuartile(
        value=begins, display=display_text(begins, places=series.decimal_places, measure=series.measure),
        reached=among.band == "A" if shown and among.band else None, band=among.band if shown else None,
        rank=among.rank if shown else None, n_authorities=among.n_available,
    )  # fmt: skip
