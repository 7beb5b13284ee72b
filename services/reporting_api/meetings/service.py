"""The rules of a board's meetings: what may change, and the papers that follow in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, UnknownBoard, read_definitions
from services.reporting_api.meeting_days import Meeting, table
from services.reporting_api.meetings.errors import (
    BoardMeetsThatDay,
    MeetingCancelled,
    MeetingNotCancelled,
    MeetingOver,
)
from services.reporting_api.models import MeetingChange
from services.reporting_api.occurrences import OPEN
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrences
from services.reporting_api.redating import Followed, follow_changes, hold_schedule
from services.reporting_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.ids import new_id
from shared.problems import NotFound

_change = table_of(MeetingChange)


@dataclass(frozen=True)
class Changed:
    """A meeting as it now is, and what the change did to the papers."""

    meeting: Meeting
    known: Definitions
    followed: Followed


def find_meeting(known: Definitions, board: str, planned_on: date) -> Meeting:
    """By the day it was first planned for, or by the one it is on now; raises NotFound."""
    meetings = known.meetings[known.board(board).code]
    named = [one for one in meetings if one.planned_on == planned_on]
    on_that_day = [one for one in meetings if one.meets_on == planned_on]
    for found in (*named, *on_that_day):
        return found
    raise NotFound()


async def hold_meeting(
    session: AsyncSession, board: str, planned_on: date, match: IfMatch, today: date
) -> tuple[Definitions, Meeting]:
    """The meeting to change, nobody else changing the schedule meanwhile; it must still be to come."""
    known = await _hold(session, board)
    found = find_meeting(known, board, planned_on)
    match.check(found.version)
    if found.meets_on < today:
        raise MeetingOver()
    return known, found


async def add_meeting(
    session: AsyncSession, caller: Caller, board: str, one: Meeting, reason: str, today: date
) -> Changed:
    """A meeting outside the plan."""
    known = await _hold(session, board)
    one = replace(one, board=known.board(board).code)
    _check_day(known, one, one.meets_on, today)
    if any(other.planned_on == one.planned_on for other in known.meetings[one.board]):
        raise BoardMeetsThatDay("One planned for that day moved or was cancelled: reinstate it, or move it back.")
    return await _store(session, caller, "added", one, one, reason, today)


async def move_meeting(
    session: AsyncSession, caller: Caller, known: Definitions, was: Meeting, to: date, reason: str, today: date
) -> Changed:
    if was.cancelled:
        raise MeetingCancelled()
    _check_day(known, was, to, today)
    return await _store(session, caller, "moved", was, replace(was, meets_on=to), reason, today)


async def cancel_meeting(session: AsyncSession, caller: Caller, was: Meeting, reason: str, today: date) -> Changed:
    if was.cancelled:
        raise MeetingCancelled()
    return await _store(session, caller, "cancelled", was, replace(was, cancelled=True), reason, today)


async def reinstate_meeting(
    session: AsyncSession, caller: Caller, known: Definitions, was: Meeting, reason: str, today: date
) -> Changed:
    if not was.cancelled:
        raise MeetingNotCancelled()
    _check_day(known, was, was.meets_on, today)
    return await _store(session, caller, "reinstated", was, replace(was, cancelled=False), reason, today)


async def arrange_meeting(
    session: AsyncSession, caller: Caller, was: Meeting, fields: dict[str, Any], reason: str, today: date
) -> Changed:
    """When and where on its day."""
    if was.cancelled:
        raise MeetingCancelled()
    return await _store(session, caller, "arranged", was, replace(was, **fields), reason, today)


async def _hold(session: AsyncSession, board: str) -> Definitions:
    await hold_schedule(session)
    known = await read_definitions(session)
    if ("boards", known.board(board).code) in known.retired:
        raise UnknownBoard()
    return known


def _check_day(known: Definitions, meeting: Meeting, day: date, today: date) -> None:
    if day < today:
        raise MeetingOver()
    others = (one for one in known.meetings[meeting.board] if one.planned_on != meeting.planned_on)
    if any(one.meets_on == day and not one.cancelled for one in others):
        raise BoardMeetsThatDay()


async def _store(
    session: AsyncSession, caller: Caller, change: str, was: Meeting, becomes: Meeting, reason: str, today: date
) -> Changed:
    """Keep the meeting and what changed, then bring the papers into step."""
    key = {"board": becomes.board, "planned_on": becomes.planned_on}
    values = {
        "meets_on": becomes.meets_on, "cancelled": becomes.cancelled, "starts_at": becomes.starts_at,
        "place": becomes.place, "version": was.version + 1,
    }  # fmt: skip
    upsert = insert(table).values(**key, **values)
    await session.execute(upsert.on_conflict_do_update(index_elements=["board", "planned_on"], set_=values))
    await session.execute(
        sa.insert(_change).values(
            **key, id=new_id(), change=change, was=was.meets_on, becomes=becomes.meets_on, reason=reason,
            changed_by=caller.subject,
        )
    )  # fmt: skip
    days = {"board": becomes.board, "was": was.meets_on.isoformat(), "becomes": becomes.meets_on.isoformat()}
    await record_activity(
        session, caller, f"meeting.{change}", "meeting", f"{becomes.board}:{becomes.planned_on}", content=reason,
        data=days,
    )  # fmt: skip
    known = await read_definitions(session)
    followed = await _follow(session, caller, known, becomes.board, today)
    return Changed(find_meeting(known, becomes.board, becomes.planned_on), known, followed)


async def _follow(session: AsyncSession, caller: Caller, known: Definitions, board: str, today: date) -> Followed:
    theirs = [code for code, report in known.reports.items() if report.due.board == board]
    open_ones = sa.select(occurrences).where(OPEN, occurrence.report.in_(theirs)).order_by(occurrence.id)
    held = (await session.execute(open_ones.with_for_update())).all()
    return await follow_changes(session, caller, known, held, today)
