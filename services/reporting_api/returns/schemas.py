"""Returns to a department on the wire."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.reporting_api.returns_due import Standing
from shared.canonical import canonical
from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, Number, OutModel, Reference, StrictModel, Text
from shared.schemas.framework.fields import repeated
from shared.schemas.periods import PeriodCode

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_FILE: dict[str, Any] = {"file": {"name": "ssda903-2026-headers.csv", "sha256": "0f" * 32}}


class ReturnFileIn(StrictModel):
    """The file that will be submitted, by the SHA-256 of its bytes; the file itself stays where it is."""

    name: Label
    sha256: Hash


class ReturnFigureIn(StrictModel):
    """One figure of a return that is keyed in."""

    code: Reference
    value: Number | None


class ContentIn(StrictModel):
    """Exactly what will be submitted: a file or figures, one of the two."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FILE]})

    file: ReturnFileIn | None = None
    figures: Annotated[list[ReturnFigureIn], Field(min_length=1, max_length=2000)] | None = None

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.file is None) == (self.figures is None):
            raise SafeValueError("give a file or figures, one of the two")
        if repeated([one.code for one in self.figures or ()]):
            raise SafeValueError("two figures have the same code; give each its own")
        return self

    def listed(self) -> list[dict[str, Any]] | None:
        """The figures by code, as they are stored and hashed."""
        found = self.model_dump(mode="json")["figures"]
        return sorted(found, key=lambda one: str(one["code"])) if found is not None else None

    def content_hash(self) -> str:
        return self.file.sha256 if self.file else hashlib.sha256(canonical(self.listed())).hexdigest()


class ReturnIn(ContentIn):
    """A return prepared for the first time for its period."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"return": "ssda903", "period": "RY2026", **_FILE}]})

    code: Code = Field(alias="return", description="a return of the framework")
    period: PeriodCode


class ReviewIn(StrictModel):
    """The review of exactly one content."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content_hash": "0f" * 32}]})

    content_hash: Hash
    comment: Text | None = None


class ReturnSubmissionIn(StrictModel):
    """What was submitted to the department, and the receipt it gave."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"content_hash": "0f" * 32, "receipt": "COLLECT 26-4711"}]}
    )

    content_hash: Hash
    receipt: Reference | None = None


class SentBackIn(StrictModel):
    """What the reviewer wants mended."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Two placements lack their end date."}]})

    reason: Text


class ResubmissionIn(ContentIn):
    """Why a submitted return is submitted again, and with what."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The department found two duplicates.", **_FILE}]}
    )

    reason: Text


class DueOut(OutModel):
    """A return owed for a period, and how it stands."""

    code: str
    title: str
    period: str
    period_label: str
    unit: str
    reviewer_role: str
    due_on: date
    status: Standing
    on_time: bool | None = Field(description="of the first submission; null while it is not yet due")
    submission: int | None
    return_id: str | None = Field(description="the newest submission on record")


class ReturnsDueOut(OutModel):
    """Everything owed between two days, whether or not anybody has prepared it."""

    first: date
    last: date
    owed: int
    submitted: int
    overdue: int = Field(description="past its day and not submitted")
    items: list[DueOut]


class StepOut(OutModel):
    step: str
    subject: str
    on_behalf_of: str | None
    content_hash: str | None
    words: str | None
    taken_at: datetime


class ReturnOut(OutModel):
    """One submission of a return: its content, who reviewed exactly that, and when it went."""

    id: str
    code: str
    title: str
    department: str
    period: str
    period_label: str
    submission: int = Field(description="1, and higher for each time it was submitted again")
    resubmission_reason: str | None
    unit: str
    reviewer_role: str
    due_on: date
    status: str
    on_time: bool | None = Field(description="of the submission; null while there is none and it is not yet due")
    content_hash: str | None = Field(description="of the file or figures; null where it would give hidden figures away")
    file_name: str | None
    figures: list[dict[str, Any]] | None = Field(description="only for those who may see figures as they are")
    prepared_by: str
    prepared_at: datetime
    signed_by: str | None
    signed_for: str | None = Field(description="whose right it was, where it was delegated")
    signed_at: datetime | None
    submitted_by: str | None
    submitted_at: datetime | None
    receipt: str | None
    steps: list[StepOut] | None = Field(default=None, description="in the answer for one return")
    version: int
    allowed_actions: list[str]
