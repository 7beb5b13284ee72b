"""Decisions of boards on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, OutModel, StrictModel, Text
from shared.schemas.board_report import PeriodRef

Status = Literal["open", "done", "cancelled"]


class DecisionIn(StrictModel):
    """What a board decided on a report, who sees to it and by when.

    The owner is a role (with the unit it is held in), a unit, or a partner agency. What asks nothing of anybody has
    none, and is done as it is decided.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "board": "csdg",
                    "meeting_on": "2026-11-23",
                    "decided": "Late reviews are to be looked at team by team before the next meeting.",
                    "owner_role": "head_of_service",
                    "owner_unit": "family_support",
                    "due_on": "2027-01-15",
                }
            ]
        }
    )

    board: Label = Field(description="code, name or alias; one the report was sent to")
    meeting_on: LocalDate
    decided: Text
    owner_role: Code | None = None
    owner_unit: Code | None = None
    owner_agency: Code | None = None
    due_on: LocalDate | None = None

    @model_validator(mode="after")
    def _somebody_sees_to_it(self) -> Self:
        inside = self.owner_role is not None or self.owner_unit is not None
        if inside and self.owner_agency is not None:
            raise SafeValueError("the owner is a role or unit of the council, or an agency, not both")
        if self.due_on is not None and not (inside or self.owner_agency):
            raise SafeValueError("say who sees to it by that day")
        if self.due_on is not None and self.due_on < self.meeting_on:
            raise SafeValueError("it is due before the board met")
        return self


class DecisionUpdateIn(StrictModel):
    """What is to be said of it now, and, where that changes, how it stands and by when it is due."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"words": "All teams have been visited; a paper goes to the next meeting."}]}
    )

    words: Text
    status: Status | None = None
    due_on: LocalDate | None = None

    @property
    def changes(self) -> bool:
        return self.status is not None or self.due_on is not None


class DecisionUpdateOut(OutModel):
    words: str
    status: Status
    due_on: date | None
    happened_on: date
    by: str
    recorded_at: datetime


class DecisionOut(OutModel):
    """What a board decided on a report; it comes back as a matter arising in the next ones until it is done."""

    id: str
    board: str
    board_name: str
    report: str = Field(description="the id of the report it was made on")
    report_title: str
    period: PeriodRef
    meeting_on: date
    decided: str = Field(description="held back where it tells a number and the caller may not see all figures")
    owner_role: str | None
    owner_unit: str | None
    owner_agency: str | None
    originally_due_on: date | None = Field(description="the measure of being overdue, whatever was agreed since")
    due_on: date | None
    status: Status
    overdue: bool
    ended_on: date | None
    progress: str | None = Field(description="what was last said of it")
    progress_on: date | None
    version: int
    allowed_actions: list[str]


class DecisionDetail(DecisionOut):
    """With everything that was said of it."""

    updates: list[DecisionUpdateOut]
