"""What the audit service tells of a month: the round's coverage, the grades, what was found and what is being done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import Count, OutModel

SlotState = Literal["expected", "done", "late_done", "overdue", "missed", "void"]
Rag = Literal["green", "amber", "red", "not_started"]


class SlotOut(OutModel):
    """One team's place in a round: `overdue` is past the due date, `missed` when the next round fell due as well."""

    slot: str | None = Field(default=None, description="the slot's id; null where the round was never made")
    unit: str
    unit_name: str
    state: SlotState
    audit: str | None = Field(default=None, description="the audit's id, for callers who may read it")
    submitted_on: date | None = None
    void_reason: str | None = None
    voided_by: str | None = Field(default=None, description="who approved leaving it out")


class SlotCounts(OutModel):
    """How many slots stand where; every slot is in exactly one of on time, late, missed, void and not yet due."""

    expected: Count = Field(
        description="slots of teams in force that day, void ones too; fixed when the round was made"
    )
    done: Count = Field(description="done on time or late")
    on_time: Count
    late: Count = Field(description="done after the due date, or not done and past it but not yet missed")
    overdue: Count = Field(default=0, description="those of `late` that are not done")
    missed: Count
    void: Count
    not_yet_due: Count = Field(default=0, description="not done, and the due date has not passed")


class ServiceCoverage(SlotCounts):
    """The slots of one service's teams in a round."""

    unit: str
    unit_name: str
    rag: Rag


class CoverageOut(SlotCounts):
    """One round of a programme. Green only when every slot that is not void was done on time."""

    programme: str
    title: str
    period: str
    round: str | None = Field(
        default=None,
        description="the round's id; null where it was never made, and then nothing can have been done",
    )
    due_on: date
    missed_after: date | None = Field(
        default=None, description="the next round's due date: what is not done by then is missed"
    )
    rag: Rag
    withheld: bool = Field(
        default=False,
        description="not announced: there may be teams whose audit has not started, so this is never green (R30)",
    )
    services: list[ServiceCoverage] = Field(default=[], description="the same counts by service")
    slots: list[SlotOut]
    as_at: datetime


class GradeCount(OutModel):
    grade: str
    label: str
    ofsted: str
    count: Count | None = Field(description="null where hidden to protect someone")
    value_status: str | None = None
    percent: float | None = Field(default=None, description="of the audits graded in this domain")
    count_before: Count | None = Field(default=None, description="in the period before")
    percent_before: float | None = None
    points: float | None = Field(default=None, description="percentage points more than in the period before")


class DomainGrades(OutModel):
    domain: str
    title: str
    graded: Count
    grades: list[GradeCount]
    graded_before: Count | None = Field(default=None, description="audits graded in the period before")
    good_percent: float | None = Field(default=None, description="graded good or outstanding, in Ofsted's words")
    good_percent_before: float | None = None
    movement: str = Field(default="", description="how this compares with the period before, in plain words")


class ThemeCount(OutModel):
    theme: str | None
    title: str
    count: Count
    strengths: Count = 0
    areas_for_improvement: Count = 0
    concerns: Count = 0
    audits: Count | None = Field(default=None, description="audits with one such finding or more; null without a theme")


class FindingsOut(OutModel):
    strengths: Count
    areas_for_improvement: Count
    concerns: Count
    themes: list[ThemeCount]


class VoicesOut(OutModel):
    """How often each view was heard in the audits (R15)."""

    view_of: str
    heard: Count
    not_heard: Count
    reasons: dict[str, Count]
    reasons_hidden: bool = Field(
        default=False, description="why children or parents were not heard is told to callers with feedback:figures"
    )
    percent: float | None = Field(default=None, description="heard, of the audits that tell of this view")


class LevelCount(OutModel):
    """In how many audits somebody of this level took part (R24)."""

    level: str
    audits: Count
    missing: bool = Field(default=False, description="nobody of this level took part in any of the audits")


class ActionsOut(OutModel):
    """Actions raised by the end of the period and not closed before it began, as they stand now."""

    open: Count
    overdue: Count = Field(description="open past the original or the present due date (R42)")
    completed: Count = Field(description="completed, their impact not yet known")
    closed: Count
    with_impact_evidence: Count = Field(description="closed ones with evidence of their impact (R05)")
    loop_closed_percent: float | None = Field(description="closed with impact known, of all these; null if none")
    raised: Count | None = Field(default=None, description="raised in the period itself")


