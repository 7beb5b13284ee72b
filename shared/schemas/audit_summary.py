"""What the audit service tells of a month: the round's coverage, the grades, what was found and what is being done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel

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

    expected: int = Field(description="slots of teams in force that day, void ones too; frozen when the round was made")
    done: int = Field(description="done on time or late")
    on_time: int
    late: int = Field(description="done after the due date, or not done and past it but not yet missed")
    overdue: int = Field(default=0, description="those of `late` that are not done")
    missed: int
    void: int
    not_yet_due: int = Field(default=0, description="not done, and the due date has not passed")


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
    count: int | None = Field(description="null where hidden to protect someone")
    value_status: str | None = None


class DomainGrades(OutModel):
    domain: str
    title: str
    graded: int
    grades: list[GradeCount]


class ThemeCount(OutModel):
    theme: str | None
    title: str
    count: int


class FindingsOut(OutModel):
    strengths: int
    areas_for_improvement: int
    concerns: int
    themes: list[ThemeCount]


class VoicesOut(OutModel):
    """How often each view was heard in the audits (R15)."""

    view_of: str
    heard: int
    not_heard: int
    reasons: dict[str, int]


class LevelCount(OutModel):
    """In how many audits somebody of this level took part (R24)."""

    level: str
    audits: int


class ActionsOut(OutModel):
    """Actions raised by the end of the period and not closed before it began, as they stand now."""

    open: int
    overdue: int = Field(description="open past the original or the present due date (R42)")
    completed: int = Field(description="completed, their impact not yet known")
    closed: int
    with_impact_evidence: int = Field(description="closed ones with evidence of their impact (R05)")
    loop_closed_percent: float | None = Field(description="closed with impact known, of all these; null if none")


class AuditAnalysis(OutModel):
    """The analysis of audits submitted for a period (R25, R28, R32)."""

    period: str
    tool: str | None
    unit: str | None
    audits: int
    domains: list[DomainGrades]
    findings: FindingsOut
    voices: list[VoicesOut]
    levels: list[LevelCount] = Field(default=[], description="every level, those that took part in none with 0")
    actions: ActionsOut
    strengths: list[str] = Field(description="titles of strengths found, equal ones once, always given (R28)")
    areas_for_improvement: list[str] = Field(default=[], description="titles of areas for improvement, equal ones once")
    concerns: list[str] = Field(default=[], description="titles of concerns, equal ones once")
    as_at: datetime
