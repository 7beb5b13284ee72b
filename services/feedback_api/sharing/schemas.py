"""The wire of sharing: words put forward, redacted, approved for an audience, and read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.base import Code, LocalDate, NamesOnRecord, OutModel, Reference, StrictModel, Text

Audience = Literal["team", "service", "boards", "public"]
Status = Literal["proposed", "approved", "refused", "withdrawn"]
# What was sent without a login is quoted from the view that it was admitted as.
SubjectKind = Literal["view", "complaint", "compliment", "survey_response"]
_EXAMPLE: dict[str, Any] = {
    "subject_kind": "compliment",
    "subject_ref": "CPL-2026-0051",
    "field": "words",
    "text": "The visits gave us confidence before the move to [a new] school.",
    "consent": "anonymous",
}


class QuotationIn(StrictModel):
    """Words of a record put forward to be shared, redacted already or as they were said."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    subject_kind: SubjectKind
    subject_ref: Reference = Field(description="the id of the view, or the reference of the complaint or compliment")
    field: Code = Field(description="the field the words stand in, such as `what_works`")
    text: Text | None = Field(
        default=None,
        description="the redacted words: parts may be left out, and what is put in stands in [brackets]; else as said",
    )
    consent: Literal["shared", "anonymous"] | None = Field(
        default=None, description="what the person agreed to, where the record itself does not say"
    )
    names_on_record: NamesOnRecord = []


class RedactionIn(StrictModel):
    """The words as they shall read."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"text": "The visits gave us confidence."}]}
    }

    text: Text
    names_on_record: NamesOnRecord = []


class ApprovalIn(StrictModel):
    """For whom the words may be read, and until when."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [{"audience": "boards"}]}}

    audience: Audience = Field(description="the widest circle that may read them; narrower ones may too")
    expires_on: LocalDate | None = Field(default=None, description="the last day; else as the framework says")
    names_on_record: NamesOnRecord = []


class QuotationReasonIn(StrictModel):
    """Why the words are not shared, or no longer."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"reason": "The family has moved and could be recognised by it."}]}
    }

    reason: Text


class QuotationRow(OutModel):
    """A quotation in a list, without its words."""

    id: UUID
    subject_kind: str
    field: str
    unit: str
    status: Status
    audience: Audience | None
    proposed_at: datetime
    approved_at: datetime | None
    expires_on: date | None
    version: int


class PieceOut(OutModel):
    """A stretch of the two texts, and what became of it."""

    change: Literal["kept", "left_out", "put_in"]
    text: str


class QuotationEventOut(OutModel):
    """One thing that happened to the quotation, with the text as it then stood."""

    kind: Literal["proposed", "redacted", "approved", "refused", "withdrawn"]
    text: str
    reason: str | None
    audience: Audience | None
    happened_at: datetime
    done_by: str


class QuotationOut(QuotationRow):
    """A quotation with its words; what was left out only for those who may read the record itself."""

    text: str
    subject_ref: str | None = Field(description="null for a caller who may not read the record")
    original: str | None
    pieces: list[PieceOut] = Field(description="what was kept, left out and put in, in order")
    consent: Literal["shared", "anonymous", "own_words"]
    themes: list[str]
    written_by: list[str]
    blocked: list[str] = Field(
        description="what must be dealt with before anyone can approve: identifiers, `name`, `not_their_words`, "
        "`safeguarding`"
    )
    approved_by: str | None
    ended_by: str | None
    ended_at: datetime | None
    events: list[QuotationEventOut]
    allowed_actions: list[Literal["redact", "approve", "refuse", "withdraw"]]


class ApprovedWords(OutModel):
    """Words as a report may print them: nothing here leads to a date, a small team or a person."""

    text: str
    said_in: SubjectKind
    family: str | None = Field(description="children_and_families, staff or partners; null where too few spoke")
    respondent_group: str | None = Field(description="null where no more of the group spoke than the threshold")
    themes: list[str]
    quarter: str
    unit: str | None = Field(description="null where no more spoke in the unit than the threshold")
