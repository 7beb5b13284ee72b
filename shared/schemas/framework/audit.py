"""Audit tools: what is asked of a case, and the words that audits and their programmes share."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, Text
from shared.schemas.figures import OfstedGrade
from shared.schemas.framework.fields import Item, Part, repeated
from shared.schemas.framework.scales import Scale


class AuditType(StrEnum):
    """The sorts of audit the rules tell apart."""

    single_case = "single_case"
    thematic = "thematic"
    multi_agency = "multi_agency"
    serious_case = "serious_case"
    peer = "peer"
    supervision = "supervision"
    observation = "observation"
    sample = "sample"
    standards_self_audit = "standards_self_audit"


# A tool for any of these reads a whole case, so all three domains must be graded apart (R25).
CASE_AUDITS = frozenset(
    {
        AuditType.single_case,
        AuditType.thematic,
        AuditType.multi_agency,
        AuditType.serious_case,
        AuditType.peer,
    }
)


class Domain(StrEnum):
    """What a section of a tool looks at."""

    quality_of_intervention = "quality_of_intervention"
    outcomes_achieved = "outcomes_achieved"
    adherence_to_process = "adherence_to_process"
    supervision = "supervision"
    context = "context"


GRADED_DOMAINS = (Domain.quality_of_intervention, Domain.outcomes_achieved, Domain.adherence_to_process)


class QuestionKind(StrEnum):
    """How a question is answered: `grade` on the tool's scale, `scale` from 1 (not at all) to 5 (fully)."""

    grade = "grade"
    yes_no_na = "yes_no_na"
    scale = "scale"
    choice = "choice"
    text = "text"


class ViewOf(StrEnum):
    """Whose view of the case an audit asks for (R15)."""

    child = "child"
    parent_carer = "parent_carer"
    icrs = "icrs"


class Trigger(StrEnum):
    """What sets a thematic audit off (R07)."""

    national_trend = "national_trend"
    serious_case_review = "serious_case_review"
    serious_case_audit = "serious_case_audit"
    local_issue = "local_issue"


# A review or an audit that set another off is named by its reference.
REVIEWS = frozenset({Trigger.serious_case_review, Trigger.serious_case_audit})


class ObservationSetting(StrEnum):
    """What is observed in an audit of type observation (R38)."""

    cp_conference = "cp_conference"
    lac_review = "lac_review"
    core_group = "core_group"
    home_visit = "home_visit"
    supervision = "supervision"
    panel = "panel"


class SampleKind(StrEnum):
    """What a dip sample is taken of (R38)."""

    cp_minutes = "cp_minutes"
    care_plan = "care_plan"
    assessment = "assessment"
    chronology = "chronology"


class Option(Part):
    """One answer to a choice."""

    code: Code
    label: Label


class OnlyIf(Part):
    """The earlier answer on which a question depends."""

    question: Code
    answers: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]


class Question(Part):
    """One question of a tool."""

    code: Code
    text: Text
    guidance: Text | None = None
    kind: QuestionKind
    required: bool = True
    weight: Annotated[float, Field(ge=0, le=10)] = 1.0
    options: Annotated[tuple[Option, ...], Field(max_length=40)] = ()
    only_if: OnlyIf | None = None
    domain_overall: bool = False
    view_of: ViewOf | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind is QuestionKind.choice) != bool(self.options):
            raise SafeValueError("options belong to a question of kind choice, and such a question needs them")
        if repeated([option.code for option in self.options]):
            raise SafeValueError("two options have the same code; give each its own")
        if self.domain_overall and (self.kind is not QuestionKind.grade or not self.required or self.only_if):
            raise SafeValueError("a domain's overall grade is a required question of kind grade, always asked")
        return self


class Section(Part):
    """A group of questions about one domain."""

    code: Code
    title: Label
    domain: Domain
    guidance: Text | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=60)]


class Tool(Item):
    """A versioned audit tool; once published a version never changes."""

    version: Annotated[int, Field(ge=1, le=9999)]
    title: Label
    audit_types: Annotated[tuple[AuditType, ...], Field(min_length=1)]
    status: Literal["draft", "published", "retired"] = "draft"
    scale: Scale
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=40)]
    supervision_omitted_reason: Text | None = None

    def questions(self) -> Iterator[tuple[Section, Question]]:
        """Every question with the section it stands in, in the order of the form."""
        for section in self.sections:
            for question in section.questions:
                yield section, question

    @model_validator(mode="after")
    def _questions_are_told_apart(self) -> Self:
        if repeated([section.code for section in self.sections]):
            raise SafeValueError("two sections have the same code; give each its own")
        asked: set[str] = set()
        for _, question in self.questions():
            if question.code in asked:
                raise SafeValueError("two questions have the same code; answers are stored by it, so give each its own")
            if question.only_if and question.only_if.question not in asked:
                raise SafeValueError("an only_if names a question that is not asked earlier in the tool")
            asked.add(question.code)
        return self

    @model_validator(mode="after")
    def _may_be_published(self) -> Self:
        if self.status == "draft":
            return self
        if CASE_AUDITS.intersection(self.audit_types):
            for domain in GRADED_DOMAINS:
                overall = [q for s, q in self.questions() if s.domain is domain and q.domain_overall]
                if len(overall) != 1:
                    raise SafeValueError(f"domain {domain.value} needs exactly one overall grade question (R25)")
            _check_mapping(self.scale)
        supervised = any(section.domain is Domain.supervision for section in self.sections)
        if supervised == (self.supervision_omitted_reason is not None):
            raise SafeValueError(
                "a tool has a supervision section, or says why not in supervision_omitted_reason (R31)"
            )
        return self


def _check_mapping(scale: Scale) -> None:
    """Every grade maps to one of the four words of inspection, and a better grade never to a worse word."""
    words = [grade.ofsted for grade in sorted(scale.grades, key=lambda each: each.order)]
    if None in words:
        raise SafeValueError("every grade of a case audit's scale names the Ofsted word it maps to")
    order = [list(OfstedGrade).index(word) for word in words if word]
    if order != sorted(order, reverse=True):
        raise SafeValueError("a better grade maps to a worse Ofsted word than a lower one; correct the scale")
