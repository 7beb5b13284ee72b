"""How what waits looks to one caller on one day."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.audit_api.worklists.schemas import OverdueRow, Task, WorkRow
from services.audit_api.worklists.things import link_of
from shared.auth.caller import Caller

_TASKS: dict[str, Task] = {
    "audit": "answer_audit",
    "action": "complete_action",
    "verification": "verify_action",
    "impact_review": "review_impact",
    "recommendation": "carry_out_recommendation",
    "milestone": "reach_milestone",
    "escalation": "answer_escalation",
    "learning": "acknowledge_learning",
    "supervision_audit": "audit_supervision",
}
# What a moderation waits for depends on how far it has come.
_STEPS: dict[str, Task] = {
    "allocated": "grade_again",
    "consolidating": "settle_grades",
    "proposed": "confirm_grades",
    "conflict": "grade_third",
}
_ACTIONS: dict[Task, tuple[str, ...]] = {
    "answer_audit": ("answer", "submit"),
    "finish_draft": ("answer", "submit"),
    "complete_action": ("complete", "redate"),
    "verify_action": ("verify",),
    "review_impact": ("close",),
    "carry_out_recommendation": ("link_actions", "redate"),
    "reach_milestone": ("reach", "redate"),
    "answer_escalation": ("answer",),
    "acknowledge_learning": ("acknowledge",),
    "audit_supervision": ("audit",),
    "grade_again": ("grade",),
    "settle_grades": ("propose", "declare_conflict"),
    "confirm_grades": ("confirm", "propose", "declare_conflict"),
    "grade_third": ("grade_third",),
}


def overdue_row(row: Any, today: date) -> OverdueRow:
    return OverdueRow(**_thing(row), days_overdue=(today - row.due_on).days)


def work_row(row: Any, caller: Caller, today: date) -> WorkRow:
    task = _task_of(row)
    return WorkRow(
        **_thing(row),
        task=task,
        days_left=None if row.due_on is None else (row.due_on - today).days,
        allowed_actions=list(_ACTIONS[task]) if task == "acknowledge_learning" or caller.may("audit:write") else [],
    )


def _task_of(row: Any) -> Task:
    if row.kind == "moderation":
        return _STEPS[row.state]
    return "finish_draft" if row.state == "in_progress" else _TASKS[row.kind]


def _thing(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind, "id": row.id, "title": row.title, "unit": row.unit, "due_on": row.due_on,
        "agreed_for": row.agreed_for, "owner_role": row.owner_role, "owner_subject": row.owner_subject,
        "body": row.body, "state": row.state, "link": link_of(row.kind, row.id),
    }  # fmt: skip
