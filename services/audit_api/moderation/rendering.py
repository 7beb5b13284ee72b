"""How a moderation looks to one caller: blind to who is still to grade, and with what the caller may do."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.audit_api.moderation.rules import differing, grades_of
from services.audit_api.moderation.schemas import (
    ExternalIn,
    GradeOut,
    GradingOut,
    ModerationOut,
    ModerationRow,
)
from services.audit_api.questionnaires import GRADE_COLUMNS, Questionnaire
from services.audit_api.states import may_manage
from shared.auth.caller import Caller

_PARTS = ("first", "second", "third", "final")
_OVER = ("settled", "withdrawn")


def is_blind(row: Any, caller: Caller) -> bool:
    """Whether the caller is the second grader and has not graded yet."""
    return bool(row.status == "allocated" and row.moderator == caller.subject)


def is_party(row: Any, caller: Caller) -> bool:
    """Whether the caller is first or second grader."""
    return caller.subject in (row.auditor, row.moderator)


def may_arrange(row: Any, caller: Caller) -> bool:
    """Whoever manages audits may, but not on the own team, nor where the own grading is at issue."""
    return may_manage(row, caller) and not is_party(row, caller)


def moderation_row(row: Any, caller: Caller, today: date) -> ModerationRow:
    """A line of the list."""
    return ModerationRow(**_shared(row, caller, today))


def moderation_out(row: Any, paper: Questionnaire, caller: Caller, today: date) -> ModerationOut:
    """The whole moderation from its row with its gradings."""
    blind = is_blind(row, caller)
    first = grades_of(row, "first")
    proposal = grades_of(row, "proposed") if row.status == "proposed" else {}
    return ModerationOut(
        **_shared(row, caller, today),
        case_reference=row.case_reference,
        tool_version=row.tool_version,
        scale=sorted(paper.ranks, key=lambda code: paper.ranks[code]),
        domains=[domain for domain in GRADE_COLUMNS if domain in first],
        differing=differing(row),
        reason=None if blind else row.reason,
        raised_by=None if blind else row.raised_by,
        raised_at=row.raised_at,
        blind=blind,
        read_before=row.read_before,
        gradings=[] if blind else _gradings(row),
        proposal=_grades(proposal),
        proposed_by=row.proposed_by,
        conflict_reason=row.conflict_reason,
        withdrawn_why=row.withdrawn_why,
        allowed_actions=_allowed(row, caller),
    )


def _allowed(row: Any, caller: Caller) -> list[str]:
    status, me, allowed = row.status, caller.subject, []
    party, arranges = is_party(row, caller) and caller.may("audit:write"), may_arrange(row, caller)
    if caller.may("audit:write"):
        allowed += ["grade"] if is_blind(row, caller) else []
        allowed += ["grade_third"] if status == "conflict" and row.third_grader == me else []
    if party:
        allowed += ["propose"] if status in ("consolidating", "proposed") else []
        allowed += ["confirm"] if status == "proposed" and row.proposed_by != me else []
    if party or arranges:
        allowed += ["declare_conflict"] if status in ("consolidating", "proposed") else []
    if arranges:
        allowed += ["allocate", "withdraw"] if status in ("unallocated", "allocated") else []
        allowed += ["allocate", "record_external"] if status == "conflict" else []
    return allowed


def _gradings(row: Any) -> list[GradingOut]:
    held = {one["part"]: one for one in row.gradings or ()}
    return [_grading(row, held[part]) for part in _PARTS if part in held]


def _grading(row: Any, one: dict[str, Any]) -> GradingOut:
    external = None
    if one["council"] is not None:
        external = ExternalIn(council=one["council"], reference=one["reference"], evidence=one["evidence"])
    return GradingOut(
        part=one["part"],
        by=one["by"],
        external=external,
        recorded_by=one["recorded_by"],
        at=one["at"],
        grades=_grades(grades_of(row, one["part"])),
        answers=one["answers"],
        note=one["note"],
    )


def _grades(given: dict[str, dict[str, Any]]) -> dict[str, GradeOut]:
    return {
        domain: GradeOut(grade=given[domain]["grade"], reason=given[domain]["reason"])
        for domain in GRADE_COLUMNS
        if domain in given
    }


def _shared(row: Any, caller: Caller, today: date) -> dict[str, Any]:
    named = ("edition", "unit", "tool", "audit_type", "programme", "period", "auditor", "status", "moderator",
        "third_grader", "due_on", "settled_how", "settled_at", "version")  # fmt: skip
    return {name: getattr(row, name) for name in named} | {
        "id": str(row.id), "audit": str(row.audit_id),
        "sample": None if row.sample_id is None or is_blind(row, caller) else str(row.sample_id),
        "origin": None if is_blind(row, caller) else row.origin,
        "overdue": row.status not in _OVER and row.due_on < today,
        "waits_for_me": bool({"grade", "grade_third", "confirm"}.intersection(_allowed(row, caller)))
        or (row.status == "consolidating" and is_party(row, caller)),
    }  # fmt: skip
