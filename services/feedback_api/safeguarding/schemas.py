"""The wire of the duty queue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.base import OutModel, StrictModel, Text

Status = Literal["waiting", "acknowledged", "decided"]
Outcome = Literal["referred", "already_known", "contacted", "no_concern"]


class FlagOutcomeIn(StrictModel):
    """What was done about a flag, by the person who read the words."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [{"outcome": "referred", "note": "Passed to the front door, who rang the school at once."}]
        }
    }

    outcome: Outcome = Field(
        description="`referred`: to the front door; `already_known`: those who work with the child know of it; "
        "`contacted`: the child or family was spoken to and is safe; `no_concern`: the words do not speak of harm"
    )
    note: Text = Field(description="why, in the words of whoever decided; only the duty role reads it")


class FlagReasonIn(StrictModel):
    """Why a flag is opened again."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"reason": "The school has rung with more."}]}
    }

    reason: Text


class FlagRow(OutModel):
    """A flag in the queue: everything but whose words they are and what they say, whose reading is logged."""

    id: UUID
    subject_kind: str
    unit: str | None = Field(description="null where the submission named none")
    reasons: list[str] = Field(description="the sorts of harm the words may speak of")
    raised_at: datetime
    told_at: datetime = Field(description="when the duty role was last told: again where more was said")
    age_minutes: int = Field(description="since the duty role was last told")
    status: Status
    level: int
    role: str = Field(description="who answers for it at this level")
    call: str
    due_at: datetime | None = Field(description="acknowledged by then, or once acknowledged decided; null when decided")
    overdue: bool
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    outcome: Outcome | None
    decided_at: datetime | None
    version: int


class FlagFigures(OutModel):
    """How the flags raised in some days were answered."""

    raised: int
    waiting: int = Field(description="nobody has acknowledged them yet")
    decided: int
    acknowledged: int = Field(description="by anyone, at any time")
    acknowledged_in_time: int = Field(description="within the minutes of the first level")
    escalated: int = Field(description="went up at least one level")
    median_minutes: float | None = Field(description="from raised to acknowledged; null where none was")
    longest_minutes: float | None
    by_reason: dict[str, int] = Field(description="a flag with two reasons counts under both")
    by_outcome: dict[str, int]
    by_kind: dict[str, int]


class WordsOut(OutModel):
    """One of the record's free texts."""

    field: str
    text: str


class EarlierOut(OutModel):
    """What the record said until it was corrected."""

    until: datetime
    words: list[WordsOut]


class SubjectLinkOut(OutModel):
    kind: str
    ref: str


class FlagEventOut(OutModel):
    """One thing that happened to the flag."""

    kind: Literal["raised", "raised_again", "escalated", "acknowledged", "decided", "reopened"]
    level: int
    reasons: list[str]
    outcome: Outcome | None
    note: str | None
    due_at: datetime | None
    happened_at: datetime
    done_by: str


class WarningOut(OutModel):
    """Something in a text that could identify a person; where it stands, never what it is."""

    pointer: str
    code: str


class FlagOut(FlagRow):
    """A flag with the words, and the way to the person where the submission was not anonymous."""

    subject_ref: str = Field(description="the id of the view, or the reference of the complaint or compliment")
    said_on: date | None
    channel: str | None
    respondent_group: str | None
    source: str | None = Field(description="the system that holds the case")
    source_ref: str | None = Field(description="what that system calls it; null where nobody can be reached by it")
    links: list[SubjectLinkOut]
    recorded_by: str | None = Field(description="who took the words down, and may be asked")
    words: list[WordsOut] = Field(description="as they stand now")
    earlier: list[EarlierOut] = Field(description="as they stood before each correction, the newest first")
    outcome_note: str | None
    decided_by: str | None
    events: list[FlagEventOut]
    warnings: list[WarningOut] = Field(description="of the note just sent")
    allowed_actions: list[Literal["acknowledge", "decide", "reopen"]]
