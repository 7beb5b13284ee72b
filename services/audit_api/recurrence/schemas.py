"""Recurring themes on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from shared.schemas.base import Id, OutModel, StrictModel, Text


class ResponseIn(StrictModel):
    """What is done about a theme that recurs, with the action that does it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"response": "The service holds a workshop on planning in January."}]}
    )

    response: Text
    action: Id | None = Field(default=None, description="the action that was raised for it")


class ResponseOut(OutModel):
    response: str
    action: str | None
    audits: int = Field(description="how many audits stood behind the alert when it was answered")
    responded_by: str
    responded_at: datetime
    version: int


class UnitCount(OutModel):
    unit: str
    audits: int


class RepeatProposed(OutModel):
    """A finding that looks like an earlier one of the same unit on the same theme, and is not linked to it yet."""

    finding: str
    audit: str
    repeat_of: str
    unit: str


class RecurrenceOut(OutModel):
    """One theme that recurs in one place by one rule."""

    rule: str
    rule_name: str
    kind: Literal["concern", "good_practice"]
    theme: str
    theme_name: str
    scope: Literal["local", "national"]
    unit: str = Field(description="the team, service or council in which it recurs")
    unit_name: str
    first_day: date
    last_day: date
    audits: int
    needed: int = Field(description="from how many audits the rule gives an alert")
    units: list[UnitCount] = Field(description="the audited units, those with most audits first")
    newest_audits: list[str] = Field(description="up to 20 of the audits behind it, the newest first")
    repeats_proposed: list[RepeatProposed] = Field(description="up to 20 links that an auditor may confirm")
    sentence: str
    answered: ResponseOut | None
    grown_since_answered: bool
    allowed_actions: list[str]


class RecurrencesOut(OutModel):
    """The themes that recur, counted anew each time; concerns come before good practice."""

    period: str
    unit: str | None
    concerns: int
    unanswered: int = Field(description="of the concerns")
    items: list[RecurrenceOut]
