"""A measure team by team, for the same period as the council's figure."""

from __future__ import annotations

from services.reporting_api.assembly.figure_words import SIGNALS, TRAVEL_WORDS
from services.reporting_api.assembly.trend import plain, travel_of
from shared.schemas.board_figures import UnitFigure
from shared.schemas.figures import ValueStatus
from shared.schemas.periods import Period
from shared.schemas.series import AreaSeries, IndicatorSeries, SeriesPoint


def teams_of(series: IndicatorSeries | None, period: str) -> list[UnitFigure]:
    """The teams that report it at all, also one that did not this time; none where nobody did."""
    earlier = Period.parse(period).predecessor.code
    found = [_team(series, area, period, earlier) for area in series.areas if area.points] if series else []
    return found if any(one.value_status is not ValueStatus.x for one in found) else []


def _team(series: IndicatorSeries, area: AreaSeries, period: str, earlier: str) -> UnitFigure:
    points = {point.period: point for point in area.points}
    now, before = points.get(period), points.get(earlier)
    if now is None:
        return UnitFigure(unit=area.area, name=area.name, value=None, value_status=ValueStatus.x,
                          display=str(ValueStatus.x), direction_words=TRAVEL_WORDS["unknown"])  # fmt: skip
    return _figure(series, area, now, before)


def _figure(series: IndicatorSeries, area: AreaSeries, now: SeriesPoint, before: SeriesPoint | None) -> UnitFigure:
    travel = travel_of(series, now, before)
    return UnitFigure(
        unit=area.area, name=area.name, value=plain(now), value_status=now.value_status, display=now.display,
        before_display=before.display if before else None, direction_of_travel=travel,
        direction_words=TRAVEL_WORDS[travel], signal=SIGNALS.get(now.label or ""),
    )  # fmt: skip