class AnswerCount(OutModel):
    answer: str
    label: str
    count: Count
    percent: float


class QuestionOut(OutModel):
    """How one question was answered, whatever the edition; what does not apply counts neither for nor against."""

    tool: str
    section: str
    domain: str
    question: str
    text: str
    kind: str
    weight: float
    answered: Count
    answers: list[AnswerCount]
    met_percent: float | None = Field(
        description="yes, of yes and no; else how far up the scale the mean lies; null for choices and where none apply"
    )
    mean: float | None = Field(description="of a scale from 1 to 5; null for other kinds")


class ProfileOut(OutModel):
    """How far what a domain or a section asks was met, its questions weighted as the tools say."""

    domain: str
    section: str | None = None
    tool: str | None = None
    title: str
    questions: Count
    met_percent: float | None


class SlotsOut(OutModel):
    """The places of the rounds that end in the period, which is when their audits count; those nobody made too."""

    expected: Count = Field(description="void ones too")
    done: Count
    on_time: Count
    late: Count = Field(description="done after the due date, or past it and not yet missed")
    missed: Count
    void: Count
    not_yet_due: Count


class LoopOut(OutModel):
    """How far the audits have led to learning that was passed on (R26)."""

    audits: Count
    with_learning: Count
    closed: Count
    percent: float | None = Field(description="closed with learning passed on, of all; null where there are none")


class BreakdownRow(OutModel):
    """One team, service or tool beside the others; of a theme, its findings."""

    code: str
    title: str
    audits: Count
    domains: list[DomainGrades]
    strengths: Count
    areas_for_improvement: Count
    concerns: Count
    voices: list[VoicesOut]
    profile: list[ProfileOut]


AgreementWithheld = Literal["too_few_pairs", "one_auditor"]
AgreementBy = Literal["tool", "period", "auditor", "domain"]


class AgreementOut(OutModel):
    """How far first and second graders agree; pairs are audits by domain."""

    key: str | None = Field(description="the tool, month, auditor or domain; null for all together")
    audits: Count
    pairs: Count
    pairs_asked_for: Count = Field(description="of these, pairs of moderations that somebody asked for, not drawn ones")
    kappa: float | None = Field(description="quadratic weighted kappa over the scale, to three places")
    exact_percent: float | None
    within_one_percent: float | None
    withheld: AgreementWithheld | None = Field(description="why no figure of the three is shown")
    no_kappa: AgreementWithheld | Literal["no_variation", "scales_differ"] | None = Field(
        description="why there is no kappa: `no_variation` is one and the same grade by both throughout"
    )


class AgreementsOut(OutModel):
    by: AgreementBy
    period: str | None
    tool: str | None
    least_pairs: Count
    total: AgreementOut
    items: list[AgreementOut]


class AuditAnalysis(OutModel):
    """The analysis of audits submitted for a period (R25, R28, R32)."""

    period: str
    tool: str | None
    unit: str | None
    audits: Count
    domains: list[DomainGrades]
    findings: FindingsOut
    voices: list[VoicesOut]
    levels: list[LevelCount] = Field(default=[], description="every level, those that took part in none with 0")
    actions: ActionsOut
    strengths: list[str] = Field(description="titles of strengths found, equal ones once, always given (R28)")
    areas_for_improvement: list[str] = Field(default=[], description="titles of areas for improvement, equal ones once")
    concerns: list[str] = Field(default=[], description="titles of concerns, equal ones once")
    period_before: str | None = Field(default=None, description="the period the movement is against")
    audits_before: Count | None = None
    headlines: list[str] = Field(default=[], description="the same in sentences a board can read, strengths first")
    repeats: Count | None = Field(default=None, description="findings that say they repeat an earlier one (R43)")
    profile: list[ProfileOut] = []
    questions: list[QuestionOut] = []
    slots: SlotsOut | None = None
    loop: LoopOut | None = None
    agreement: AgreementsOut | None = Field(
        default=None, description="how far first and second graders agree, by tool (METHODS 2.12)"
    )
    by: str | None = None
    breakdown: list[BreakdownRow] = []
    as_at: datetime
