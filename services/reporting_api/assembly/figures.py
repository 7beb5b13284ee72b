"""Turns an indicator's series into the one line a board reads: figure, travel, target, comparisons, sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from services.reporting_api.assembly.evidence import IndicatorEntry
from services.reporting_api.words import in_period, listed, period_words, sentence
from shared.schemas.board_figures import BoardFigure, Comparison, EarlierFigure, Rag, Travel
from shared.schemas.board_report import BoardReport
from shared.schemas.figures import Measure, Polarity, ValueStatus, display_text, round_figure
from shared.schemas.periods import Period, TermDatesUnknown
from shared.schemas.series import AreaSeries, ComparatorSeries, IndicatorSeries, SeriesPoint

_GOOD = {Polarity.high_is_good: "high", Polarity.low_is_good: "low", Polarity.no_judgement: "no_judgement"}
_SIGNALS = {
    "special_cause_improvement": "significantly better than usual",
    "special_cause_concern": "significantly worse than usual",
    "special_cause_neutral_high": "significantly higher than usual",
    "special_cause_neutral_low": "significantly lower than usual",
}
_EARLIER = 3
_YEAR = timedelta(days=366)


def figure_of(
    series: IndicatorSeries, entry: IndicatorEntry | None, last_day: date, area: str, before: BoardReport | None
) -> BoardFigure:
    """The newest figure up to a day, as a board reads it."""
    ours = next((one for one in series.areas if one.area == area and not one.breakdown), None)
    points = _points(ours, last_day)
    good = _GOOD[series.polarity]
    if not points:
        return _no_figure(series, entry, last_day, area)
    latest, earlier = points[0], points[1:]
    travel = _travel(series, latest, earlier[0] if earlier else None)
    comparisons = [found for one in series.comparators if (found := _comparison(series, one, latest))]
    rag, tolerance = _rag(series, latest, entry)
    old = _is_old(latest.period, last_day)
    figure = BoardFigure(
        indicator=series.indicator, title=series.title, area=area, period=latest.period,
        period_label=period_words(latest.period), value=_plain(latest), value_status=latest.value_status,
        display=latest.display, unit=series.unit, measure=series.measure, good_is=good,
        themed_area=entry.themed_area if entry else None,
        previous=[_earlier(point) for point in earlier[:_EARLIER]], direction_of_travel=travel,
        signal=_SIGNALS.get(latest.label or ""), target=latest.target,
        target_display=_target_words(series, latest, tolerance), rag=rag, comparisons=comparisons,
        sentence="", changed_since_last_report=_changed(before, series.indicator, latest),
        caveats=_caveats(series, latest, old),
    )  # fmt: skip
    figure.sentence = _sentence(figure, earlier[0] if earlier else None, old)
    return figure


def _points(ours: AreaSeries | None, last_day: date) -> list[SeriesPoint]:
    """Newest first, up to the day; a point without any information is not the newest figure."""
    known = [
        point
        for point in (ours.points if ours else [])
        if point.value_status not in (ValueStatus.x, ValueStatus.z) and _ended(point.period, last_day)
    ]
    return sorted(
        known, key=lambda point: (Period.parse(point.period).year, Period.parse(point.period).part), reverse=True
    )


def _ended(code: str, last_day: date) -> bool:
    try:
        return Period.parse(code).end <= last_day
    except TermDatesUnknown:
        return Period.parse(code).year <= last_day.year


def _is_old(code: str, last_day: date) -> bool:
    """Whether a figure ended so long before the report's last day that nobody would take it for the latest."""
    period = Period.parse(code)
    try:
        return last_day - period.end > max(_YEAR, 2 * (period.end - period.start))
    except TermDatesUnknown:
        return last_day.year - period.year > 2


def _plain(point: SeriesPoint) -> float | None:
    return None if point.value is None else float(point.value)


def _earlier(point: SeriesPoint) -> EarlierFigure:
    return EarlierFigure(
        period=point.period, label=period_words(point.period), value=_plain(point),
        value_status=point.value_status, display=point.display,
    )  # fmt: skip


