"""The wire of "you said, we did"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.schemas.base import Code, LocalDate, OutModel, Reference, StrictModel, Text

_EXAMPLE: dict[str, Any] = {
    "said": "We do not want to walk past the police station to get to the hub.",
    "did": "The side door to the park is now the way in.",
    "told_back_on": "2026-11-06",
    "themes": ["voice_of_the_child"],
    "evidence": "DOC-2026-0322",
}


class ChangeIn(StrictModel):
    """What people said, what was done or why it was not, and when they were told; without anybody's name."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    said: Text
    did: Text | None = None
    why_not: Text | None = Field(default=None, description="why something, or all of it, was not done")
    told_back_on: LocalDate | None = Field(default=None, description="the day those who said it were told")
    themes: Annotated[list[Code], Field(max_length=10)] = []
    evidence: Reference | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.did is None and self.why_not is None:
            raise SafeValueError("say what was done, or why it was not")
        if len(set(self.themes)) < len(self.themes):
            raise SafeValueError("a theme stands twice; give each once")
        return self


class ChangeEdit(ChangeIn):
    """An entry sent whole again; other words need another approval."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [_EXAMPLE | {"reason": "The day they were told is known now."}]}
    }

    reason: Text = Field(description="why it is changed; kept in its history")


class ParticipationChangeOut(OutModel):
    """An entry with whether it may be shared."""

    id: UUID
    activity: UUID
    said: str
    did: str | None
    why_not: str | None
    told_back_on: date | None
    themes: list[str]
    evidence: str | None
    shareable: bool = Field(description="a second person approved these words for sharing")
    approved_by: str | None
    approved_at: datetime | None
    flag_reasons: list[str] = Field(description="the sorts of harm the words may speak of: somebody should look today")
    version: int
    recorded_by: str
    recorded_at: datetime
    changed_at: datetime
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Mapping[str, Any], caller: Caller, *, withdrawn: bool) -> Self:
        """The entry with what this caller may do next; nothing with one of a withdrawn activity."""
        made = ("activity", "shareable", "allowed_actions")
        return cls(
            **{name: row[name] for name in cls.model_fields if name not in made},
            activity=row["activity_id"],
            shareable=row["approved_by"] is not None,
            allowed_actions=[] if withdrawn else _allowed(row, caller),
        )


def _allowed(row: Mapping[str, Any], caller: Caller) -> list[str]:
    manages = caller.may("feedback:manage")
    found = ["edit"] if manages or (caller.may("feedback:write") and row["recorded_by"] == caller.subject) else []
    if manages and row["approved_by"] is not None:
        return [*found, "withdraw_approval"]
    approves = manages and row["written_by"] != caller.subject and not row["flag_reasons"]
    return [*found, "approve"] if approves else found


class SharedOut(OutModel):
    """An entry approved for sharing, as boards, front ends and those who took part may read it."""

    id: UUID
    unit: str
    activity: str = Field(description="what the activity was called")
    method: str | None
    ended_on: date = Field(description="the day the activity ended, by which the period is told")
    said: str
    did: str | None
    why_not: str | None
    told_back_on: date | None
    themes: list[str]
    approved_at: datetime
