"""Holds a protected report against every count that was told before, and keeps what it tells for the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.differencing import Telling, tellable
from services.reporting_api.document import content_hash
from services.reporting_api.models import ToldCounts
from services.reporting_api.registry import table_of
from shared.schemas.board_report import BoardReport, BoardSection
from shared.schemas.board_report_items import Shown, StageItem, TallyItem
from shared.schemas.figures import ValueStatus

# Sections that count the same people share a subject: what one tells the other may not give away.
_SUBJECTS = {"feedback": "voices", "participation": "voices", "complaints": "complaints"}
# Nobody is counted in these: they tell of channels, activities, methods, teams and commitments.
_OF_NO_PEOPLE = (
    "channels_used", "channels_silent", "activities", "methods", "single_method", "no_method", "strategy",
    "strategy_done", "strategy_overdue",
)  # fmt: skip
_STANDING = ("open", "open_earlier", "overdue", "learning_missing")
_STAGE = ("open", "closed", "within_statutory", "past_statutory")
_FAR = timedelta(days=800)
WITHHELD = "Some numbers are hidden because, beside what was told before, they would give a small one away."
BY_QUARTERS = "In copies of this report people are counted by whole quarters only."
_QUARTER = timedelta(days=80)
_HEADLINE = "What was counted is told in part, so that nobody can be recognised."
table = table_of(ToldCounts)
_LOCK = 0x544F4C44


def _cells(section: BoardSection) -> Iterator[tuple[str, Shown | TallyItem]]:
    """The counts about people in a section, each under a key of its own."""
    for line in section.summary:
        if line.code not in _OF_NO_PEOPLE:
            yield f"summary/{line.code}", line
    for item in section.items:
        if isinstance(item, TallyItem):
            yield f"{item.group}/{item.code}", item
        elif isinstance(item, StageItem):
            for name in _STAGE:
                yield f"stage/{name}/{item.procedure}/{item.stage}", getattr(item, name)


def _is_stock(key: str) -> bool:
    return key.split("/")[1] in _STANDING


def tables_of(report: BoardReport) -> dict[str, Telling]:
    """What a report tells of each subject; a number absent for another reason than its smallness tells nothing."""
    found: dict[str, dict[str, float | None]] = {}
    for section in report.sections:
        if (subject := _SUBJECTS.get(section.kind)) is None:
            continue
        cells = found.setdefault(subject, {})
        for key, cell in _cells(section):
            if cell.value is not None or cell.value_status == ValueStatus.c:
                # Hidden in one section is hidden: the other says no more than it must.
                cells[key] = None if cells.get(key, 0) is None else cell.value
    return {
        subject: Telling(report.period.start, report.period.end, cells) for subject, cells in found.items() if cells
    }


async def hold(session: AsyncSession, report: BoardReport, threshold: int, *, copy: bool) -> BoardReport:
    """The report as it may be told beside everything told before; the same object where nothing is to be hidden.

    A `copy` of a report whose own board sees all tells by whole quarters, as the feedback service does: what it told of
    a month would have to be hidden in the quarter's report to a board outside the council.
    """
    tables = tables_of(report)
    if copy and _is_short(report):
        return _without(report, dict.fromkeys(tables, frozenset()), BY_QUARTERS)
    allowed: dict[str, frozenset[str]] = {}
    for subject, new in tables.items():
        told = await _told(session, subject, new.start, new.end)
        keys = tellable(new, told, threshold, frozenset(filter(_is_stock, new.cells)))
        if keys is not None and keys != new.cells.keys() - new.hidden:
            allowed[subject] = keys
    return _without(report, allowed, WITHHELD) if allowed else report


def _is_short(report: BoardReport) -> bool:
    return report.period.end - report.period.start < _QUARTER


def _without(report: BoardReport, allowed: Mapping[str, frozenset[str]], why: str) -> BoardReport:
    """The report with only these keys of each subject told."""
    held = report.model_copy(deep=True)
    for section in held.sections:
        if (subject := _SUBJECTS.get(section.kind, "")) in allowed:
            _withhold(held, section, allowed[subject], why)
    held.content_hash = content_hash(held)
    return held


def _withhold(report: BoardReport, section: BoardSection, keys: frozenset[str], why: str) -> None:
    changed = False
    for key, cell in _cells(section):
        if cell.value is not None and key not in keys:
            cell.value, cell.value_status, cell.display = None, ValueStatus.c, str(ValueStatus.c)
            changed = True
    if changed:
        section.caveats = [*section.caveats, why]
        if section.headline:
            was, becomes = (f"{section.title}: {text}" for text in (section.headline, _HEADLINE))
            report.headlines = [becomes if line == was else line for line in report.headlines]
            section.headline = _HEADLINE


async def _told(session: AsyncSession, subject: str, start: date, end: date) -> list[Telling]:
    c = table.c
    statement = (
        sa.select(c.period_start, c.period_end, c.cells)
        .where(c.subject == subject, c.period_start <= end + _FAR, c.period_end >= start - _FAR)
        .order_by(c.told_at, c.report)
    )
    return [Telling(*row) for row in (await session.execute(statement)).all()]


async def take_turn(session: AsyncSession) -> None:
    """Wait for whoever publishes at this moment: what one tells the next is held against."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def keep_told(session: AsyncSession, report: UUID, told: BoardReport, at: datetime) -> None:
    """Note what a published protected report tells; nothing of a table of which nothing is told."""
    rows: list[dict[str, Any]] = [
        {"report": report, "subject": subject, "period_start": one.start, "period_end": one.end,
         "cells": dict(one.cells), "told_at": at}
        for subject, one in tables_of(told).items()
        if len(one.hidden) < len(one.cells)
    ]  # fmt: skip
    if rows:
        await session.execute(sa.insert(table), rows)