def _travel(series: IndicatorSeries, latest: SeriesPoint, before: SeriesPoint | None) -> Travel:
    """Compared as displayed: what reads the same has not moved."""
    if before is None or latest.value is None or before.value is None:
        return "unknown"
    now = round_figure(latest.value, series.decimal_places)
    then = round_figure(before.value, series.decimal_places)
    if now == then:
        return "no_change"
    if series.polarity is Polarity.no_judgement:
        return "rising" if now > then else "falling"
    return "improving" if (now > then) == (series.polarity is Polarity.high_is_good) else "worsening"


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


def _comparison(series: IndicatorSeries, comparator: ComparatorSeries, latest: SeriesPoint) -> Comparison | None:
    """Like for like: only the comparator's figure for the same period, of the edition in force for it."""
    point = next((one for one in comparator.points if one.period == latest.period and one.in_force), None)
    if point is None or not point.n_available or not point.in_force:
        return None

    def words(value: float) -> str:
        return display_text(value, places=series.decimal_places, measure=series.measure)

    if point.value is not None:
        display = words(point.value)
    else:
        parts = [
            f"{name} {words(value)}"
            for name, value in (("mean", point.mean), ("median", point.median))
            if value is not None
        ]
        display = f"{', '.join(parts)} of {point.n_available}"
    hidden = latest.value is None
    return Comparison(
        comparator_set=comparator.comparator_set, name=comparator.name, set_version=comparator.version,
        period=point.period, value=point.value, mean=point.mean, median=point.median, display=display,
        n_available=point.n_available, n_members=point.n_members, outcome=None if hidden else point.outcome,
    )  # fmt: skip


def _changed(before: BoardReport | None, indicator: str, latest: SeriesPoint) -> str | None:
    """What this board was shown for the same period, if it now reads otherwise; of a hidden figure nothing is told."""
    if latest.value_status is ValueStatus.c:
        return None
    for section in before.sections if before else []:
        for figure in section.figures:
            if figure.indicator != indicator:
                continue
            shown = {figure.period: figure.display, **{one.period: one.display for one in figure.previous}}
            known = shown.get(latest.period)
            if known is not None and known != latest.display:
                return known
    return None


def _caveats(series: IndicatorSeries, latest: SeriesPoint, old: bool) -> list[str]:
    own = [
        words
        for words, applies in (
            (f"Latest published: {period_words(latest.period)}.", old),
            ("Provisional.", latest.provisional),
            ("Revised since it was first published.", latest.revised),
        )
        if applies
    ]
    return [*own, *series.caveats]


def _no_figure(series: IndicatorSeries, entry: IndicatorEntry | None, last_day: date, area: str) -> BoardFigure:
    month = f"{last_day:%Y-%m}"
    return BoardFigure(
        indicator=series.indicator, title=series.title, area=area, period=month, period_label=period_words(month),
        value=None, value_status=ValueStatus.x, display=str(ValueStatus.x), unit=series.unit,
        measure=series.measure, good_is=_GOOD[series.polarity], themed_area=entry.themed_area if entry else None,
        direction_of_travel="unknown", sentence=sentence(f"{series.title}: no figure has been recorded yet"),
        caveats=list(series.caveats),
    )  # fmt: skip


_TRAVEL_WORDS = {
    "improving": "an improvement from",
    "worsening": "worse than",
    "rising": "up from",
    "falling": "down from",
    "no_change": "unchanged from",
}


def _sentence(figure: BoardFigure, before: SeriesPoint | None, old: bool) -> str:
    if figure.value is None:
        return sentence(f"{figure.title}: hidden {in_period(figure.period)} because it is small")
    parts = [f"{figure.title}: {figure.display} {in_period(figure.period)}{' (the latest published)' if old else ''}"]
    if before is not None and figure.direction_of_travel in _TRAVEL_WORDS:
        words = _TRAVEL_WORDS[figure.direction_of_travel]
        parts.append(f", {words} {before.display} {in_period(before.period)}")
    if figure.comparisons:
        parts.append(f"; {listed([f'{one.name} {one.display}' for one in figure.comparisons])}")
    if figure.rag != "none" and figure.target_display:
        target, _, tolerance = figure.target_display.partition(", within ")
        met = {"green": "is met", "amber": f"is missed, within its tolerance of {tolerance}", "red": "is missed"}
        parts.append(f"; the target of {target} {met[figure.rag]}")
    return sentence("".join(parts))


def travel_counts(figures: Sequence[BoardFigure]) -> Counter[Travel]:
    """How many figures travel each way."""
    return Counter(one.direction_of_travel for one in figures)
