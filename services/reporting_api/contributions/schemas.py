"""Contributions on the wire: what is asked, what a contributor sends, and how it stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.reporting_api.owed import Standing
from shared.faults import SafeValueError
from shared.schemas.base import (
    Code,
    Count,
    Id,
    Label,
    LocalDate,
    LongText,
    Number,
    OutModel,
    Reference,
    StrictModel,
    Text,
)
from shared.schemas.board_report import PeriodRef

How = Literal["system", "email", "phone", "meeting", "letter"]


class ContributionIn(StrictModel):
    """One more contributor is asked for a part of a report, beside those the framework names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "occurrence": "0199aa00-0000-7000-8000-000000000000",
                    "agency": "cafcass",
                    "due_on": "2027-01-29",
                    "reason": "The group asked for the view of the family courts this time.",
                }
            ]
        }
    )

    occurrence: Id
    agency: Code | None = None
    unit: Code | None = None
    due_on: LocalDate | None = Field(default=None, description="left out, by the report's own rule")
    reason: Text

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.unit is None) == (self.agency is None):
            raise SafeValueError("name a unit or an agency, one of the two")
        return self


class ContributedFigureIn(StrictModel):
    """A figure; `people` says whether small numbers of people stand behind it, and the counts are what shows it."""

    label: Label
    measure: Literal["count", "percentage", "rate", "mean", "money", "ordinal"]
    value: Number
    numerator: Count | None = None
    denominator: Count | None = None
    people: bool = True


class ContributedFileIn(StrictModel):
    """A file kept elsewhere: where it is found, and the hash that shows it has not changed."""

    reference: Reference
    name: Label
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    kept_in: Label = Field(description="the system that holds it")


class PartIn(StrictModel):
    """One part: figures, words or a file; or, truthfully, that there is nothing to report, and why."""

    part: Code
    figures: Annotated[list[ContributedFigureIn], Field(max_length=200)] = []
    text: LongText | None = None
    file: ContributedFileIn | None = None
    nothing_to_report: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        something = bool(self.figures or self.text or self.file)
        if something == (self.nothing_to_report is not None):
            raise SafeValueError("send figures, a text or a file, or say why there is nothing to report")
        return self


class ContributedIn(StrictModel):
    """Everything that was asked for, part by part; sent again it takes the place of what was sent before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "parts": [
                        {
                            "part": "core_data",
                            "figures": [
                                {"label": "Strategy discussions attended", "measure": "percentage", "value": 92.5,
                                 "numerator": 111, "denominator": 120}
                            ],
                            "text": "Attendance rose after the rota was shared with the front door.",
                        },
                        {"part": "audit_contributions", "nothing_to_report": "No audit fell into the quarter."},
                    ]
                }
            ]
        }
    )  # fmt: skip

    parts: Annotated[list[PartIn], Field(min_length=1, max_length=20)]

    def texts(self) -> dict[str, str | None]:
        """Every free text by its pointer, to be screened."""
        found: dict[str, str | None] = {}
        for at, one in enumerate(self.parts):
            found[f"/parts/{at}/text"] = one.text
            found[f"/parts/{at}/nothing_to_report"] = one.nothing_to_report
            found |= {f"/parts/{at}/figures/{place}/label": figure.label for place, figure in enumerate(one.figures)}
        return found


class ChaseIn(StrictModel):
    """A contributor was reminded by a person."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"how": "phone", "words": "The analyst is back on Monday and will send it."}]}
    )

    how: How
    words: Text | None = None


class ContributionReasonIn(StrictModel):
    """Why something was sent back or is no longer asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The figures are those of last quarter."}]})

    reason: Text


class AskedPartOut(OutModel):
    code: str
    title: str


class EventOut(OutModel):
    """One step of the trail."""

    kind: Literal["asked", "reminded", "chased", "moved", "received", "refused", "waived"]
    happened_on: date
    by: str
    how: str | None
    words: str | None
    due_on: date = Field(description="the day by which it was owed, from this step on")
    submission: int | None
    recorded_at: datetime


class SubmissionOut(OutModel):
    """What was sent; the newest that was not sent back is what the report shows."""

    number: int
    received_at: datetime
    submitted_by: str
    content_hash: str
    content: dict[str, Any]


class ContributionOut(OutModel):
    """One contributor's part of one report."""

    id: str
    occurrence: str
    report: str
    title: str
    period: PeriodRef
    contributor_kind: Literal["agency", "unit"]
    contributor: str
    name: str
    parts: list[AskedPartOut]
    asked_on: date
    due_on: date
    originally_due_on: date
    report_due_on: date
    board_meets_on: date | None = Field(
        description="when the board next meets once the report is due, where it is planned"
    )
    standing: Standing
    received_on: date | None
    chases: int
    last_chased_on: date | None
    waived_on: date | None
    waived_reason: str | None
    version: int
    allowed_actions: list[str]


class ContributionDetail(ContributionOut):
    """With its trail and everything that was sent."""

    trail: list[EventOut]
    submissions: list[SubmissionOut]
