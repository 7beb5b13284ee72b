"""What readers are given of a complaint: its stages with both clocks, and what it still lacks."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from services.feedback_api.complaints.case import Case, missing_of, stage_of, stages_by_order
from services.feedback_api.complaints.clock import days_allowed, working_days_left
from services.feedback_api.complaints.schemas import WORDS
from services.feedback_api.models import Complaint, ComplaintStage
from shared.auth.caller import Caller
from shared.free_text import find_identifiers
from shared.schemas.base import OutModel
from shared.schemas.framework.feedback import ComplaintProcedure, Limit

ClockState = Literal["not_started", "in_time", "past", "set_aside", "met", "missed"]


class WarningOut(OutModel):
    """Something in a text that could identify a person; where it stands, never what it is."""

    pointer: str
    code: str


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


class StageOut(OutModel):
    stage: str
    title: str
    run: int = Field(description="counts up when a withdrawn complaint is opened again")
    started_on: date
    requested_on: date | None
    complaint_finalised_on: date | None
    ended_on: date | None
    outcome: str | None
    accepted_because: str | None
    extensions: list[ExtensionOut]
    clock_starts_on: date | None = Field(description="day 1: the working day after the event")
    statutory: ClockOut | None = Field(description="null where no limit is laid down")
    local: ClockOut | None = Field(description="the council's own target")


class SetAsideOut(OutModel):
    model_config = OutModel.model_config | ConfigDict(serialize_by_alias=True)

    first: date = Field(alias="from")
    last: date | None = Field(alias="to")
    reason: str | None


class ComplaintRow(OutModel):
    """A complaint in a list, without its words."""

    id: UUID
    respond_ref: str
    procedure: str
    received_on: date
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: list[str]
    status: Literal["open", "closed", "refused"]
    current_stage: str | None
    statutory_due_on: date | None
    local_due_on: date | None
    overdue: bool = Field(description="past its statutory limit, or its target where no limit is laid down")
    past_target: bool
    set_aside: bool
    outcome: str | None
    closed_on: date | None
    incomplete: bool = Field(description="closed without what it needs (R60)")
    missing: list[str] = Field(description="outcome, learning, improvement: whichever it lacks")
    version: int
    recorded_at: datetime
    changed_at: datetime


class ComplaintOut(OutModel):
    id: UUID
    respond_ref: str
    procedure: str
    received_on: date
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: list[str]
    eligible: bool | None
    consent_given: bool | None
    refusal_reason: str | None
    status: Literal["open", "closed", "refused"]
    current: StageOut | None = Field(description="the open stage with its clocks")
    stages: list[StageOut]
    set_aside: list[SetAsideOut]
    outcome: str | None
    closed_on: date | None
    learning: str | None
    improvement: str | None
    shared_learning: str | None
    learning_updated_at: datetime | None
    incomplete: bool
    missing: list[str]
    words_withheld: bool = Field(description="the caller lacks feedback:complaints, so the words are left out")
    warnings: list[WarningOut]
    version: int
    recorded_at: datetime
    changed_at: datetime
    allowed_actions: list[str]

    @classmethod
    def of(cls, case: Case, procedure: ComplaintProcedure, today: date, off: Set[date], caller: Caller) -> Self:
        """The complaint as this caller may have it, its clocks as they stand today."""
        complaint, withheld = case.complaint, not caller.may("feedback:complaints")
        words = {name: getattr(complaint, name) for name in WORDS}
        stages = [_stage(case, stage, procedure, today, off, withheld) for stage in case.stages]
        missing = missing_of(complaint.outcome, complaint.status, complaint.learning, complaint.improvement)
        found = find_identifiers({f"/{name}": text for name, text in words.items()})
        plain = {name: getattr(complaint, name) for name in _PLAIN}
        return cls(
            **plain,
            **(dict.fromkeys(words) if withheld else words),
            current=next((one for one in stages if one.ended_on is None), None),
            stages=stages,
            set_aside=[
                SetAsideOut.model_validate(
                    {"from": one.from_on, "to": one.to_on, "reason": None if withheld else one.reason}
                )
                for one in case.freezes
            ],
            learning_updated_at=complaint.learning_at,
            incomplete=bool(missing),
            missing=missing,
            words_withheld=withheld,
            warnings=[WarningOut(pointer=one.pointer, code=one.code) for one in found],
            allowed_actions=[] if withheld else _actions(case, procedure),
        )


_PLAIN = [name for name in ComplaintOut.model_fields if name in Complaint.model_fields and name not in WORDS]


def _stage(
    case: Case, stage: ComplaintStage, procedure: ComplaintProcedure, today: date, off: Set[date], withheld: bool
) -> StageOut:
    rules = stage_of(procedure, stage.stage)
    extensions = case.extensions_of(stage)
    further = sum(one.working_days for one in extensions)
    aside = case.set_aside is not None
    plain = ("stage", "run", "started_on", "requested_on", "complaint_finalised_on", "ended_on", "outcome")

    def clock(limit: Limit | None, due: date | None) -> ClockOut | None:
        if limit is None:
            return None
        left = None if due is None or stage.ended_on is not None else working_days_left(today, due, off)
        state = _state(stage, due, today, aside)
        return ClockOut(working_days=days_allowed(limit, further), due_on=due, state=state, working_days_left=left)

    return StageOut(
        **{name: getattr(stage, name) for name in plain},
        title=rules.title if rules else stage.stage,
        accepted_because=None if withheld else stage.accepted_because,
        extensions=[
            ExtensionOut(
                working_days=one.working_days, granted_on=one.granted_on, reason=None if withheld else one.reason
            )
            for one in extensions
        ],
        clock_starts_on=stage.clock_starts_on,
        statutory=clock(rules.statutory_limit if rules else None, stage.statutory_due_on),
        local=clock(rules.local_target if rules else None, stage.local_due_on),
    )


def _state(stage: ComplaintStage, due: date | None, today: date, aside: bool) -> ClockState:
    if stage.ended_on is not None:
        return "not_started" if due is None else ("met" if stage.ended_on <= due else "missed")
    if due is None:
        return "set_aside" if aside else "not_started"
    if today > due:
        return "past"
    return "set_aside" if aside else "in_time"


def _actions(case: Case, procedure: ComplaintProcedure) -> list[str]:
    actions = ["correct"]
    if case.complaint.status == "open" and case.current is not None:
        actions += ["end_stage", "extend"]
        actions.append("resume" if case.set_aside is not None else "set_aside")
    elif case.complaint.status == "closed":
        last = stages_by_order(procedure)[-1].code
        if case.stages[-1].stage != last or case.stages[-1].outcome in ("withdrawn", None):
            actions.append("open_stage")
    return actions
