"""Action plans on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.schemas.base import Code, Id, Label, OutModel, StrictModel
from shared.schemas.periods import PeriodCode

PlanStatus = Literal["empty", "under_way", "overdue", "done"]
MOST = 5


class PlanIn(StrictModel):
    """A plan of a body or unit for a period, and how many key actions it may have (R44)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Key actions for the year ahead",
                    "unit": "dorset_council",
                    "body": "dscb_qa",
                    "period": "FY2027-28",
                }
            ]
        }
    )

    title: Label
    unit: Code
    body: Code | None = Field(default=None, description="the body that watches it, as dscb_qa")
    period: PeriodCode
    max_key_actions: Annotated[int, Field(ge=1, le=50)] = MOST


class PlanEdit(StrictModel):
    """Another title or limit; a limit is never below what the plan has already."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Key actions", "max_key_actions": 6}]})

    title: Label
    max_key_actions: Annotated[int, Field(ge=1, le=50)]


class KeyActionIn(StrictModel):
    """An action of the plan's unit or one below it, resting on evidence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"action": "0192f0c1-0000-7000-8000-00000000000a"}]})

    action: Id


class KeyActionOut(OutModel):
    id: str
    title: str
    unit: str
    status: str
    original_due_on: date
    due_on: date
    overdue: bool
    evidence: int
    impact: str | None


class PlanProgress(OutModel):
    """How far the key actions have come; cancelled ones count for nothing."""

    key_actions: int
    open: int
    overdue: int = Field(description="of the open ones, past the original or present due date")
    completed: int
    verified: int
    closed: int
    cancelled: int


class PlanRow(OutModel):
    """A plan as a line of a list."""

    id: str
    title: str
    unit: str
    body: str | None
    period: str
    max_key_actions: int
    status: PlanStatus
    progress: PlanProgress
    version: int


class ActionPlanOut(PlanRow):
    """One plan with its key actions, by their original due dates."""

    key_actions: list[KeyActionOut]
    created_by: str
    created_at: datetime
    allowed_actions: list[str]
