"""Learning items on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from services.audit_api.words import Level
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, Label, LocalDate, OutModel, Reference, StrictModel, Text

Kind = Literal["new", "confirms_known"]
Visibility = Literal["team", "service", "organisation", "partnership"]
Status = Literal["draft", "disseminated", "withdrawn"]
SourceKind = Literal["audit", "finding", "serious_case_review", "complaint", "other"]


class SourceIn(StrictModel):
    """What it was learned from: an audit or one of its findings by id, anything else by reference."""

    kind: SourceKind
    id: Id | None = Field(default=None, description="of the audit or finding")
    reference: Reference | None = Field(default=None, description="of a review, complaint or other source")

    @model_validator(mode="after")
    def _by_id_or_reference(self) -> Self:
        inside = self.kind in ("audit", "finding")
        if inside != (self.id is not None) or inside == (self.reference is not None):
            raise SafeValueError("give the id of an audit or finding, and the reference of any other source")
        return self


class LearningEdit(StrictModel):
    """What was learned, for whom and from what; a draft is replaced as a whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "unit": "fs_weymouth",
                    "title": "Book the next review before the last one ends",
                    "text": "Every late review had no date set when the one before it ended.",
                    "kind": "new",
                    "audience": ["practitioner", "team_manager"],
                    "visibility": "service",
                    "themes": ["drift_and_delay"],
                    "sources": [{"kind": "serious_case_review", "reference": "SCR-2025-S21"}],
                }
            ]
        }
    )

    unit: Code = Field(description="whose learning it is; visibility counts from here")
    title: Label
    text: Text | None = None
    kind: Kind = Field(description="new, or it confirms what was known (R26)")
    audience: Annotated[list[Level], Field(min_length=1, max_length=6)]
    visibility: Visibility = Field(description="who may see it once passed on (R34)")
    themes: Annotated[list[Code], Field(max_length=10)] = []
    sources: Annotated[list[SourceIn], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [(one.kind, one.id, one.reference) for one in self.sources]
        for values in (self.audience, self.themes, named):
            if len(set(values)) < len(values):
                raise SafeValueError("name each level, theme and source once")
        return self


class LearningIn(LearningEdit):
    """A learning item: a draft, or passed on at once."""

    disseminate: bool = Field(default=False, description="pass it on at once")


class LearningWithdrawalIn(StrictModel):
    """Why the item is no longer to be followed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Superseded by the new recording guide."}]})

    reason: Text


class AcknowledgementIn(StrictModel):
    """The caller has read it, as one of this level of its audience."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"level": "practitioner"}]})

    level: Level


class TrainingIn(StrictModel):
    """Training commissioned with this learning in it (R58)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"training_ref": "TR-2027-014", "title": "Planning that lasts", "commissioned_on": "2026-11-02"}
            ]
        }
    )

    training_ref: Reference = Field(description="in the training system")
    title: Label
    commissioned_on: LocalDate
    provider: Label | None = None


class LearningSourceOut(OutModel):
    kind: SourceKind
    id: str | None
    audit: str | None
    reference: str | None


class TrainingOut(OutModel):
    training_ref: str
    title: str
    commissioned_on: date
    provider: str | None


class AcknowledgedBy(OutModel):
    """How many of one unit and level have acknowledged; how many there are is not known here."""

    unit: str | None = Field(description="null for those who hold for the whole council")
    level: Level
    number: int


class LearningRow(OutModel):
    """A learning item as a line of a list."""

    id: str
    unit: str
    title: str
    kind: Kind
    audience: list[Level]
    visibility: Visibility
    themes: list[str]
    status: Status
    disseminated_on: date | None
    acknowledgements: int
    acknowledged_by_me: bool
    trainings: int
    version: int


class LearningOut(LearningRow):
    """One learning item with its sources, who has acknowledged it and the training it went into."""

    text: str | None
    sources: list[LearningSourceOut]
    training: list[TrainingOut]
    acknowledged_by: list[AcknowledgedBy]
    created_by: str
    created_at: datetime
    disseminated_by: str | None
    withdrawn_on: date | None
    withdrawn_by: str | None
    withdrawal_reason: str | None
    allowed_actions: list[str]


class TrainingCoverageLine(OutModel):
    """Learning from one kind of source, and how much of it is in commissioned training."""

    source: Literal["serious_case_review", "local_audit", "either"]
    learning: int
    in_training: int
    percent: float | None = Field(description="rounded down, so that only all of them are 100; null of none")


class TrainingCoverageOut(OutModel):
    """Of the learning passed on in a period, what commissioned training includes (R58)."""

    period: str
    unit: str | None
    lines: list[TrainingCoverageLine]
    without_training: list[LearningRow] = Field(description="the oldest 50 that no training includes")
    sentence: str


class LoopClosureOut(OutModel):
    """Of the audits submitted in a period, those whose loop is closed (R26)."""

    period: str
    unit: str | None
    submitted: int
    with_learning: int = Field(description="learning passed on, whether or not closed")
    closed: int = Field(description="closed with learning passed on")
    with_unfinished_actions: int = Field(description="some action is not closed with its impact yet")
    loop_closed: int = Field(description="closed with learning, and no action unfinished")
    percent: float | None = Field(description="rounded down, so that only all of them are 100; null of none")
    actions: int
    actions_closed_with_impact: int
    actions_percent: float | None
    sentence: str
