"""When a board meets: the framework's plan, with what was recorded of its meetings laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import BoardMeeting
from services.reporting_api.registry import table_of
from shared.schemas.framework.reporting import Board

table = table_of(BoardMeeting)
MeetingStatus = Literal["planned", "moved", "added", "cancelled"]


@dataclass(frozen=True)
class Meeting:
    """One meeting of a board; `planned_on` with the board is its name, wherever it has moved to."""

    board: str
    planned_on: date
    meets_on: date
    in_plan: bool
    cancelled: bool = False
    starts_at: time | None = None
    place: str | None = None
    version: int = 1

    @property
    def status(self) -> MeetingStatus:
        if self.cancelled:
            return "cancelled"
        if self.meets_on != self.planned_on:
            return "moved"
        return "planned" if self.in_plan else "added"


def merge_meetings(board: Board, recorded: Iterable[Any]) -> tuple[Meeting, ...]:
    """The meetings of a board by the day they are on; one planned for a day a recorded one has moved to is that one."""
    plan = set(board.meeting_dates)
    found = [
        Meeting(
            board.code, row.planned_on, row.meets_on, row.planned_on in plan, row.cancelled, row.starts_at, row.place,
            row.version,
        )
        for row in recorded
    ]  # fmt: skip
    taken = {one.planned_on for one in found} | {one.meets_on for one in found if not one.cancelled}
    found += [Meeting(board.code, day, day, in_plan=True) for day in plan - taken]
    return tuple(sorted(found, key=lambda one: (one.meets_on, one.planned_on)))


def days_of(meetings: Sequence[Meeting]) -> list[date]:
    """The days on which the board really meets."""
    return [one.meets_on for one in meetings if not one.cancelled]


async def read_meetings(session: AsyncSession, boards: Mapping[str, Board]) -> dict[str, tuple[Meeting, ...]]:
    recorded: dict[str, list[Any]] = {}
    for row in (await session.execute(sa.select(table))).all():
        recorded.setdefault(row.board, []).append(row)
    return {code: merge_meetings(board, recorded.get(code, ())) for code, board in boards.items()}
