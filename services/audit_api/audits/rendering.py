"""Audits as they go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from services.audit_api.audits.schemas import Status
from services.audit_api.questionnaires import Questionnaire
from shared.auth.caller import Caller
from shared.free_text import find_identifiers
from shared.schemas.base import OutModel

OPEN = ("allocated", "in_progress")


class ViewOut(OutModel):
    feedback: str | None
    reason: str | None


class FindingOut(OutModel):
    id: str
    kind: str
    domain: str
    title: str
    text: str | None
    themes: list[str]


class ParticipantOut(OutModel):
    part: str
    level: str
    post: str | None
    agency: str | None
    reference: str | None


class Grades(OutModel):
    """The three domains, each graded by itself; there is no overall grade in which one could hide another (R25)."""

    quality_of_intervention: str | None
    outcomes_achieved: str | None
    adherence_to_process: str | None


class AuditRow(OutModel):
    """An audit as a line of a list, without anything of the case."""

    id: str
    source_ref: str | None
    unit: str
    slot: str | None
    programme: str | None
    period: str | None
    tool: str
    tool_version: int
    audit_type: str
    announced: bool = Field(description="false: kept from the audited team until it starts (R30)")
    status: Status
    auditor: str
    due_on: date | None
    submitted_on: date | None
    late: bool | None = Field(description="submitted after the due date; null while it is open or has none")
    grades: Grades
    version: int


class WarningOut(OutModel):
    """Something in a text that could identify a person: by its place and kind, never itself."""

    pointer: str
    code: str


class AuditOut(AuditRow):
    """One audit, whole."""

    case_reference: str
    trigger: str | None
    trigger_reference: str | None
    observation_setting: str | None
    sample_kind: str | None
    auditor_unit: str | None
    required_views: list[str]
    answers: dict[str, str | int]
    views: dict[str, ViewOut]
    findings: list[FindingOut]
    no_strength_reason: str | None
    participants: list[ParticipantOut]
    allocated_by: str
    allocated_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    warnings: list[WarningOut] = Field(description="texts that hold what looks like an identifier")
    allowed_actions: list[str]


def audit_row(row: Any) -> AuditRow:
    """A line of the list from a row of the table."""
    return AuditRow(**_shared(row))


def audit_out(row: Any, paper: Questionnaire, caller: Caller) -> AuditOut:
    """The whole audit from its row with its parts."""
    return AuditOut(
        **_shared(row),
        case_reference=row.case_reference,
        trigger=row.trigger,
        trigger_reference=row.trigger_reference,
        observation_setting=row.observation_setting,
        sample_kind=row.sample_kind,
        auditor_unit=row.auditor_unit,
        required_views=row.required_views,
        answers={code: _answer(paper, code, value) for code, value in sorted((row.answers or {}).items())},
        views={
            view["view_of"]: ViewOut(feedback=view["feedback"], reason=view["reason"])
            for view in row.views or ()
        },
        findings=[
            FindingOut(
                id=one["id"], kind=one["kind"], domain=one["domain"], title=one["title"], text=one["detail"],
                themes=one["themes"],
            )
            for one in row.findings or ()
        ],
        no_strength_reason=row.no_strength_reason,
        participants=[
            ParticipantOut(
                part=one["part"], level=one["level"], post=one["post"], agency=one["agency"],
                reference=one["reference"],
            )
            for one in row.participants or ()
        ],
        allocated_by=row.allocated_by,
        allocated_at=row.allocated_at,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        warnings=_warnings(row, paper),
        allowed_actions=["answer", "submit"] if row.status in OPEN and may_answer(row, caller) else [],
    )  # fmt: skip


def may_answer(row: Any, caller: Caller) -> bool:
    """Its auditor may, and whoever manages audits."""
    mine = row.auditor == caller.subject and caller.may("audit:write")
    return mine or caller.may("audit:manage")


def _warnings(row: Any, paper: Questionnaire) -> list[WarningOut]:
    answers: dict[str, str] = row.answers or {}
    texts = {f"/answers/{code}": answers.get(code) for code, asked in paper.questions.items() if asked.kind == "text"}
    texts |= {f"/findings/{at}/text": finding["detail"] for at, finding in enumerate(row.findings or ())}
    texts["/no_strength_reason"] = row.no_strength_reason
    return [WarningOut(pointer=one.pointer, code=one.code) for one in find_identifiers(texts)]


def _answer(paper: Questionnaire, code: str, value: str) -> str | int:
    asked = paper.questions.get(code)
    return int(value) if asked is not None and asked.kind == "scale" else value


def _shared(row: Any) -> dict[str, Any]:
    late = None
    if row.submitted_on is not None and row.due_on is not None:
        late = row.submitted_on > row.due_on
    return {
        "id": str(row.id), "source_ref": row.source_ref, "unit": row.unit,
        "slot": None if row.slot_id is None else str(row.slot_id),
        "programme": row.programme, "period": row.period, "tool": row.tool, "tool_version": row.tool_version,
        "audit_type": row.audit_type, "announced": row.announced, "status": row.status, "auditor": row.auditor,
        "due_on": row.due_on,
        "submitted_on": row.submitted_on, "late": late, "version": row.version,
        "grades": Grades(
            quality_of_intervention=row.quality_grade,
            outcomes_achieved=row.outcomes_grade,
            adherence_to_process=row.process_grade,
        ),
    }  # fmt: skip
