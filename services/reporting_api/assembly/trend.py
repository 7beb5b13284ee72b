"""A figure in time: which points a board is told, with their limits, breaks, year's end and what it was told before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from services.reporting_api.assembly.figure_words import SIGNALS
from services.reporting_api.assembly.shown_figures import Shown, ShownFigure
from services.reporting_api.words import period_words
from shared.schemas.board_figures import EarlierFigure, Travel, TrendPoint
from shared.schemas.figures import Polarity, ValueStatus, round_figure
from shared.schemas.periods import Period, PeriodKind, TermDatesUnknown
from shared.schemas.series import AreaSeries, IndicatorSeries, SeriesPoint, SeriesSegment

EARLIER, TREND = 3, 12
_YEAR = timedelta(days=366)
# The last part of the year that a period of each kind belongs to.
_YEAR_ENDS = {
    PeriodKind.month: (PeriodKind.financial_year, 3),
    PeriodKind.financial_quarter: (PeriodKind.financial_year, 4),
    PeriodKind.term: (PeriodKind.academic_year, 3),
    PeriodKind.half_term: (PeriodKind.academic_year, 6),
}


def points_of(ours: AreaSeries | None, last_day: date) -> list[SeriesPoint]:
    """Newest first, up to the day; a point without any information is not the newest figure."""
    known = [
        point
        for point in (ours.points if ours else [])
        if point.value_status not in (ValueStatus.x, ValueStatus.z) and _ended(point.period, last_day)
    ]
    return sorted(known, key=lambda point: _place(point.period), reverse=True)


@lru_cache(maxsize=4_096)
def _place(code: str) -> int:
    return Period.parse(code).standing


def _ended(code: str, last_day: date) -> bool:
    try:
        return Period.parse(code).end <= last_day
    except TermDatesUnknown:
        return Period.parse(code).year <= last_day.year


def is_old(code: str, last_day: date) -> bool:
    """Whether a figure ended so long before the report's last day that nobody would take it for the latest."""
    period = Period.parse(code)
    try:
        return last_day - period.end > max(_YEAR, 2 * (period.end - period.start))
    except TermDatesUnknown:
        return last_day.year - period.year > 2


def since_break(ours: AreaSeries, points: Sequence[SeriesPoint]) -> list[SeriesPoint]:
    """Those that may be read on to the newest one, which stands first."""
    newest = _place(points[0].period)
    begun = max((start for one in ours.breaks if (start := _place(one.period)) <= newest), default=None)
    return [point for point in points if begun is None or _place(point.period) >= begun]


def plain(point: SeriesPoint) -> float | None:
    return None if point.value is None else float(point.value)


def travel_of(series: IndicatorSeries, latest: SeriesPoint, before: SeriesPoint | None) -> Travel:
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


def shown_otherwise(shown: Shown, area: str, point: SeriesPoint) -> list[ShownFigure]:
    """What the boards were shown for it, where it now reads otherwise; of a hidden figure nothing is told."""
    if point.value_status is ValueStatus.c:
        return []
    return [one for one in shown.get((area, point.period), ()) if one.display != point.display]


def changed_from(shown: Shown, area: str, point: SeriesPoint) -> str | None:
    """The first of these, as it is marked beside a figure."""
    found = shown_otherwise(shown, area, point)
    return found[0].display if found else None


def earlier_of(point: SeriesPoint, area: str, shown: Shown) -> EarlierFigure:
    return EarlierFigure(
        period=point.period, label=period_words(point.period), value=plain(point), value_status=point.value_status,
        display=point.display, changed_from=changed_from(shown, area, point),
    )  # fmt: skip


def year_end_of(points: Sequence[SeriesPoint]) -> SeriesPoint | None:
    """The last point of the financial or school year before the newest one's; a yearly measure has none."""
    latest = Period.parse(points[0].period)
    if latest.kind not in _YEAR_ENDS:
        return None
    kind, part = _YEAR_ENDS[latest.kind]
    year = latest.within(kind).predecessor
    # A month's code begins with the calendar year it lies in.
    wanted = Period(latest.kind, year.year + (latest.kind is PeriodKind.month), part)
    return next((point for point in points if point.period == wanted.code), None)


def trend_of(ours: AreaSeries, points: Sequence[SeriesPoint], shown: Shown) -> list[TrendPoint]:
    """Up to twelve points, oldest first, each with the limits it is judged by."""
    breaks = {one.period: one.reason for one in ours.breaks}
    found = []
    for point in reversed(points[:TREND]):
        limits = next((one for one in ours.segments if _holds(one, point.period)), None)
        found.append(
            TrendPoint(
                period=point.period, label=period_words(point.period), value=plain(point),
                value_status=point.value_status, display=point.display,
                changed_from=changed_from(shown, ours.area, point),
                mean=limits.mean if limits else None, lower_limit=limits.lpl if limits else None,
                upper_limit=limits.upl if limits else None, trial_limits=bool(limits and limits.trial_limits),
                signal=SIGNALS.get(point.label or ""), target=point.target, provisional=point.provisional,
                break_before=breaks.get(point.period),
            )
        )  # fmt: skip
    return found


def _holds(segment: SeriesSegment, code: str) -> bool:
    return segment.mean is not None and _place(segment.first) <= _place(code) <= _place(segment.last)
