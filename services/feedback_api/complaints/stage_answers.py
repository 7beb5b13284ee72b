"""What readers are given of one stage: its two clocks, its people, and how each run of it went."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from services.feedback_api.complaints.case import Case, stage_of
from services.feedback_api.complaints.clock import days_allowed, days_used, working_days_left
from services.feedback_api.complaints.missing import lacking
from services.feedback_api.models import ComplaintStage
from shared.schemas.base import OutModel
from shared.schemas.framework.feedback import ComplaintProcedure, Limit

ClockState = Literal["not_started", "in_time", "past", "set_aside", "met", "missed"]


class ClockOut(OutModel):
    """One limit of a stage: the law's, or the council's own."""

    working_days: int = Field(description="with extensions, never more than the limit may be extended to")
    due_on: date | None = Field(description="null while the complaint is set aside, or before the clock starts")
    state: ClockState
    working_days_left: int | None = Field(description="negative once past; null for an ended stage")


class ExtensionOut(OutModel):
    working_days: int
    reason: str | None
    granted_on: date


class PersonOut(OutModel):
    """Somebody who serves or served in a stage, by a pseudonymous reference."""

    id: UUID
    role: str
    person: str
    employed_by_council: bool
    in_line_of_service: bool
    appointed_on: date
    left_on: date | None
    left_because: str | None
    replaces: UUID | None


class LackOut(OutModel):
    role: str
    title: str
    number: int = Field(description="how many are still to be found")


class ComplaintStageOut(OutModel):
    stage: str
    title: str
    run: int = Field(description="counts up when a withdrawn complaint is opened again")
    started_on: date
    requested_on: date | None
    complaint_finalised_on: date | None
    ended_on: date | None
    outcome: str | None
    ended_because: Literal["agreed", "overdue", "refused"] | None = Field(
        description="why it ended without an outcome: the next stage was agreed, or asked for as this one was overdue; "
        "or the complaint was declined"
    )
    reported_on: date | None
    adjudicated_on: date | None
    ombudsman_told_on: date | None
    accepted_because: str | None
    working_days_used: int | None = Field(description="of its clock, today or its end included; null before it starts")
    extensions: list[ExtensionOut]
    clock_starts_on: date | None = Field(description="day 1: the working day after the event")
    statutory: ClockOut | None = Field(description="null where no limit is laid down")
    local: ClockOut | None = Field(description="the council's own target")
    people: list[PersonOut]
    people_missing: list[LackOut] = Field(description="roles not filled; of an ended stage, when it ended")


def stage_out(
    case: Case, stage: ComplaintStage, procedure: ComplaintProcedure, today: date, off: Set[date], withheld: bool
) -> dict[str, Any]:
    """The fields of a ComplaintStageOut, in their order."""
    rules = stage_of(procedure, stage.stage)
    extensions = case.extensions_of(stage)
    further = sum(one.working_days for one in extensions)
    aside = case.set_aside is not None
    lacks = lacking(case, stage, procedure)

    def clock(limit: Limit | None, due: date | None) -> dict[str, Any] | None:
        if limit is None:
            return None
        left = None if due is None or stage.ended_on is not None else working_days_left(today, due, off)
        state = _state(stage, due, today, aside)
        allowed = days_allowed(limit, further)
        return {"working_days": allowed, "due_on": due, "state": state, "working_days_left": left}

    held = stage.as_row()
    fields = held | {
        "title": rules.title if rules else stage.stage,
        "accepted_because": None if withheld else held["accepted_because"],
        "extensions": [
            {"working_days": one.working_days, "reason": None if withheld else one.reason, "granted_on": one.granted_on}
            for one in extensions
        ],
        "working_days_used": _used(case, stage, today, off),
        "statutory": clock(rules.statutory_limit if rules else None, held["statutory_due_on"]),
        "local": clock(rules.local_target if rules else None, held["local_due_on"]),
        "people": [] if withheld else _people(case, stage),
        "people_missing": [{"role": one.role, "title": one.title, "number": one.number} for one in lacks],
    }
    return {name: fields[name] for name in ComplaintStageOut.model_fields}


def _used(case: Case, stage: ComplaintStage, today: date, off: Set[date]) -> int | None:
    if stage.clock_starts_on is None:
        return None
    return days_used(stage.clock_starts_on, stage.ended_on or today, case.intervals, off)


def _people(case: Case, stage: ComplaintStage) -> list[dict[str, Any]]:
    return [
        {name: getattr(one, name) for name in PersonOut.model_fields}
        for one in case.handling.people
        if (one.stage, one.run) == (stage.stage, stage.run)
    ]


def _state(stage: ComplaintStage, due: date | None, today: date, aside: bool) -> ClockState:
    if stage.ended_on is not None:
        if stage.clock_starts_on is None:
            return "not_started"
        # Ended while the clock stood still, it had not run out.
        return "met" if due is None or stage.ended_on <= due else "missed"
    if due is None:
        return "set_aside" if aside else "not_started"
    if today > due:
        return "past"
    return "set_aside" if aside else "in_time"
