"""The wire of the quarantine: what waits, and what may be decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator

from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, LocalDate, OutModel, StrictModel, Text

State = Literal["waiting", "released", "merged", "set_aside"]
AgeBand = Literal["under 1", "1-4", "5-9", "10-15", "16+"]
Sentiment = Literal["positive", "mixed", "negative"]
Consent = Literal["shared", "anonymous", "internal_only"]
SCOPE = "feedback:quarantine"


class LeftOverOut(OutModel):
    """Something that was sent and fits no field."""

    pointer: str
    value: str = Field(description="as JSON wrote it, where it was no text")


class SubmissionRow(OutModel):
    """A submission in a list: everything but its words, whose reading is logged."""

    id: UUID
    state: State
    unit: str
    received_on: date
    due_on: date = Field(description="the day by which somebody should have decided")
    overdue: bool
    channel: str | None
    respondent_group: str | None
    rating: int | None
    has_words: bool
    has_left_over: bool
    safeguarding_flag: bool = Field(description="somebody should read it today: the words may speak of harm")
    flag_reasons: list[str]
    identifiers: list[str] = Field(description="kinds of identifier in the words")
    version: int


class SubmissionOut(SubmissionRow):
    age_band: str | None
    consent: str | None = Field(description="what the person said may be done with the words; null where nothing")
    what_works: str | None
    what_should_change: str | None
    left_over: list[LeftOverOut]
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    view_id: UUID | None
    merged_into: UUID | None
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Mapping[str, Any], caller: Caller) -> Self:
        """The whole submission, for those who decide on it."""
        actions = {"waiting": ["release", "merge", "set_aside"], "merged": ["return"], "set_aside": ["return"]}
        may = actions.get(row["state"], []) if caller.may(SCOPE) else []
        return cls(**{name: row[name] for name in cls.model_fields if name in row}, allowed_actions=may)


class ReleaseIn(StrictModel):
    """The view to be made of it: what is left out is taken as it was sent, what is given stands instead."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "themes": ["voice_of_the_child"],
                    "sentiment": "mixed",
                    "what_should_change": "[A name] should ring before coming.",
                }
            ]
        }
    }

    channel: Code | None = None
    respondent_group: Code | None = None
    unit: Code | None = None
    given_on: LocalDate | None = Field(default=None, description="the day it was received, unless it says another")
    age_band: AgeBand | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    sentiment: Sentiment | None = None
    themes: list[Code] = Field(default=[], max_length=10)
    what_works: Text | None = Field(default=None, description="redacted where needed; null leaves the words out")
    what_should_change: Text | None = None
    consent: Consent | None = Field(default=None, description="no wider than the person gave it")

    @field_validator("themes")
    @classmethod
    def _once_each(cls, themes: list[str]) -> list[str]:
        if len(set(themes)) != len(themes):
            raise SafeValueError("a theme stands twice; give each once")
        return themes


class SubmissionMergeIn(StrictModel):
    """It says again what another submission says."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [{"into": "00000000-0000-4000-8000-000000000000", "reason": "Sent twice, word for word."}]
        }
    }

    into: Id
    reason: Text


class SubmissionReasonIn(StrictModel):
    """Why."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"reason": "Nothing was said; somebody was trying the form."}]}
    }

    reason: Text


class AgeOut(OutModel):
    """What has waited so many days."""

    days: Literal["0-1", "2-5", "6-20", "over 20"]
    waiting: int
    flagged: int


class BacklogOut(OutModel):
    """What waits in the quarantine, so that nothing is forgotten."""

    waiting: int
    flagged: int
    overdue: int
    oldest: date | None = Field(description="the day the oldest was received")
    by_age: list[AgeOut]
    as_at: datetime
