"""Escalations on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, OutModel, Reference, StrictModel, Text, clean_text

About = Literal["audit", "finding", "case", "plan", "provider"]
Outcome = Literal["upheld", "partly_upheld", "not_upheld", "resolved"]
Status = Literal["open", "closed", "withdrawn"]
Wanted = Literal["open", "closed", "withdrawn", "overdue"]
Happened = Literal["raised", "moved", "moved_by_clock", "answered", "subject_told", "reworded", "closed", "withdrawn"]
Title = Annotated[
    str, StringConstraints(min_length=3, max_length=120, pattern=r"^[^\r\n\t]+$"), AfterValidator(clean_text)
]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class AboutIn(StrictModel):
    """What the concern is about."""

    kind: About
    reference: Reference = Field(
        description="an audit's or finding's id, the case system's reference of a case or plan, a provider's code"
    )


class AgainstIn(StrictModel):
    """Whom it is against: an account, a post (role and unit), or a unit as a whole."""

    account: Reference | None = Field(default=None, description="a staff account, never a child's")
    role: Code | None = Field(default=None, description="the role of the post; goes with the unit")
    unit: Code | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.account is None and self.unit is None:
            raise SafeValueError("name the account, the post by its role and unit, or the unit")
        if self.role is not None and self.unit is None:
            raise SafeValueError("a post is a role in a unit; name the unit")
        return self


class EscalationIn(StrictModel):
    """A concern raised under a policy of the framework (R37, R38)."""

    model_config = StrictModel.model_config | _example(
        policy="practice_concern",
        about={"kind": "plan", "reference": "CMS-204417"},
        unit="fs_weymouth",
        title="The plan has not changed in two reviews",
        reason="Raised at both reviews with the team; nothing was agreed.",
        against={"role": "team_manager", "unit": "fs_weymouth"},
    )

    policy: Code
    about: AboutIn
    unit: Code | None = Field(default=None, description="the unit concerned; an audit's or finding's own if left out")
    title: Title = Field(description="a short line that lists may show; never about one recognisable person")
    reason: Text
    against: AgainstIn | None = Field(default=None, description="whoever must not decide about it")
    level: Annotated[int, Field(ge=1, le=8)] | None = Field(
        default=None, description="where it begins; the lowest whose role is not the post it is against"
    )


class WordsIn(StrictModel):
    """What is said to it."""

    model_config = StrictModel.model_config | _example(text="The plan was rewritten with the family on Tuesday.")

    text: Text


class EscalationReasonIn(StrictModel):
    """Why."""

    model_config = StrictModel.model_config | _example(reason="No answer that changes anything for the child.")

    reason: Text


class EscalationClosureIn(StrictModel):
    """How it ended."""

    model_config = StrictModel.model_config | _example(
        outcome="upheld", text="A new plan with dates was agreed with the family."
    )

    outcome: Outcome
    text: Text


class AboutOut(OutModel):
    kind: About
    reference: str | None = Field(description="null where a concern no longer stands in its audit's draft")
    audit: UUID | None


class AgainstOut(OutModel):
    account: str | None
    role: str | None
    unit: str | None


class EscalationRow(OutModel):
    """An escalation as a line of a list, at the level its clocks have brought it to."""

    id: UUID
    policy: str
    policy_title: str
    unit: str
    about: AboutOut
    title: str
    immediate: bool
    status: Status
    level: int
    levels: int
    role: str = Field(description="the role that answers at this level")
    due_at: datetime = Field(description="when the present level's time is over")
    levels_run_out: int = Field(description="levels whose time was over before it ended")
    overdue: bool = Field(description="open, and some level's time has run out; moving up never hides it")
    raised_at: datetime
    outcome: Outcome | None
    ended_at: datetime | None
    version: int


class EventOut(OutModel):
    """One thing that happened to it."""

    kind: Happened
    level: int
    due_at: datetime | None = Field(description="when the level that began with this is over")
    words: str | None
    at: datetime
    by: str | None = Field(description="null where the policy keeps the raiser from the subject")


class EscalationOut(EscalationRow):
    """One escalation with its whole history."""

    reason: str | None
    against: AgainstOut | None
    call: str = Field(description="how to reach whoever answers at this level")
    closed_by: list[str] = Field(description="the roles that may close at this level")
    subject_told_at: datetime | None
    raised_by: str | None
    ended_by: str | None
    history: list[EventOut]
    allowed_actions: list[str]
