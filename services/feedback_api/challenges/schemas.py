"""The wire of challenges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.paging import Page
from shared.schemas.base import Code, LocalDate, OutModel, Reference, StrictModel, Text

About = Literal["indicator", "audit", "service", "theme", "free"]
Status = Literal["open", "answered", "sent_back", "closed"]
Stance = Literal["accepted", "partly_accepted", "not_accepted"]


def _example(**body: Any) -> Any:
    return StrictModel.model_config | {"json_schema_extra": {"examples": [body]}}


class AboutIn(StrictModel):
    """What is challenged: `free` stands alone; a service is given by its unit, a theme by its code."""

    kind: About
    ref: Reference | None = None

    @model_validator(mode="after")
    def _ref_fits(self) -> Self:
        if (self.kind == "free") != (self.ref is None):
            raise SafeValueError("give the ref of what is challenged; only `free` has none")
        return self


class ChallengeIn(StrictModel):
    """A challenge as the board's minutes have it."""

    model_config = _example(
        raised_by_body="ctb",
        raised_on="2026-10-20",
        about={"kind": "indicator", "ref": "rereferrals"},
        unit="childrens_services",
        question="Repeat referrals rose for three quarters. What is being done before families come back?",
        area_for_development="Step-down from social care to early help",
    )

    raised_by_body: Code = Field(description="a board of the framework that challenges")
    raised_on: LocalDate
    about: AboutIn
    unit: Code = Field(description="the unit that answers")
    question: Text
    area_for_development: Text | None = None
    response_due: LocalDate | None = Field(
        default=None, description="as the minutes say; else the board's own number of working days"
    )


class ChallengeEdit(StrictModel):
    """A correction: only the fields given are changed; null takes the area for development away."""

    model_config = _example(response_due="2026-12-11", reason="The board agreed to its December meeting.")

    about: AboutIn | None = None
    unit: Code | None = None
    question: Text | None = None
    area_for_development: Text | None = None
    response_due: LocalDate | None = None
    development_action: Reference | None = None
    reason: Text = Field(description="why it is changed; kept in its history")

    @field_validator("about", "unit", "question", "response_due", "development_action")
    @classmethod
    def _not_emptied(cls, value: Any) -> Any:
        if value is None:
            raise SafeValueError("this cannot be emptied; leave it out to keep it")
        return value

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.model_fields_set <= {"reason"}:
            raise SafeValueError("name at least one thing to change")
        return self


class ChallengeResponseIn(StrictModel):
    """The service's answer; what it accepts of an area for development is followed by an action."""

    model_config = _example(
        response="Each closing plan now names who stays in touch. The effect is read monthly.",
        outcome="accepted",
        development_action="ACT-2026-0142",
    )

    response: Text
    outcome: Stance = Field(description="whether the service accepts the challenge")
    responded_on: LocalDate | None = Field(default=None, description="the day it went to the board; today if left out")
    development_action: Reference | None = Field(default=None, description="the action that carries it out")


class ChallengeDecisionIn(StrictModel):
    """What the board made of the response."""

    model_config = _example(decision="accepted", decided_on="2026-11-18")

    decision: Literal["accepted", "sent_back"]
    decided_on: LocalDate
    words: Text | None = Field(default=None, description="what the board said; needed where it sends it back")
    response_due: LocalDate | None = Field(default=None, description="of one sent back; else the board's working days")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        back = self.decision == "sent_back"
        if back and self.words is None:
            raise SafeValueError("a response is sent back with what is missing in it; give `words`")
        if not back and self.response_due is not None:
            raise SafeValueError("only a response sent back is due again")
        return self


class EndIn(StrictModel):
    """The end of a challenge that will not be answered any more."""

    model_config = _example(outcome="superseded", reason="The board asked the same more widely in November.")

    outcome: Literal["superseded", "withdrawn"]
    reason: Text


class AboutOut(OutModel):
    kind: About
    ref: str | None


class ChallengeRow(OutModel):
    """A challenge in a list."""

    id: UUID
    raised_by_body: str
    raised_on: date
    about: AboutOut
    unit: str
    question: str
    area_for_development: str | None
    first_response_due: date = Field(description="as it was recorded; another `response_due` tells that it was moved")
    response_due: date
    overdue: bool = Field(description="the day it is due has passed without a response")
    status: Status
    outcome: Stance | Literal["superseded", "withdrawn"] | None = Field(
        description="what the service answered, or how it ended; final once closed"
    )
    development_action: str | None
    version: int

    @classmethod
    def row(cls, row: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The fields of a list's line from those of the table."""
        made = {
            "about": AboutOut(kind=row["about_kind"], ref=row["about_ref"]),
            "overdue": row["status"] in ("open", "sent_back") and row["response_due"] < today,
        }
        return {name: row[name] for name in ChallengeRow.model_fields if name not in made} | made


class ChallengeOut(ChallengeRow):
    response: str | None
    responded_on: date | None
    answered_late: bool | None = Field(description="after the day it was due; null while there is no response")
    responded_by: str | None
    responded_at: datetime | None
    board_words: str | None = Field(description="what the board last said of a response, or why it ended")
    closed_on: date | None
    recorded_by: str
    recorded_at: datetime
    changed_at: datetime
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Mapping[str, Any], caller: Caller, today: date) -> Self:
        """The challenge with what this caller may do next."""
        made = (*ChallengeRow.model_fields, "answered_late", "allowed_actions")
        given = {name: row[name] for name in cls.model_fields if name not in made}
        answered = row["responded_on"]
        late = None if answered is None else answered > row["response_due"]
        return cls(**cls.row(row, today), **given, answered_late=late, allowed_actions=allowed_actions(row, caller))


def allowed_actions(row: Mapping[str, Any], caller: Caller) -> list[str]:
    """What this caller may do with the challenge as it stands."""
    if row["status"] == "closed":
        return []
    manages = caller.may("feedback:manage")
    found = ["edit", "end"] if manages else []
    if row["status"] != "answered":
        return [*found, "respond"] if caller.may("feedback:write") else found
    return [*found, "decide"] if manages and row["responded_by"] != caller.subject else found


class TallyOut(OutModel):
    code: str
    title: str
    unanswered: int
    overdue: int


class UnansweredOut(Page[ChallengeRow]):
    """Challenges without a response the board has not sent back: the longest due first, and how many whose."""

    unanswered: int = Field(description="of the whole list, not of this page")
    overdue: int
    by_body: list[TallyOut]
    by_unit: list[TallyOut]
    as_at: datetime
