"""Auditors on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from services.audit_api.words import AuditTypeWord, Level
from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, OutModel, StrictModel

_EXAMPLE: dict[str, Any] = {
    "unit": "safeguarding_and_standards", "level": "senior_manager", "tools": ["case_audit"],
    "capacity_per_month": 10, "available_from": "2026-04-01",
}  # fmt: skip


class AuditorIn(StrictModel):
    """Who audits, for how much and for how long; known by the account, never by name."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    unit: Code | None = Field(default=None, description="where the auditor belongs; null for another council's")
    council: Label | None = Field(
        default=None, description="the other council of an auditor who moderates; drawn for no case"
    )
    level: Level
    tools: Annotated[list[Code], Field(max_length=40)] = Field(default=[], description="tools trained for")
    audit_types: Annotated[list[AuditTypeWord], Field(max_length=9)] = Field(
        default=[], description="types of audit trained for, whatever the tool"
    )
    capacity_per_month: Annotated[int, Field(ge=0, le=100)] = Field(description="audits in a calendar month, at most")
    available_from: LocalDate
    available_to: LocalDate | None = Field(default=None, description="the last day; null while there is none")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.unit is None) == (self.council is None):
            raise SafeValueError("give the unit of the council's own auditor, or the council of another's")
        if not self.tools and not self.audit_types:
            raise SafeValueError("name a tool or a type of audit the auditor is trained for")
        if self.available_to is not None and self.available_to < self.available_from:
            raise SafeValueError("available_to lies before available_from; correct one of the two dates")
        if len(set(self.tools)) < len(self.tools) or len(set(self.audit_types)) < len(self.audit_types):
            raise SafeValueError("name each tool and each type of audit once")
        return self


class AuditorOut(OutModel):
    """An auditor with what is in hand today."""

    reference: str
    unit: str | None
    council: str | None
    level: Level
    tools: list[str]
    audit_types: list[str]
    capacity_per_month: int
    available_from: date
    available_to: date | None
    audits_in_hand: int = Field(description="open, or given this month; who has fewest is given the next")
    given_this_month: int = Field(description="in the calendar month; held to the capacity")
    recorded_by: str
    recorded_at: datetime
    version: int
    allowed_actions: list[str]
