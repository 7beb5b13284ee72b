"""Which surveys are owed: the yearly ones of each service and group, and the later parts of evaluations (R57, R63)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.surveys.editions import survey_of
from services.feedback_api.surveys.wave_queries import EDITION, WAVE
from services.feedback_api.surveys.wave_schemas import status_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.framework.store import read_items
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import OutModel
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.surveys import SurveyDuty
from shared.schemas.periods import Period, PeriodCode, PeriodKind, parse_period
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["surveys"], route_class=StrictRoute)
State = Literal["done", "open", "planned", "missing"]
_YEARS = (PeriodKind.calendar_year, PeriodKind.financial_year, PeriodKind.academic_year)
_ORDER: tuple[State, ...] = ("missing", "planned", "open", "done")


class DutyGroupOut(OutModel):
    respondent_group: str
    status: State
    wave: UUID | None


class OwedOut(OutModel):
    """What one unit owes of one duty in the year."""

    duty: str
    title: str
    survey: str
    unit: str
    due_on: date
    groups: list[DutyGroupOut]
    missing: list[str] = Field(description="the groups of which no wave is planned, open or done")
    overdue: bool = Field(description="the day has passed and some group is not done")


class FollowUpOut(OutModel):
    """A later part of an evaluation for which there is no wave yet."""

    wave: UUID = Field(description="the first part, for `follows`")
    survey: str
    unit: str
    course: str | None
    agency: str | None
    month: int
    due_on: date = Field(description="so many months after the first part closed")
    overdue: bool


class DutiesOut(OutModel):
    year: str
    items: list[OwedOut]
    follow_ups: list[FollowUpOut] = Field(description="whose day lies in the year")


@router.get("/survey-duties", response_model=DutiesOut)
async def list_survey_duties(
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    year: Annotated[PeriodCode, Query(description="a calendar, financial or academic year", examples=["FY2026-27"])],
    missing: Annotated[bool, Query(description="only where some group is missing")] = False,
) -> Response:
    """Which surveys each specialist service owes of which groups in the year, with the day each is due; and which parts
    of course evaluations are still to be put."""
    span = parse_period(year)
    if span.kind not in _YEARS:
        fault = Fault("/query/year", "year", "give a calendar, financial or academic year")
        raise Malformed("The year is none; see errors.", errors=[fault])
    today = clock.today()
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        duties = [parse_item("survey_duties", item) for item in await read_items(session, "survey_duties")]
        waves = await _waves(session)
        follow_ups = await _follow_ups(session, waves, span, today)
    owed = [
        _owed(duty, unit, span, waves, today)
        for duty in duties
        if isinstance(duty, SurveyDuty) and duty.year is span.kind
        for unit in duty.units
        if allowed is None or unit in allowed
    ]
    answer = DutiesOut(
        year=span.code,
        items=[one for one in owed if one.missing or not missing],
        follow_ups=[one for one in follow_ups if allowed is None or one.unit in allowed],
    )
    return Response(answer.model_dump_json(), media_type="application/json")


async def _waves(session: AsyncSession) -> Sequence[Mapping[str, Any]]:
    """Every wave, which are few beside their answers."""
    return [dict(row) for row in (await session.execute(sa.select(WAVE).order_by(WAVE.c.opens_on))).mappings()]


def _owed(
    duty: SurveyDuty, unit: str, year: Period, waves: Sequence[Mapping[str, Any]], today: date
) -> OwedOut:  # fmt: skip
    due = year.end + timedelta(days=duty.due_lag_days)
    found: dict[str, tuple[State, UUID | None]] = dict.fromkeys(duty.respondent_groups, ("missing", None))
    for wave in waves:
        status = status_of(wave, today)
        mine = wave["survey"] == duty.survey and wave["unit"] == unit and year.start <= wave["opens_on"] <= year.end
        if not mine or status == "cancelled":
            continue
        state: State = "done" if status == "closed" else status
        for group in set(wave["respondent_groups"]) & found.keys():
            if _ORDER.index(state) > _ORDER.index(found[group][0]):
                found[group] = state, wave["id"]
    return OwedOut(
        duty=duty.code,
        title=duty.title,
        survey=duty.survey,
        unit=unit,
        due_on=due,
        groups=[DutyGroupOut(respondent_group=group, status=one[0], wave=one[1]) for group, one in found.items()],
        missing=[group for group, (state, _) in found.items() if state == "missing"],
        overdue=today > due and any(state != "done" for state, _ in found.values()),
    )


async def _follow_ups(
    session: AsyncSession, waves: Sequence[Mapping[str, Any]], year: Period, today: date
) -> list[FollowUpOut]:
    editions = (await session.execute(sa.select(EDITION.c.survey, EDITION.c.version, EDITION.c.content))).all()
    months = {(row.survey, row.version): survey_of(row.content).months for row in editions}
    put = {(wave["follows"], wave["month"]) for wave in waves if status_of(wave, today) != "cancelled"}
    found = []
    for wave in waves:
        if wave["month"] or status_of(wave, today) == "cancelled":
            continue
        for month in months[wave["survey"], wave["survey_version"]]:
            due = _months_after(wave["closes_on"], month)
            if month and (wave["id"], month) not in put and year.start <= due <= year.end:
                names = ("survey", "unit", "course", "agency")
                about = {name: wave[name] for name in names}
                found.append(FollowUpOut(wave=wave["id"], month=month, due_on=due, overdue=today > due, **about))
    return found


def _months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last of a shorter month."""
    ahead = day.month - 1 + months
    first = date(day.year + ahead // 12, ahead % 12 + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))
