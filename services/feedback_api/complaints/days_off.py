"""Days off that the library of bank holidays does not know yet; each one moves every open due date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints.case import complete, hold_calendar, local_days_off, read_procedure, recount
from services.feedback_api.complaints.errors import NotABankHoliday, NotAWorkingDay
from services.feedback_api.complaints.schemas import BankHolidayIn
from services.feedback_api.models import BankHoliday, CalendarState, Complaint, table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.framework.store import Planned
from shared.schemas.framework.feedback import ComplaintProcedure
from shared.working_days import bank_holidays, is_working_day

_STATE = table_of(CalendarState)


@dataclass(frozen=True)
class Moved:
    """An open complaint whose due dates have moved."""

    respond_ref: str
    unit: str
    stage: str
    statutory: tuple[date | None, date | None]
    local: tuple[date | None, date | None]


async def find_day(session: AsyncSession, day: date) -> BankHoliday | None:
    return await session.get(BankHoliday, day)


async def names(session: AsyncSession) -> dict[date, str]:
    """The local days off by their names."""
    table = table_of(BankHoliday)
    return {row.day: row.name for row in (await session.execute(sa.select(table.c.day, table.c.name))).all()}


async def proclaim(
    session: AsyncSession, caller: Caller, body: BankHolidayIn, now: datetime
) -> tuple[BankHoliday, list[Moved] | None]:
    """Add a day off, or a bank holiday that is worked, and move every open due date; a day held stays (None)."""
    day = body.day
    await hold_calendar(session, to_change=True)
    held = await find_day(session, day)
    if held is not None:
        return held, None
    if body.worked and (day.weekday() >= 5 or day not in bank_holidays(day.year)):
        raise NotABankHoliday()
    if not body.worked and not is_working_day(day):
        raise NotAWorkingDay()
    holiday = BankHoliday(**body.model_dump(), version=1, recorded_by=caller.subject, recorded_at=now)
    session.add(holiday)
    await session.flush()
    moved = await recount_open(session)
    await _note(session, caller, "bank_holiday.added", day, moved)
    return holiday, moved


async def withdraw(session: AsyncSession, caller: Caller, holiday: BankHoliday) -> None:
    """Take a day off back and move every open due date again."""
    await session.delete(holiday)
    await session.flush()
    moved = await recount_open(session)
    await _note(session, caller, "bank_holiday.removed", holiday.day, moved)


async def _note(session: AsyncSession, caller: Caller, action: str, day: date, moved: list[Moved]) -> None:
    data = {"due_dates_moved": len(moved)}
    await record_activity(session, caller, action, "bank_holiday", day.isoformat(), data=data)


async def recount_open(session: AsyncSession, procedures: Sequence[str] | None = None) -> list[Moved]:
    """Count the open stage of every open complaint anew; returns those whose due dates moved.

    The clock is no part of what anyone recorded, so no complaint gets a new version for it.
    """
    await hold_calendar(session, to_change=True)
    # Whoever has counted by what stood before finds it out as they store.
    await session.execute(sa.update(_STATE).values(version=_STATE.c.version + 1))
    statement = sa.select(Complaint).where(table_of(Complaint).c.status == "open")
    if procedures is not None:
        statement = statement.where(table_of(Complaint).c.procedure.in_(procedures))
    off = await local_days_off(session)
    known: dict[str, ComplaintProcedure] = {}
    moved: list[Moved] = []
    ordered = statement.order_by(table_of(Complaint).c.id).with_for_update()
    for case in await complete(session, (await session.execute(ordered)).scalars().all()):
        procedure = case.complaint.procedure
        if procedure not in known:
            known[procedure] = await read_procedure(session, procedure)
        current = case.current
        if current is None:
            continue
        statutory, local = current.statutory_due_on, current.local_due_on
        recount(case, known[procedure], off, only_open=True)
        now = Moved(
            case.complaint.respond_ref, case.complaint.unit, current.stage, (statutory, current.statutory_due_on),
            (local, current.local_due_on),
        )  # fmt: skip
        if now.statutory[0] != now.statutory[1] or now.local[0] != now.local[1]:
            moved.append(now)
    await session.flush()
    return moved


async def project_procedures(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Bring the open clocks in step when the framework changes a procedure's limits."""
    await recount_open(session, [one.code for one in changed])
