"""Programmes, rounds and slots on the wire."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import ConfigDict, Field

from shared.schemas.audit_summary import SlotState
from shared.schemas.base import OutModel, StrictModel, Text


class ProgrammeOut(OutModel):
    """A standing programme, as the applied framework has it."""

    code: str
    title: str
    audit_type: str
    tool: str
    cadence: str
    due_working_days_after_period: int
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


class RoundOut(RoundRow):
    """One period of a programme with a slot for each team; what it was made of never changes."""

    audit_type: str
    tool: str
    required_views: list[str]
    created_by: str
    created_at: datetime
    version: int = 1
    slots: list[RoundSlotOut]
    allowed_actions: list[str]


class VoidIn(StrictModel):
    """Why no case of this team is audited this time; the caller is the approver."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The team had no case open for three months or longer."}]}
    )

    reason: Text
