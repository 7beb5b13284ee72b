"""The rules of decisions: made on a published report by a board that was sent it, followed until they are done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.decisions import errors
from services.reporting_api.decisions.naming import numbered_id
from services.reporting_api.decisions.schemas import DecisionIn, DecisionUpdateIn
from services.reporting_api.definitions import read_definitions
from services.reporting_api.matters import c, table, update_table
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.auth.roles import known_roles
from shared.clock import local_date
from shared.framework.store import check_codes, unknown_codes
from shared.ids import new_id
from shared.problems import Fault, Malformed, NotFound
from shared.settings import Settings


async def record_decision(
    session: AsyncSession, caller: Caller, report: UUID, body: DecisionIn, now: datetime, settings: Settings
) -> UUID:
    """Keep what a board decided on a report, held so that two at once are counted one after the other."""
    row = await editions.read_edition(session, caller, report, lock=True)
    if row is None:
        raise NotFound()
    if row.status not in editions.PUBLIC:
        raise errors.ReportNotPublished()
    known = await read_definitions(session)
    board = known.board(body.board).code
    faults = []
    if board not in row.boards:
        faults.append(Fault("/board", "board", "this report was not sent to that board"))
    if not local_date(row.published_at) <= body.meeting_on <= local_date(now):
        faults.append(Fault("/meeting_on", "meeting_on", "give a day since the report was published, not after today"))
    if body.owner_role is not None:
        faults += unknown_codes("roles", {"/owner_role": body.owner_role}, known_roles(settings.roles_file))
    if faults:
        raise Malformed("The decision cannot be recorded; see errors.", errors=faults)
    for kind, name in (("units", "owner_unit"), ("agencies", "owner_agency")):
        if code := getattr(body, name):
            await check_codes(session, kind, {f"/{name}": code})
    decision, owned = await _next_id(session, row, board), bool(body.owner_role or body.owner_unit or body.owner_agency)
    await session.execute(
        sa.insert(table).values(
            id=decision, report=report, board=board, boards=row.boards, unit=row.unit, meeting_on=body.meeting_on,
            decided=body.decided, owner_role=body.owner_role, owner_unit=body.owner_unit,
            owner_agency=body.owner_agency, originally_due_on=body.due_on, due_on=body.due_on,
            status="open" if owned else "done", ended_at=None if owned else now, version=1,
            recorded_by=caller.subject,
        )
    )  # fmt: skip
    await record_activity(
        session, caller, "decision.recorded", "decision", decision, unit=row.unit, content=body.decided,
        data={"board": board, "report": row.report, "period": row.period},
    )  # fmt: skip
    return decision


async def _next_id(session: AsyncSession, row: Any, board: str) -> UUID:
    """Of what it is and not of when it was recorded: it stands in the reports that follow, and in their hash."""
    before = sa.select(sa.func.count()).where(c.report == row.id, c.board == board)
    number = int((await session.execute(before)).scalar_one()) + 1
    return numbered_id(number, row.report, row.period, str(row.occasion), str(row.edition), board)


async def update_decision(
    session: AsyncSession, caller: Caller, row: Any, body: DecisionUpdateIn, now: datetime
) -> None:
    """Say how it goes, and what that changes; the day first agreed stays the measure."""
    if body.changes and not caller.may("reporting:clerk"):
        raise errors.NotTheClerk()
    status = body.status or row.status
    if row.status != "open" and status == row.status:
        raise errors.DecisionEnded()
    if body.due_on is not None and body.due_on < row.meeting_on:
        fault = Fault("/due_on", "due_on", "give a day after the board met")
        raise Malformed("The day cannot be used; see errors.", errors=[fault])
    due_on = body.due_on or row.due_on
    await session.execute(
        sa.update(table)
        .where(c.id == row.id)
        .values(
            status=status, due_on=due_on, originally_due_on=row.originally_due_on or due_on,
            ended_at=None if status == "open" else (row.ended_at or now), version=c.version + 1,
        )
    )  # fmt: skip
    await session.execute(
        sa.insert(update_table).values(
            id=new_id(), decision=row.id, words=body.words, status=status, due_on=due_on, happened_on=local_date(now),
            by=caller.subject,
        )
    )  # fmt: skip
    await record_activity(
        session, caller, "decision.updated" if status == row.status else f"decision.{status}", "decision", row.id,
        unit=row.unit, content=body.words, data={"board": row.board, "status": status},
    )  # fmt: skip
