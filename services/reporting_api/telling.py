"""Holds a protected report against every count that was told before, and keeps what it tells for the next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.differencing import Telling, tellable
from services.reporting_api.models import ToldCounts
from services.reporting_api.registry import table_of
from services.reporting_api.told_cells import (
    BY_QUARTERS,
    TELLING_HEADLINES,
    adds_up,
    cells_of,
    hide,
    hide_before,
    stocks,
    tables_of,
    teams_before,
    teams_subject,
)
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report import BoardReport, BoardSection
from shared.schemas.board_report_items import StatementItem
from shared.schemas.figures import ValueStatus

_FAR = timedelta(days=800)
WITHHELD = "Some numbers are hidden because, beside what was told before, they would give a small one away."
QUARTERS_ONLY = "In copies of this report people are counted by whole quarters only."
_QUARTER = timedelta(days=80)
_HEADLINE = "What was counted is told in part, so that nobody can be recognised."
table = table_of(ToldCounts)
_LOCK = 0x544F4C44


async def hold(session: AsyncSession, report: BoardReport, threshold: int, *, copy: bool) -> bool:
    """Hide of a report what may not be told beside everything told before; whether anything was hidden.

    A `copy` of a report whose own board sees all tells by whole quarters, as the feedback service does: what it told of
    a month would have to be hidden in the quarter's report to a board outside the council.
    """
    tables = tables_of(report)
    earlier = {teams_before(figure) for figure in _with_teams(report)}
    told = await _told(session, report, {*tables, *earlier})
    allowed: dict[str, frozenset[str]] = {}
    by_quarters = tables.keys() & BY_QUARTERS if copy and _is_short(report) else frozenset()
    for subject, new in tables.items():
        keys = tellable(new, told.get(subject, ()), threshold, stocks(subject, new.cells))
        if keys is not None and subject not in by_quarters and keys != new.cells.keys() - new.hidden:
            allowed[subject] = keys
    hidden_before = earlier & told.keys()
    if not (allowed or by_quarters or hidden_before):
        return False
    hidden = [
        _hide_before(report, hidden_before),
        _withhold(report, dict.fromkeys(by_quarters, frozenset()), QUARTERS_ONLY),
        _withhold(report, allowed, WITHHELD),
    ]
    return any(hidden)


def _is_short(report: BoardReport) -> bool:
    return report.period.end - report.period.start < _QUARTER


def _with_teams(report: BoardReport) -> Iterator[BoardFigure]:
    return (figure for section in report.sections for figure in section.figures if figure.units)


def _hide_before(report: BoardReport, hidden: Collection[str]) -> bool:
    """Where the teams of the period before were hidden once, their numbers do not come back beside this period's."""
    shown = [
        team
        for figure in _with_teams(report)
        if teams_before(figure) in hidden
        for team in figure.units
        if team.before_display not in (None, str(ValueStatus.c))
    ]
    for team in shown:
        hide_before(team)
    return bool(shown)


def _withhold(report: BoardReport, allowed: Mapping[str, frozenset[str]], why: str) -> bool:
    """Hide of each of these subjects all but the keys that may be told; whether anything was."""
    changed = [section for section in report.sections if _withhold_in(section, allowed)]
    for section in changed:
        section.caveats = [*section.caveats, why]
        if section.headline and section.kind in TELLING_HEADLINES:
            _say_instead(report, section)
    _drop_spreads(report, allowed)
    return bool(changed)


def _withhold_in(section: BoardSection, allowed: Mapping[str, frozenset[str]]) -> bool:
    hidden = [
        cell
        for subject, key, cell in cells_of(section)
        if cell.value is not None and subject in allowed and key not in allowed[subject]
    ]
    for cell in hidden:
        hide(cell)
    return bool(hidden)


def _say_instead(report: BoardReport, section: BoardSection) -> None:
    """Another headline, wherever the report repeats it."""
    was, becomes = (f"{section.title}: {text}" for text in (section.headline, _HEADLINE))
    report.headlines = [becomes if line == was else line for line in report.headlines]
    for item in _statements(report):
        item.text = becomes if item.text == was else item.text
    section.headline = _HEADLINE


def _drop_spreads(report: BoardReport, allowed: Mapping[str, frozenset[str]]) -> None:
    """No sentence says how far apart teams lie whose numbers are hidden."""
    titles = {
        figure.title for figure in _with_teams(report) if teams_subject(figure.indicator, figure.period) in allowed
    }
    for item in _statements(report):
        if item.group == "consistent" and any(item.text.startswith(f"{title}: from ") for title in titles):
            item.text = _HEADLINE


def _statements(report: BoardReport) -> Iterator[StatementItem]:
    return (item for section in report.sections for item in section.items if isinstance(item, StatementItem))


async def _told(session: AsyncSession, report: BoardReport, subjects: Collection[str]) -> dict[str, list[Telling]]:
    c, start, end = table.c, report.period.start, report.period.end
    statement = (
        sa.select(c.subject, c.period_start, c.period_end, c.cells)
        .where(c.subject.in_(subjects), c.period_start <= end + _FAR, c.period_end >= start - _FAR)
        .order_by(c.told_at, c.report)
    )
    found: dict[str, list[Telling]] = {}
    for row in (await session.execute(statement)).all():
        # What does not add up over periods is of one time, whichever report's period it was told in.
        first, last = (row.period_start, row.period_end) if adds_up(row.subject) else (start, end)
        found.setdefault(row.subject, []).append(Telling(first, last, row.cells))
    return found


async def take_turn(session: AsyncSession) -> None:
    """Wait for whoever publishes at this moment: what one tells the next is held against."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def keep_told(session: AsyncSession, report: UUID, told: BoardReport, at: datetime) -> None:
    """Note what a published protected report tells, for what is told after it.

    Of counts that add up, each table of which something is told; of others those that hide something: what was told
    whole gives nothing away beside a table that is hidden.
    """
    rows: list[dict[str, Any]] = [
        {"report": report, "subject": subject, "period_start": one.start, "period_end": one.end,
         "cells": dict(one.cells), "told_at": at}
        for subject, one in tables_of(told).items()
        if (len(one.hidden) < len(one.cells) if adds_up(subject) else one.hidden)
    ]  # fmt: skip
    if rows:
        await session.execute(sa.insert(table), rows)
