"""How an edition stands on its way, on the wire: the chain, its gates, who may act now, and what came before."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.board_report import ReportStatus, Signature

Action = Literal["submit", "sign", "send_back", "withdraw", "publish", "supersede"]


class ChainStepOut(OutModel):
    order: int
    role: str
    state: Literal["signed", "open", "waiting"]
    signature: Signature | None


class DelegateOut(OutModel):
    """Somebody to whom the right of the open signature was handed on."""

    delegate: str
    delegator: str
    ends_on: date
    delegation: str


class BarredOut(OutModel):
    """Somebody who may not sign what stands now."""

    subject: str
    why: Literal["wrote", "submitted", "signed"]


class TurnOut(OutModel):
    """One thing that may be done now, and by whom: holders of the roles, the delegates, or one person by name."""

    action: Action
    roles: list[str]
    delegates: list[DelegateOut] = []
    only: str | None = Field(default=None, description="the one person who may, where it is one")
    not_by: list[BarredOut] = []


class GateOut(OutModel):
    """A gate that nobody opens by hand; where it does not hold, what is lacking."""

    gate: str
    holds: bool
    problem: str | None = None
    title: str | None = None
    detail: str | None = None
    lacking: list[str] = Field(default=[], description="JSON pointers into the report")


class PastStepOut(OutModel):
    """A step that was taken; a signature that a step back made void stays on record."""

    step: Literal["submitted", "signed", "sent_back", "withdrawn", "reopened"]
    subject: str
    role: str | None
    on_behalf_of: str | None
    taken_at: datetime
    words: str | None = Field(description="the reason, or the comment of a signature")
    sections: list[str] = []
    content_hash: str | None = Field(description="null for those who may not see figures as they are")
    void: bool = False


class SignOffOut(OutModel):
    """Where an edition is on its way to its board."""

    report: str
    status: ReportStatus
    content_hash: str
    chain: list[ChainStepOut]
    gates: list[GateOut]
    may_act: list[TurnOut] = Field(description="what may be done now, and by whom")
    history: list[PastStepOut]
    open_comments: int = Field(description="threads that nobody has resolved")
    version: int
    allowed_actions: list[str] = Field(description="of this caller")
