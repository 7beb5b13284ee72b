"""What this board has been shown of each figure: the memory against which a restated figure is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import Report as Edition
from services.reporting_api.models import ReportRevision
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.words import period_words

_edition: sa.Table = Edition.__table__  # type: ignore[attr-defined]
_revision: sa.Table = ReportRevision.__table__  # type: ignore[attr-defined]
_FIGURES = sa.cast("$.sections[*].figures[*]", JSONPATH)


@dataclass(frozen=True)
class ShownFigure:
    """One figure as a report to the board showed it."""

    display: str
    title: str
    shown_in: str
    published_at: datetime


# By indicator, area and period.
Shown = Mapping[tuple[str, str, str], ShownFigure]


@dataclass(frozen=True)
class ShownFigures:
    """The memory at both levels: what the board itself saw, and what its readers without small numbers saw."""

    full: Shown
    protected: Shown

    def at(self, *, protected: bool) -> Shown:
        return self.protected if protected else self.full


async def read_shown_figures(session: AsyncSession, board: str) -> ShownFigures:
    """From each of the board's reports on its newest period, and from what corrected an earlier one since.

    Of two that show a figure the later one counts.
    """
    rows = (await session.execute(_last_published(board))).all()
    full: dict[tuple[str, str, str], ShownFigure] = {}
    protected: dict[tuple[str, str, str], ShownFigure] = {}
    for row in rows:
        shown_in = f"{row.title}, {period_words(row.period)}"
        full.update(_figures(row.full, shown_in, row.published_at))
        protected.update(_figures(row.full if row.protected is None else row.protected, shown_in, row.published_at))
    return ShownFigures(full, protected)


def _last_published(board: str) -> sa.Select[Any]:
    """Of each report to the board the last edition for its newest period, and what was published after that."""
    newest = sa.func.first_value(_edition.c.published_at).over(
        partition_by=_edition.c.report,
        order_by=(occurrence.period_end.desc(), _edition.c.published_at.desc()),
    )
    found = (
        sa.select(_edition, newest.label("newest"))
        .join(occurrence_table, occurrence.id == _edition.c.occurrence)
        .where(_edition.c.published_at.is_not(None), _edition.c.boards.contains([board]))
        .subquery()
    )
    return (
        sa.select(
            found.c.title,
            found.c.period,
            found.c.published_at,
            sa.func.jsonb_path_query_array(_revision.c.content, _FIGURES).label("full"),
            sa.func.jsonb_path_query_array(_revision.c.protected, _FIGURES).label("protected"),
        )
        .join(_revision, sa.and_(found.c.id == _revision.c.report, found.c.revision == _revision.c.revision))
        .where(found.c.published_at >= found.c.newest)
        .order_by(found.c.published_at, found.c.id)
    )


def _figures(
    figures: list[dict[str, Any]], shown_in: str, published_at: datetime
) -> Iterator[tuple[tuple[str, str, str], ShownFigure]]:
    for one in figures:
        code, area = one["indicator"], one["area"]
        earlier = [*one.get("trend", ()), *one.get("previous", ()), one.get("year_end") or None]
        for point in (*(found for found in earlier if found), one):
            key = (code, area, point["period"])
            yield key, ShownFigure(point["display"], one["title"], shown_in, published_at)
