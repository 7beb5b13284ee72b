"""Figures as rows of values: the council's table, the trend, the comparators and the teams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.reporting_api.renders.trend_chart import trend_points
from services.reporting_api.renders.wording import GOOD_IS, rag_words, travel_words
from shared.schemas.board_figures import BoardFigure, EarlierFigure
from shared.schemas.board_report import BoardReport
from shared.schemas.figures import ValueStatus

_BEFORE = ("One before", "Two before", "Three before")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is, and as it is shown: where it is hidden or missing only its symbol is there."""

    value: float | None
    status: ValueStatus | str | None
    display: str


def _number(one: Any) -> Number | None:
    return None if one is None else Number(one.value, one.value_status, one.display)


def figure_rows(report: BoardReport) -> Iterator[dict[str, Any]]:
    """A measure a row, in the order councils print them."""
    for section in report.sections:
        groups = {code: group.title for group in section.groups for code in group.indicators}
        for one in section.figures:
            yield {
                "Measure": one.title,
                "Unit": one.unit,
                "Good performance is": one.good_is_words or GOOD_IS[one.good_is],
                **_earlier(one),
                "Latest period": one.period_label,
                "Latest": _number(one),
                "Year end": _number(one.year_end),
                "Target": one.target,
                "Tolerance": one.tolerance,
                "RAG": None if one.rag == "none" else one.rag.capitalize(),
                "Against target": None if one.rag == "none" else rag_words(one),
                "Direction of travel": travel_words(one),
                "Signal": one.signal,
                **_others(one),
                "Shown before as": one.changed_since_last_report,
                "Caveats": " ".join(one.caveats) or None,
                "Section": section.title,
                "Group": groups.get(one.indicator),
                "Indicator": one.indicator,
                "Area": one.area,
                "Period": one.period,
            }


def _earlier(one: BoardFigure) -> dict[str, Any]:
    """Three pairs of a period and its figure, the oldest first."""
    found: dict[str, Any] = {}
    for place in (2, 1, 0):
        then: EarlierFigure | None = one.previous[place] if place < len(one.previous) else None
        found[f"{_BEFORE[place]}, period"] = then.label if then else None
        found[_BEFORE[place]] = _number(then)
    return found


def _others(one: BoardFigure) -> dict[str, Any]:
    neighbours = next((other for other in one.comparisons if other.kind == "statistical_neighbours"), None)
    nation = next((other for other in one.comparisons if other.kind == "nation"), None)
    top = one.top_quartile
    average = neighbours.value if neighbours and neighbours.value is not None else neighbours and neighbours.mean
    return {
        "Neighbours' average": average,
        "Neighbours' best": neighbours.best if neighbours else None,
        "National": nation.value if nation else None,
        "Top quartile from": top.value if top else None,
        "In top quartile": top.reached if top else None,
    }


def trend_rows(report: BoardReport) -> Iterator[dict[str, Any]]:
    for section in report.sections:
        for one in section.figures:
            for point in trend_points(one):
                yield {
                    "Section": section.title,
                    "Measure": one.title,
                    "Period": point.period,
                    "Period in words": point.label,
                    "Figure": _number(point),
                    "Mean": point.mean,
                    "Lower limit": point.lower_limit,
                    "Upper limit": point.upper_limit,
                    "Trial limits": point.trial_limits,
                    "Target": point.target,
                    "Signal": point.signal,
                    "Provisional": point.provisional,
                    "Break before": point.break_before,
                    "Shown before as": point.changed_from,
                    "Indicator": one.indicator,
                    "Area": one.area,
                }


def comparison_rows(report: BoardReport) -> Iterator[dict[str, Any]]:
    for section in report.sections:
        for one in section.figures:
            for other in one.comparisons:
                yield {
                    "Section": section.title,
                    "Measure": one.title,
                    "Comparator": other.name,
                    "Period": other.period,
                    "Value": other.value,
                    "Mean": other.mean,
                    "Median": other.median,
                    "Best": other.best,
                    "Members with a figure": other.n_available,
                    "Members": other.n_members,
                    "Ours is": other.outcome,
                    "Indicator": one.indicator,
                    "Set": other.comparator_set,
                    "Edition of the set": other.set_version,
                }


def team_rows(report: BoardReport) -> Iterator[dict[str, Any]]:
    for section in report.sections:
        for one in section.figures:
            for unit in one.units:
                yield {
                    "Section": section.title,
                    "Measure": one.title,
                    "Period": one.period,
                    "Team": unit.name,
                    "Figure": _number(unit),
                    "Before": unit.before_display,
                    "Direction of travel": unit.direction_words or unit.direction_of_travel.replace("_", " "),
                    "Signal": unit.signal,
                    "Indicator": one.indicator,
                    "Unit code": unit.unit,
                }
