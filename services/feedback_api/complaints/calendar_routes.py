"""The routes of working days: local days off, and the deadlines calculator."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from services.feedback_api.complaints import days_off
from services.feedback_api.complaints.case import hold_calendar, local_days_off
from services.feedback_api.complaints.deadlines import DeadlinesIn, DeadlinesOut, deadlines
from services.feedback_api.complaints.schemas import BankHolidayIn
from services.feedback_api.models import BankHoliday
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.paging import Page
from shared.problems import Forbidden, NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import LocalDate, OutModel
from shared.strict import StrictRoute
from shared.working_days import bank_holiday_names

router = APIRouter(prefix="/v1", tags=["working days"], route_class=StrictRoute)


class BankHolidayOut(OutModel):
    day: date
    origin: Literal["england", "local"]
    name: str
    worked: bool = Field(description="not a day off here: the bank holiday was moved")
    version: int | None


class MovedOut(OutModel):
    """An open complaint whose due dates moved with the day; closed ones keep theirs."""

    respond_ref: str
    unit: str
    stage: str
    statutory_due_before: date | None
    statutory_due_on: date | None
    local_due_before: date | None
    local_due_on: date | None

    @classmethod
    def of(cls, moved: days_off.Moved) -> Self:
        (was, now), (target_was, target_now) = moved.statutory, moved.local
        return cls(
            respond_ref=moved.respond_ref, unit=moved.unit, stage=moved.stage, statutory_due_before=was,
            statutory_due_on=now, local_due_before=target_was, local_due_on=target_now,
        )  # fmt: skip


class BankHolidayAdded(BankHolidayOut):
    due_dates_moved: int
    moved: list[MovedOut] | None = Field(description="which; for callers who handle complaints, null for all others")


def _require_whole_council(caller: Caller) -> None:
    if caller.unit is not None:
        raise Forbidden("Days off are the whole council's: a token for one unit cannot change them.")


def _out(holiday: BankHoliday) -> BankHolidayOut:
    return BankHolidayOut(
        day=holiday.day, origin="local", name=holiday.name, worked=holiday.worked, version=holiday.version
    )


@router.get("/bank-holidays", response_model=Page[BankHolidayOut])
async def list_bank_holidays(
    caller: Annotated[Caller, may("framework:read")],
    database: DatabaseOf,
    clock: ClockOf,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="this year where left out")] = None,
) -> Response:
    """The days off of one year, whole: England's bank holidays and the local ones."""
    wanted = year or clock.today().year
    async with database.snapshot() as session:
        statement = sa.select(BankHoliday).where(sa.extract("year", BankHoliday.day) == wanted)  # type: ignore[arg-type]
        local = [_out(one) for one in (await session.execute(statement)).scalars()]
    england = bank_holiday_names(wanted).items()
    held = {one.day for one in local}
    known = [
        BankHolidayOut(day=day, origin="england", name=name, worked=False, version=None)
        for day, name in england
        if day not in held
    ]
    items = sorted([*known, *local], key=lambda one: one.day)
    return Response(Page[BankHolidayOut](items=items, next=None).model_dump_json(), media_type="application/json")


@router.post(
    "/bank-holidays",
    response_model=BankHolidayAdded,
    status_code=201,
    responses={200: {"model": BankHolidayAdded, "description": "The day was added before and stays as it is."}},
)
async def add_bank_holiday(
    request: Request,
    body: BankHolidayIn,
    caller: Annotated[Caller, may("framework:apply")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Add a newly proclaimed day off, or a bank holiday that was moved away; every open due date moves with it.

    Not with a token for one unit.
    """
    _require_whole_council(caller)
    async with once(request, database, caller) as deed:
        holiday, moved = await days_off.proclaim(deed.session, caller, body, clock.now())
        headers = {"ETag": version_etag(holiday.version)}
        answer = BankHolidayAdded(
            **_out(holiday).model_dump(),
            due_dates_moved=len(moved or []),
            moved=[MovedOut.of(one) for one in moved or []] if caller.may("feedback:complaints") else None,
        )
        return deed.answer(answer, 200 if moved is None else 201, headers)


@router.delete("/bank-holidays/{day}", status_code=204)
async def remove_bank_holiday(
    day: Annotated[LocalDate, Path()],
    caller: Annotated[Caller, may("framework:apply")],
    database: DatabaseOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Take back a day off that was added here; every open due date moves back. Not with a token for one unit."""
    _require_whole_council(caller)
    async with database.transaction() as session:
        await hold_calendar(session, to_change=True)
        holiday = await days_off.find_day(session, day)
        if holiday is None:
            raise NotFound()
        match.check(holiday.version)
        await days_off.withdraw(session, caller, holiday)
    return Response(status_code=204)


@router.post("/calculations/deadlines", response_model=DeadlinesOut, status_code=200)
async def calculate_deadlines(
    request: Request, body: DeadlinesIn, caller: Annotated[Caller, may("feedback:read")], database: DatabaseOf
) -> Response:
    """Count working days from a day of receipt, with extensions and days set aside. Nothing is recorded of it."""
    async with once(request, database, caller) as deed:
        return deed.answer(deadlines(body, await local_days_off(deed.session), await days_off.names(deed.session)), 200)
