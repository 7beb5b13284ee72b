"""The figures of a published report laid flat, so that they can be loaded without opening its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import PublishedFigure
from services.reporting_api.registry import table_of
from shared.schemas.board_figures import BoardFigure, UnitFigure
from shared.schemas.board_report import BoardReport
from shared.schemas.framework.areas import ComparatorKind

table = table_of(PublishedFigure)
_SAME = (
    "indicator", "area", "period", "value", "value_status", "display", "unit", "measure", "good_is", "themed_area",
    "direction_of_travel", "target", "tolerance", "rag",
)  # fmt: skip
_OF_A_TEAM = ("value", "value_status", "display", "direction_of_travel")
_NOT_OF_A_TEAM = {
    "target": None, "tolerance": None, "rag": "none", "previous_period": None, "previous_value": None,
    "year_end_period": None, "year_end_value": None, "national_value": None, "neighbours_average": None,
    "neighbours_best": None, "top_quartile": None, "changed_from": None,
}  # fmt: skip


def flat_figures(report: BoardReport) -> list[dict[str, Any]]:
    """One row for each figure and for each team's, with nothing that is not in the document."""
    found: list[dict[str, Any]] = []
    for section in report.sections:
        named = {"section": section.code, "section_title": section.title}
        for figure in section.figures:
            found += [{**named, **row} for row in _rows(figure)]
    return [{**row, "place": place} for place, row in enumerate(found)]


def _rows(figure: BoardFigure) -> Iterator[dict[str, Any]]:
    row = {
        **{name: getattr(figure, name) for name in _SAME},
        "indicator_title": figure.title,
        "team_name": None,
        "changed_from": figure.changed_since_last_report,
        "top_quartile": figure.top_quartile.value if figure.top_quartile else None,
        **_earlier(figure),
        **_compared(figure),
    }
    yield row
    for team in figure.units:
        yield row | _NOT_OF_A_TEAM | _team(team)


def _team(team: UnitFigure) -> dict[str, Any]:
    return {"area": team.unit, "team_name": team.name, **{name: getattr(team, name) for name in _OF_A_TEAM}}


def _earlier(figure: BoardFigure) -> dict[str, Any]:
    before = figure.previous[0] if figure.previous else None
    return {
        "previous_period": before.period if before else None,
        "previous_value": before.value if before else None,
        "year_end_period": figure.year_end.period if figure.year_end else None,
        "year_end_value": figure.year_end.value if figure.year_end else None,
    }


def _compared(figure: BoardFigure) -> dict[str, Any]:
    """The nation's value, and of the statistical neighbours the mean and the best."""
    by_kind = {one.kind: one for one in reversed(figure.comparisons)}
    nation, neighbours = by_kind.get(ComparatorKind.nation), by_kind.get(ComparatorKind.statistical_neighbours)
    return {
        "national_value": nation.value if nation else None,
        "neighbours_average": neighbours.mean if neighbours else None,
        "neighbours_best": neighbours.best if neighbours else None,
    }


async def store_figures(session: AsyncSession, report: UUID, level: str, document: BoardReport) -> None:
    """Keep the figures of the copy for one level of disclosure beside its snapshot."""
    rows = flat_figures(document)
    if rows:
        copy = {"report": report, "disclosure": level}
        await session.execute(sa.insert(table), [{**copy, **row} for row in rows])
