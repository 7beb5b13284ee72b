"""Programmes, rounds and slots on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, Strict, model_validator

from shared.faults import SafeValueError
from shared.schemas.audit_summary import SlotState
from shared.schemas.base import Code, Label, OutModel, Reference, StrictModel, Text
from shared.schemas.framework import audit as words

Trigger = Annotated[words.Trigger, Strict(False)]
ObservationSetting = Annotated[words.ObservationSetting, Strict(False)]
SampleKind = Annotated[words.SampleKind, Strict(False)]


class ProgrammeOut(OutModel):
    """A standing programme, as the applied framework has it."""

    code: str
    title: str
    audit_type: str
    tool: str
    cadence: str
    due_working_days_after_period: int | None
    every_months: int | None = Field(description="how often each manager audits, of a programme each_manager (R35)")
    announced: bool
    instigators: list[str] = Field(
        description="the roles that make a round in their own team (R34), or audit supervision there (R35)"
    )
    required_views: list[str] = Field(description="whose view an audit must hold, or a reason (R15)")
    teams_in_force: list[str] = Field(description="the units with a slot in force today")
    version: int = Field(description="of the framework item")
    allowed_actions: list[str]


class RoundSlotOut(OutModel):
    id: str
    unit: str
    unit_name: str
    state: SlotState
    audit: str | None = None
    submitted_on: date | None = None
    effective_from: date = Field(description="of the team's slot in the programme when the round was made")
    effective_to: date | None = None
    void_reason: str | None = None
    voided_by: str | None = None
    voided_at: datetime | None = None
    version: int
    allowed_actions: list[str]


class RoundRow(OutModel):
    id: str
    programme: str
    title: str
    period: str
    due_on: date
    missed_after: date
    announced: bool


class RoundOut(RoundRow):
    """One period of a programme with a slot for each team; what it was made of never changes."""

    audit_type: str
    tool: str
    required_views: list[str]
    trigger: str | None
    trigger_reference: str | None
    observation_setting: str | None
    sample_kind: str | None
    created_by: str
    created_at: datetime
    version: int = 1
    slots: list[RoundSlotOut]
    allowed_actions: list[str]


class RoundIn(StrictModel):
    """What is decided of a round; a regular programme has decided all of it, so that nothing need be sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"announced": True}]})

    title: Label | None = None
    units: list[Code] = Field(default=[], max_length=100, description="of a programme as_decided: whom it is for")
    announced: bool | None = Field(
        default=None, description="false keeps it from the teams until each audit starts (R30); from above them only"
    )
    trigger: Trigger | None = Field(default=None, description="required of a thematic round (R07)")
    trigger_reference: Reference | None = None
    observation_setting: ObservationSetting | None = Field(default=None, description="of observations (R38)")
    sample_kind: SampleKind | None = Field(default=None, description="of dip samples (R38)")

    @model_validator(mode="after")
    def _each_unit_once(self) -> Self:
        if len(set(self.units)) < len(self.units):
            raise SafeValueError("name each unit once")
        return self


class VoidIn(StrictModel):
    """Why no case of this team is audited this time; the caller is the approver."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The team had no case open for three months or longer."}]}
    )

    reason: Text


class ManagerOut(OutModel):
    """One manager under a programme of regular supervision audits, by unit and post."""

    programme: str
    title: str
    unit: str
    unit_name: str
    post: str | None = Field(description="the unit's head, as the framework names the post")
    roles: list[str] = Field(description="those who do such audits in their own unit, as the programme says")
    auditor: str | None = Field(description="the account that did the last one")
    every_months: int
    last_done: date | None
    last_audit: str | None = Field(description="its id, for callers who reach it")
    due_on: date = Field(description="so many months after the last one, or after the manager's slot began")
    overdue: bool
    days_overdue: int


CalendarKind = Literal["round_starts", "round_due", "audit_due", "supervision_due"]


class CalendarEntryOut(OutModel):
    """Something that begins or falls due on a day, within the caller's reach."""

    day: date
    kind: CalendarKind
    key: str = Field(description="told apart by this on a day")
    title: str
    programme: str | None = None
    period: str | None = None
    round: str | None = Field(default=None, description="null for a round that is still to be made")
    audit: str | None = None
    unit: str | None = None
    auditor: str | None = None
    open: int = Field(description="how many slots or audits within reach are not done")
