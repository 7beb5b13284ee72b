"""What waits, as lists tell it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from shared.schemas.base import OutModel

Task = Literal[
    "answer_audit", "finish_draft", "complete_action", "verify_action", "review_impact", "carry_out_recommendation",
    "reach_milestone", "answer_escalation", "acknowledge_learning", "grade_again", "settle_grades", "confirm_grades",
    "grade_third", "audit_supervision",
]  # fmt: skip


class Thing(OutModel):
    """Something that waits for somebody by a day."""

    kind: str = Field(
        description="audit, slot, moderation, action, verification, impact_review, recommendation, milestone, "
        "escalation, learning, supervision_audit or unmade_slot (a team's place in a round that nobody has made)"
    )
    id: str = Field(
        description="of the record; a milestone is its recommendation's id and its number, "
        "an audit of supervision its unit and programme, a place in no round its programme, period and unit"
    )
    title: str
    unit: str
    due_on: date | None = Field(description="the earlier of the first and the present date; null where none was set")
    agreed_for: date | None = Field(description="the present date, where it was put off")
    owner_role: str | None
    owner_subject: str | None
    body: str | None = Field(description="the body that watches it")
    state: str | None
    link: str


class OverdueRow(Thing):
    """Something that is late, the longest waiting first in a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "action",
                    "id": "01900000-0000-7000-8000-000000000001",
                    "title": "Hold reviews within their time limits",
                    "unit": "fs_weymouth",
                    "due_on": "2026-10-30",
                    "agreed_for": "2027-01-29",
                    "owner_role": "team_manager",
                    "owner_subject": None,
                    "body": "dscb_qa",
                    "state": "open",
                    "link": "/v1/actions/01900000-0000-7000-8000-000000000001",
                    "days_overdue": 24,
                }
            ]
        }
    )

    days_overdue: int


class WorkRow(Thing):
    """Something the caller is to do, the soonest due first in a list."""

    task: Task
    days_left: int | None = Field(description="below nought where it is late; null without a date")
    allowed_actions: list[str] = Field(description="what the caller may do with it now")


class OverdueCount(OutModel):
    kind: str
    overdue: int
    oldest_due_on: date


class OverdueCounts(OutModel):
    """How much is overdue of each kind, for a tile or a badge; kinds with nothing overdue are left out."""

    overdue: int
    kinds: list[OverdueCount]
    as_at: datetime
