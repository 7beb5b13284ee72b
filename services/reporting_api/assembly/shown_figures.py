"""What boards have been shown of each figure: the memory against which a restated figure is marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
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


# Of one indicator, by area and period: as each board was last shown it, once where several were shown the same.
Shown = Mapping[tuple[str, str], tuple[ShownFigure, ...]]


_Memory = defaultdict[str, dict[tuple[str, str], ShownFigure]]


@dataclass(frozen=True)
class ShownFigures:
    """The memory at both levels: what the boards themselves saw, and what their readers without small numbers saw."""

    full: Mapping[str, Shown]
    protected: Mapping[str, Shown]

    def at(self, *, protected: bool) -> Mapping[str, Shown]:
        """By indicator."""
        return self.protected if protected else self.full


def _last_published() -> sa.Select[Any]:
    """Of each report to the board the last edition for its newest period, and what was published after that."""
    newest = sa.func.first_value(_edition.c.published_at).over(
        partition_by=_edition.c.report,
        order_by=(occurrence.period_end.desc(), _edition.c.published_at.desc()),
    )
    found = (
        sa.select(_edition, newest.label("newest"))
        .join(occurrence_table, occurrence.id == _edition.c.occurrence)
        .where(_edition.c.published_at.is_not(None), _edition.c.boards.contains(sa.bindparam("boards")))
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
        .order_by(found.c.published_at, found.c.report, found.c.period, found.c.edition)
    )


# Made once: to put it together takes longer than to ask it.
_LAST_PUBLISHED = _last_published()


async def read_shown_figures(session: AsyncSession, boards: Sequence[str]) -> ShownFigures:
    """What each of the boards saw last: another board's report is nothing that this one has seen."""
    full: dict[str, dict[tuple[str, str], tuple[ShownFigure, ...]]] = {}
    protected: dict[str, dict[tuple[str, str], tuple[ShownFigure, ...]]] = {}
    for board in boards:
        for into, memory in zip((full, protected), await _memory_of(session, board), strict=True):
            for indicator, held in memory.items():
                known = into.setdefault(indicator, {})
                for slot, one in held.items():
                    earlier = known.get(slot, ())
                    if one.display not in {other.display for other in earlier}:
                        known[slot] = (*earlier, one)
    return ShownFigures(full, protected)


async def _memory_of(session: AsyncSession, board: str) -> tuple[_Memory, _Memory]:
    """From each of the board's reports on its newest period, and from what corrected an earlier one since.

    Of two that show a figure the later one counts.
    """
    rows = (await session.execute(_LAST_PUBLISHED, {"boards": [board]})).all()
    full: _Memory = defaultdict(dict)
    protected: _Memory = defaultdict(dict)
    for row in rows:
        shown_in = f"{row.title}, {period_words(row.period)}"
        _remember(full, row.full, shown_in, row.published_at)
        copy = row.full if row.protected is None else row.protected
        _remember(protected, copy, shown_in, row.published_at)
    return full, protected


def _remember(memory: _Memory, figures: list[dict[str, Any]], shown_in: str, published_at: datetime) -> None:
    for one in figures:
        area, held = one["area"], memory[one["indicator"]]
        earlier = [*one.get("trend", ()), *one.get("previous", ()), one.get("year_end") or None]
        for point in (*(found for found in earlier if found), one):
            held[area, point["period"]] = ShownFigure(point["display"], one["title"], shown_in, published_at)
