"""Delegations on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.reporting_api.editions import works_on_drafts
from shared.auth.caller import Caller
from shared.schemas.base import Code, LocalDate, OutModel, StrictModel, Text

Subject = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
_WHY = "told the two, and those who write, sign or publish reports: it may say of somebody that they are ill"
Standing = Literal["to_come", "in_force", "over", "ended"]


class DelegationIn(StrictModel):
    """The caller's right to sign in a role, handed to somebody else for some days."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "admin",
                    "delegate": "qa-deputy",
                    "starts_on": "2026-12-21",
                    "ends_on": "2027-01-04",
                    "reason": "Leave over the New Year.",
                }
            ]
        }
    )

    role: Code = Field(description="a role that the caller's token carries")
    delegate: Subject = Field(description="the other's subject, as the identity provider names it in the token")
    starts_on: LocalDate
    ends_on: LocalDate = Field(description="the last day, at most a year after the first")
    covers: list[Code] = Field(default=[], max_length=60, description="reports and returns; none named means all")
    reason: Text


class EndIn(StrictModel):
    """Why a delegation ends before its day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Back at work a week early."}]})

    reason: Text


class DelegationOut(OutModel):
    """Who may sign for whom, in which role and from when to when; it stays on record when it is over."""

    id: str
    role: str
    unit: str | None = Field(description="the part of the council it is good for; null is the whole")
    delegator: str
    delegate: str
    starts_on: date
    ends_on: date
    covers: list[str]
    reason: str | None = Field(description=_WHY)
    status: Standing
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None = Field(description=_WHY)
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, caller: Caller, today: date) -> DelegationOut:
        standing = standing_of(row, today)
        told = works_on_drafts(caller) or caller.subject in (row.delegator, row.delegate)
        ends = standing in ("to_come", "in_force") and caller.may("reporting:sign") and may_end(row, caller)
        return cls(
            id=str(row.id), role=row.role, unit=row.unit, delegator=row.delegator, delegate=row.delegate,
            starts_on=row.starts_on, ends_on=row.ends_on, covers=row.covers, status=standing,
            reason=row.reason if told else None, end_reason=row.end_reason if told else None,
            created_at=row.created_at, ended_at=row.ended_at, ended_by=row.ended_by,
            version=row.version, allowed_actions=["end"] if ends else [],
        )  # fmt: skip


def standing_of(row: Any, today: date) -> Standing:
    if row.ended_at is not None:
        return "ended"
    if today < row.starts_on:
        return "to_come"
    return "in_force" if today <= row.ends_on else "over"


def may_end(row: Any, caller: Caller) -> bool:
    """Whoever gave the right, whoever got it, and whoever holds the role themselves for the whole council."""
    return caller.subject in (row.delegator, row.delegate) or (row.role in caller.roles and caller.unit is None)
