"""Audits as they come in."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from services.audit_api.cases import CaseReference
from services.audit_api.words import AuditTypeWord, Level, Trigger
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, Label, LocalDate, Reference, StrictModel, Text, clean_text
from shared.schemas.periods import PeriodCode

Status = Literal["allocated", "in_progress", "submitted", "in_moderation", "moderated", "closed", "withdrawn"]
DomainWord = Literal["quality_of_intervention", "outcomes_achieved", "adherence_to_process", "supervision", "context"]
FindingKind = Literal["strength", "area_for_improvement", "concern"]
NotHeard = Literal["declined", "unsafe", "not_contactable", "no_reply", "too_young", "not_applicable"]
SettingWord = Literal["cp_conference", "lac_review", "core_group", "home_visit", "supervision", "panel"]
SampleWord = Literal["cp_minutes", "care_plan", "assessment", "chronology"]
Part = Literal["case_worker", "case_manager", "contributor"]


Title = Annotated[
    str, StringConstraints(min_length=3, max_length=120, pattern=r"^[^\r\n\t]+$"), AfterValidator(clean_text)
]
# Checked against the tool, not here: pydantic's pointers would name unknown keys, which may be anything.
Answers = Annotated[
    dict[str, Any],
    Field(max_length=1000),
    WithJsonSchema(
        {"type": "object", "additionalProperties": {"type": ["string", "integer", "null"]}, "maxProperties": 1000}
    ),
]


class ViewIn(StrictModel):
    """A view that was heard, by its feedback item, or the reason why there is none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"feedback": "V-204"}, {"reason": "no_reply"}]})

    feedback: Reference | None = Field(default=None, description="the feedback item that holds the view")
    reason: NotHeard | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.feedback is None) == (self.reason is None):
            raise SafeValueError("give either the feedback item or the reason why there is none")
        return self


class ViewsIn(StrictModel):
    """Whose views the audit holds (R15); those left out stay as they are."""

    child: ViewIn | None = None
    parent_carer: ViewIn | None = None
    icrs: ViewIn | None = None


class FindingIn(StrictModel):
    id: Id | None = Field(default=None, description="of a finding the audit has, which so stays itself when changed")
    kind: FindingKind
    domain: DomainWord
    title: Title = Field(description="a short line that reports may quote; never about one recognisable person")
    text: Text | None = None
    themes: list[Code] = Field(default=[], max_length=10)
    immediate_concern: bool = Field(
        default=False, description="a child may be unsafe: escalated as soon as it is saved, from a draft too"
    )
    repeat_of: Id | None = Field(default=None, description="the finding of an earlier audit that this repeats (R43)")

    @model_validator(mode="after")
    def _only_a_concern_is_immediate(self) -> Self:
        if self.immediate_concern and self.kind != "concern":
            raise SafeValueError("only a finding of kind concern can be an immediate concern")
        return self

    @model_validator(mode="after")
    def _each_theme_once(self) -> Self:
        if len(set(self.themes)) < len(self.themes):
            raise SafeValueError("name each theme once")
        return self


class ParticipantIn(StrictModel):
    """Somebody who took part (R24), by level and post."""

    part: Part
    level: Level
    post: Label | None = None
    agency: Code | None = None
    reference: Reference | None = Field(default=None, description="the staff account, never a child's")


class Content(StrictModel):
    """What an audit holds; each part that is left out stays as it is."""

    answers: Answers = Field(default={}, description="by question code; null clears one")
    views: ViewsIn = ViewsIn()
    findings: list[FindingIn] | None = Field(default=None, max_length=100, description="replaces all findings")
    participants: list[ParticipantIn] | None = Field(default=None, max_length=60, description="replaces them all")
    no_strength_reason: Text | None = Field(default=None, description="why no strength was found (R28)")

    def immediate_concerns(self) -> dict[int, str]:
        """The titles of the findings to be escalated at once, by their place."""
        return {place: one.title for place, one in enumerate(self.findings or ()) if one.immediate_concern}


class AnswersEdit(Content):
    """A draft saved in part: answers are merged by question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answers": {"case_status": "child_in_need", "safer": 4}}]}
    )


class AuditIn(Content):
    """An audit to allocate, or, with `submit`, a whole one in a single request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"unit": "fs_weymouth", "tool": "case_audit", "case_reference": "CMS-204417"},
            ]
        }
    )

    source_ref: Reference | None = Field(
        default=None, description="the audit's reference in the system it was made in; stored once, until withdrawn"
    )
    slot: Id | None = Field(default=None, description="the slot this audit fills; or name programme and period")
    programme: Code | None = None
    period: PeriodCode | None = None
    unit: Code | None = Field(default=None, description="the audited unit; known already where a slot is named")
    tool: Code | None = Field(default=None, description="the programme's own where a slot is named")
    tool_version: Annotated[int, Field(ge=1, le=9999)] | None = Field(default=None, description="the one in use")
    audit_type: AuditTypeWord | None = None
    trigger: Trigger | None = Field(default=None, description="required of a thematic audit (R07)")
    trigger_reference: Reference | None = None
    announced: bool | None = Field(
        default=None,
        description="false keeps it from the audited team until it starts (R30); for who manages audits above the team",
    )
    observation_setting: SettingWord | None = Field(default=None, description="required of an observation (R38)")
    sample_kind: SampleWord | None = Field(default=None, description="required of a dip sample (R38)")
    case_reference: CaseReference = Field(description="pseudonymous, as the case system has it")
    auditor: Reference | None = Field(default=None, description="the auditor's account; the caller if left out")
    auditor_unit: Code | None = Field(default=None, description="required where the auditor is not the caller")
    due_on: LocalDate | None = Field(default=None, description="of an audit without a slot")
    submit: bool = Field(default=False, description="submit it at once")
    submitted_on: LocalDate | None = Field(
        default=None, description="when it was done elsewhere, if before today; needs the scope audit:manage"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.programme is None) != (self.period is None):
            raise SafeValueError("programme and period name a slot together")
        if self.slot is not None and self.programme is not None:
            raise SafeValueError("name the slot by its id or by programme and period, not both")
        if self.slot is None and self.unit is None:
            raise SafeValueError("name the audited unit")
        if self.slot is None and self.programme is None and self.tool is None:
            raise SafeValueError("an audit without a slot names its tool")
        if self.submitted_on is not None and not self.submit:
            raise SafeValueError("submitted_on goes with submit")
        return self
