"""Turns an indicator's series into the one line a board reads: figure, trend, target, comparisons, teams, sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.reporting_api.assembly import beside, trend
from services.reporting_api.assembly.evidence import IndicatorEntry
from services.reporting_api.assembly.figure_words import (
    ASSURANCE_WORDS,
    GOOD,
    GOOD_WORDS,
    SIGNALS,
    TRAVEL_WORDS,
    caveats_of,
    rag_words,
    sentence_of,
    status_words,
)
from services.reporting_api.assembly.indicator_answers import PositionRow
from services.reporting_api.assembly.shown_figures import Shown
from services.reporting_api.words import period_words, sentence
from shared.schemas.board_figures import BoardFigure, Rag, Travel
from shared.schemas.figures import Measure, Polarity, ValueStatus, display_text
from shared.schemas.periods import Period
from shared.schemas.series import IndicatorSeries, SeriesPoint


@dataclass(frozen=True)
class Told:
    """Everything the indicator service says of one indicator, and what the board was shown of it before."""

    series: IndicatorSeries
    entry: IndicatorEntry | None
    position: PositionRow | None
    shown: Shown
    why: str | None = None


def figure_of(told: Told, last_day: date, area: str) -> BoardFigure:
    """The newest figure up to a day, as a board reads it, without its teams."""
    series, entry = told.series, told.entry
    ours = next((one for one in series.areas if one.area == area and not one.breakdown), None)
    points = trend.points_of(ours, last_day)
    if ours is None or not points:
        return _no_figure(told, last_day, area)
    latest, earlier = points[0], points[1:]
    before = earlier[0] if earlier else None
    travel = trend.travel_of(series, latest, before)
    rag, tolerance = _rag(series, latest, entry)
    old = trend.is_old(latest.period, last_day)
    end = trend.year_end_of(points)
    figure = BoardFigure(
        **_head(told), area=area, period=latest.period, period_label=period_words(latest.period),
        value=trend.plain(latest), value_status=latest.value_status, status_words=status_words(latest.value_status),
        display=latest.display,
        previous=[trend.earlier_of(one, area, told.shown) for one in earlier[: trend.EARLIER]],
        year_end=trend.earlier_of(end, area, told.shown) if end else None,
        trend=trend.trend_of(ours, points, told.shown), direction_of_travel=travel,
        direction_words=TRAVEL_WORDS[travel], signal=SIGNALS.get(latest.label or ""),
        assurance_words=ASSURANCE_WORDS[ours.assurance] if ours.assurance else None, target=latest.target,
        tolerance=tolerance if latest.target is not None else None,
        target_display=_target_words(series, latest, tolerance), rag=rag, rag_words=rag_words(rag, latest.target),
        comparisons=beside.comparisons_of(series, told.position, latest),
        top_quartile=beside.top_quartile_of(series, told.position, latest),
        changed_since_last_report=trend.changed_from(told.shown, area, latest), sentence="",
        caveats=caveats_of(series, trend.since_break(ours, points), old=old),
    )  # fmt: skip
    figure.sentence = sentence_of(figure, before, old=old)
    return figure


def _head(told: Told) -> dict[str, Any]:
    """What a figure says of its measure, with or without a number."""
    series, entry = told.series, told.entry
    return {
        "indicator": series.indicator, "title": series.title, "unit": series.unit, "measure": series.measure,
        "good_is": GOOD[series.polarity], "good_is_words": GOOD_WORDS[series.polarity],
        "themed_area": entry.themed_area if entry else None, "focus_area": entry.focus_area if entry else None,
        "focus_why": told.why,
    }  # fmt: skip


def _rag(series: IndicatorSeries, latest: SeriesPoint, entry: IndicatorEntry | None) -> tuple[Rag, float]:
    """Green meets the target, amber is within its tolerance, red is not; none without target or judgement."""
    if latest.target is None or latest.value is None or series.polarity is Polarity.no_judgement:
        return "none", 0.0
    tolerance = _tolerance(entry, latest.period)
    short = float(latest.target) - float(latest.value)
    if series.polarity is Polarity.low_is_good:
        short = -short
    return ("green" if short <= 0 else "amber" if short <= tolerance else "red"), tolerance


def _tolerance(entry: IndicatorEntry | None, code: str) -> float:
    period = Period.parse(code)
    for target in entry.targets if entry else ():
        last = Period.parse(target.to_period) if target.to_period else None
        if Period.parse(target.from_period) <= period and (last is None or period <= last):
            return target.tolerance
    return 0.0


def _target_words(series: IndicatorSeries, latest: SeriesPoint, tolerance: float) -> str | None:
    if latest.target is None:
        return None
    target = display_text(latest.target, places=series.decimal_places, measure=series.measure)
    if not tolerance:
        return target
    percent = series.measure is Measure.percentage
    measure = Measure.count if percent else series.measure
    within = display_text(tolerance, places=series.decimal_places, measure=measure)
    return f"{target}, within {within}{' points' if percent else ''}"


def _no_figure(told: Told, last_day: date, area: str) -> BoardFigure:
    series, month = told.series, f"{last_day:%Y-%m}"
    return BoardFigure(
        **_head(told), area=area, period=month, period_label=period_words(month), value=None,
        value_status=ValueStatus.x, status_words=status_words(ValueStatus.x), display=str(ValueStatus.x),
        direction_of_travel="unknown", direction_words=TRAVEL_WORDS["unknown"], rag_words=rag_words("none", None),
        sentence=sentence(f"{series.title}: no figure has been recorded yet"), caveats=list(series.caveats),
    )  # fmt: skip


def travel_counts(figures: Sequence[BoardFigure]) -> Counter[Travel]:
    """How many figures travel each way."""
    return Counter(one.direction_of_travel for one in figures)
