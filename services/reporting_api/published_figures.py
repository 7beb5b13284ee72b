"""The figures of a published report laid flat, so that they can be loaded without opening its document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import PublishedFigure
from services.reporting_api.registry import table_of
from shared.schemas.board_report import BoardReport

table = table_of(PublishedFigure)
_SAME = (
    "indicator", "area", "period", "value", "value_status", "display", "unit", "measure", "good_is", "themed_area",
    "direction_of_travel", "target", "rag",
)  # fmt: skip


def flat_figures(report: BoardReport) -> list[dict[str, Any]]:
    """One row for each figure, with nothing that is not in the document."""
    found = [(section, figure) for section in report.sections for figure in section.figures]
    return [
        {
            **{name: getattr(figure, name) for name in _SAME},
            "place": place,
            "section": section.code,
            "section_title": section.title,
            "indicator_title": figure.title,
            "changed_from": figure.changed_since_last_report,
        }
        for place, (section, figure) in enumerate(found)
    ]


async def store_figures(session: AsyncSession, report: UUID, document: BoardReport) -> None:
    """Keep the figures of one copy beside its snapshot."""
    rows = flat_figures(document)
    if rows:
        copy = {"report": report, "disclosure": document.disclosure}
        await session.execute(sa.insert(table), [{**copy, **row} for row in rows])
