"""Moderation on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, WithJsonSchema, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, OutModel, Reference, StrictModel, Text

Status = Literal["unallocated", "allocated", "consolidating", "proposed", "conflict", "settled", "withdrawn"]
Origin = Literal["sample", "auditor", "team", "manager"]
GRADES = {
    "quality_of_intervention": "good",
    "outcomes_achieved": "requires_improvement",
    "adherence_to_process": "good",
}
Answers = Annotated[
    dict[str, Any],
    Field(max_length=1000),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 1000}),
]


def example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class GraderIn(StrictModel):
    grader: Reference = Field(description="a staff account")
    grader_unit: Code = Field(description="where the grader belongs, by which independence is judged")


class ModerationIn(StrictModel):
    model_config = example(reason="The team sees better outcomes than the grade says.")

    reason: Text = Field(description="not shown to the second grader before the second grading is in")
    due_on: LocalDate | None = Field(default=None, description="the service's number of working days where not given")
    grader: Reference | None = Field(default=None, description="the second grader; needs the scope audit:manage")
    grader_unit: Code | None = None

    @model_validator(mode="after")
    def _whole_grader(self) -> Self:
        if (self.grader is None) != (self.grader_unit is None):
            raise SafeValueError("name the second grader with the unit the grader belongs to")
        return self


class AllocationIn(GraderIn):
    """Who grades a second time, or, in a conflict, a third."""

    model_config = example(grader="moderator-2", grader_unit="safeguarding_and_standards")


class GradeIn(StrictModel):
    grade: Code
    reason: Text | None = None


class GradesIn(StrictModel):
    """A grade for each domain that is asked for."""

    quality_of_intervention: GradeIn | None = None
    outcomes_achieved: GradeIn | None = None
    adherence_to_process: GradeIn | None = None

    def given(self) -> dict[str, GradeIn]:
        """The grades that are there, by domain."""
        return {domain: grade for domain, grade in self if grade is not None}


class SecondGradingIn(StrictModel):
    """A grade for each domain, made without knowing the first."""

    model_config = example(grades={domain: {"grade": grade} for domain, grade in GRADES.items()})

    grades: GradesIn
    answers: Answers = Field(
        default={}, description="the second grader's answers to the tool's questions of kind grade"
    )
    note: Text | None = None


class ProposalIn(StrictModel):
    """The grades on which first and second grader would agree where they differ, each with the reason."""

    model_config = example(
        grades={"outcomes_achieved": {"grade": "good", "reason": "The plan's two goals were met by October."}}
    )

    grades: GradesIn


class ModerationReasonIn(StrictModel):
    model_config = example(reason="We read the chronology differently and will not agree.")

    reason: Text


class ExternalIn(StrictModel):
    """A grader of another council, who has no account here."""

    council: Label
    reference: Reference = Field(description="how that council knows its grader; never a name")
    evidence: Reference = Field(description="where the grading they sent is kept")


class ThirdGradingIn(StrictModel):
    """The grading that settles a conflict; where first and second agree their grade stands whatever is given here."""

    model_config = example(
        grades={"outcomes_achieved": {"grade": "good", "reason": "Safety and attendance both improved."}},
        external={"council": "Example Council", "reference": "EX-QA-7", "evidence": "DOC-2026-118"},
    )

    grades: GradesIn
    note: Text | None = None
    external: ExternalIn | None = None


class GradeOut(OutModel):
    grade: str
    reason: str | None


class GradingOut(OutModel):
    """One grading; `final` holds the audit's grades from then on."""

    part: Literal["first", "second", "third", "final"]
    by: str | None = Field(description="null where the grader is another council's")
    external: ExternalIn | None
    recorded_by: str
    at: datetime
    grades: dict[str, GradeOut]
    answers: dict[str, str]
    note: str | None


class ModerationRow(OutModel):
    """A moderation as a line of a list, without a grade."""

    id: str
    audit: str
    edition: int = Field(description="the audit's submission that is moderated")
    unit: str
    tool: str
    audit_type: str
    programme: str | None
    period: str | None
    auditor: str
    sample: str | None
    origin: Origin | None = Field(description="a sample, or who asked; left out for a grader who is still to grade")
    status: Status
    moderator: str | None
    third_grader: str | None
    due_on: date
    overdue: bool
    waits_for_me: bool
    settled_how: Literal["agreed", "consolidated", "third"] | None
    settled_at: datetime | None
    version: int


class ModerationOut(ModerationRow):
    """One moderation with every grading; a second grader sees none before the own."""

    case_reference: str
    tool_version: int
    scale: list[str] = Field(description="the codes of the grades, the lowest first")
    domains: list[str] = Field(description="the domains to grade")
    differing: list[str] = Field(description="the domains on which first and second grader differ")
    reason: str | None
    raised_by: str | None
    raised_at: datetime
    blind: bool = Field(description="the caller is still to grade: first grading, origin and reason are left out")
    read_before: bool = Field(description="the second grader had read the audit before it was allocated")
    gradings: list[GradingOut]
    proposal: dict[str, GradeOut] = Field(description="the grades one grader proposes, until the other confirms")
    proposed_by: str | None
    conflict_reason: str | None
    withdrawn_why: str | None
    allowed_actions: list[str]


class ModerationsOut(OutModel):
    items: list[ModerationOut]
