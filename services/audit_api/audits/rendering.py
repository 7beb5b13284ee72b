"""Audits as they go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from pydantic import Field

from services.audit_api.audits.parts import Parts
from services.audit_api.audits.schemas import Status
from services.audit_api.escalating import Called
from services.audit_api.questionnaires import Questionnaire
from services.audit_api.states import allowed_actions, is_correction
from services.audit_api.words import Level
from shared.auth.caller import Caller
from shared.free_text import find_identifiers
from shared.schemas.base import OutModel

_LEVELS = get_args(Level)


class ViewOut(OutModel):
    feedback: str | None
    reason: str | None = Field(description="why there was none; it stays beside a view that came late")
    recorded_by: str
    recorded_at: datetime


class FindingOut(OutModel):
    id: str
    kind: str
    domain: str
    title: str
    text: str | None
    themes: list[str]
    repeat_of: str | None
    immediate_concern: bool
    escalation: str | None = Field(description="the escalation raised from an immediate concern")


class ParticipantOut(OutModel):
    part: str
    level: str
    post: str | None
    agency: str | None
    reference: str | None


class CalledOut(OutModel):
    """An escalation raised from this audit, and who is to be called about it now."""

    id: UUID
    status: str
    level: int
    role: str
    call: str
    due_at: datetime


class Grades(OutModel):
    """The three domains, each graded by itself; there is no overall grade in which one could hide another (R25)."""

    quality_of_intervention: str | None
    outcomes_achieved: str | None
    adherence_to_process: str | None


_OF_PARTICIPANT = tuple(ParticipantOut.model_fields)
_NO_GRADES = dict.fromkeys(Grades.model_fields)


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
    reopened: bool = Field(description="open again after a submission, which counts until the next")
    auditor: str
    due_on: date | None
    submitted_on: date | None
    late: bool | None = Field(description="submitted after the due date; null while it is open or has none")
    grades: Grades = Field(description="of the submission that counts; once moderated, those that were settled on")
    blind: bool = Field(description="the caller is to grade it a second time: what the first grader said is left out")
    version: int


class WarningOut(OutModel):
    """Something in a text that could identify a person: by its place and kind, never itself."""

    pointer: str
    code: str


class AuditContentOut(OutModel):
    """What an audit holds."""

    answers: dict[str, str | int]
    views: dict[str, ViewOut]
    findings: list[FindingOut]
    no_strength_reason: str | None
    participants: list[ParticipantOut]
    levels_missing: list[str] = Field(description="levels of which nobody took part (R24)")


class CorrectionOut(OutModel):
    """The audit was opened again: what it holds here is a draft, and what was submitted counts until the draft is."""

    from_status: Status
    reopened_by: str
    reopened_at: datetime
    reopened_why: str


class AuditOut(AuditRow, AuditContentOut):
    """One audit, whole."""

    case_reference: str
    trigger: str | None
    trigger_reference: str | None
    observation_setting: str | None
    sample_kind: str | None
    auditor_unit: str | None
    required_views: list[str]
    allocated_by: str
    allocated_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    closed_on: date | None
    edition: int = Field(description="the number of the submission that counts, 1 until a correction is submitted")
    correction: CorrectionOut | None
    escalations: list[CalledOut]
    warnings: list[WarningOut] = Field(description="texts that hold what looks like an identifier")
    allowed_actions: list[str]


def audit_row(row: Any) -> AuditRow:
    """A line of the list from a row of the table."""
    return AuditRow(**_shared(row))


def escalated_by(parts: Parts) -> list[UUID]:
    """The escalations that the audit's findings name."""
    return [UUID(one["escalation_id"]) for one in parts.findings if one["escalation_id"] is not None]


def audit_out(
    row: Any, parts: Parts, paper: Questionnaire, caller: Caller, called: Sequence[Called], correction: Any = None
) -> dict[str, Any]:
    """The fields of AuditOut from the audit's row and its parts, which a correction under way has in its place.

    Plain values: a new audit is sent as they are, since a model would be built only to be taken apart again.
    """
    return {
        **content_out(parts, paper, row.audit_type),
        **_shared(row),
        "case_reference": row.case_reference,
        "trigger": row.trigger,
        "trigger_reference": row.trigger_reference,
        "observation_setting": row.observation_setting,
        "sample_kind": row.sample_kind,
        "auditor_unit": row.auditor_unit,
        "required_views": row.required_views,
        "allocated_by": row.allocated_by,
        "allocated_at": row.allocated_at,
        "submitted_by": row.submitted_by,
        "submitted_at": row.submitted_at,
        "closed_on": row.closed_on,
        "edition": row.edition,
        "correction": None if correction is None else CorrectionOut.model_validate(correction),
        "escalations": [CalledOut.model_validate(one) for one in called],
        "warnings": _warnings(parts, paper),
        "allowed_actions": allowed_actions(row, caller),
    }


def content_out(parts: Parts, paper: Questionnaire, audit_type: str) -> dict[str, Any]:
    """What an audit holds, as the fields of an answer."""
    levels = {one["level"] for one in parts.participants}
    # Partners are looked for only where several agencies audit together.
    wanted = _LEVELS if audit_type == "multi_agency" else _LEVELS[:-1]
    return {
        "answers": {code: _answer(paper, code, value) for code, value in sorted(parts.answers.items())},
        "views": {
            view["view_of"]: {
                "feedback": view["feedback"], "reason": view["reason"], "recorded_by": view["recorded_by"],
                "recorded_at": view["recorded_at"],
            }
            for view in parts.views
        },
        "findings": [
            {
                "id": one["id"], "kind": one["kind"], "domain": one["domain"], "title": one["title"],
                "text": one["detail"], "themes": one["themes"], "repeat_of": one["repeat_of"],
                "immediate_concern": one["escalation_id"] is not None, "escalation": one["escalation_id"],
            }
            for one in parts.findings
        ],
        "no_strength_reason": parts.no_strength_reason,
        "participants": [
            {name: one[name] for name in _OF_PARTICIPANT}
            for one in parts.participants
        ],
        "levels_missing": [level for level in wanted if level not in levels],
    }  # fmt: skip


def _warnings(parts: Parts, paper: Questionnaire) -> list[dict[str, str]]:
    answers = parts.answers
    texts = {f"/answers/{code}": answers.get(code) for code, asked in paper.questions.items() if asked.kind == "text"}
    texts |= {f"/findings/{at}/text": finding["detail"] for at, finding in enumerate(parts.findings)}
    texts["/no_strength_reason"] = parts.no_strength_reason
    return [{"pointer": one.pointer, "code": one.code} for one in find_identifiers(texts)]


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
        "audit_type": row.audit_type, "announced": row.announced, "status": row.status,
        "reopened": is_correction(row), "auditor": row.auditor, "due_on": row.due_on,
        "submitted_on": row.submitted_on, "late": late, "grades": _NO_GRADES if row.blind else grades_out(row),
        "blind": row.blind, "version": row.version,
    }  # fmt: skip


def grades_out(row: Any) -> dict[str, str | None]:
    """The three grades of an audit or of one of its editions."""
    return {
        "quality_of_intervention": row.quality_grade,
        "outcomes_achieved": row.outcomes_grade,
        "adherence_to_process": row.process_grade,
    }
