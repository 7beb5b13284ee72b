"""Delegations on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.auth.caller import Caller
from shared.schemas.base import Code, LocalDate, OutModel, StrictModel, Text

Subject = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
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
    reason: str | None = Field(description="null for those who neither sign, publish nor minute reports")
    status: Standing
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, caller: Caller, today: date) -> DelegationOut:
        standing = standing_of(row, today)
        ends = standing in ("to_come", "in_force") and caller.may("reporting:sign") and may_end(row, caller)
        told = reads_reasons(row, caller)
        return cls(
            id=str(row.id), role=row.role, unit=row.unit, delegator=row.delegator, delegate=row.delegate,
            starts_on=row.starts_on, ends_on=row.ends_on, covers=row.covers, reason=row.reason if told else None,
            status=standing, created_at=row.created_at, ended_at=row.ended_at, ended_by=row.ended_by,
            end_reason=row.end_reason if told else None,
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


def reads_reasons(row: Any, caller: Caller) -> bool:
    """Why somebody is away is for the two of them, and for those who must arrange the signatures meanwhile."""
    works = any(caller.may(f"reporting:{verb}") for verb in ("sign", "publish", "clerk"))
    return works or caller.subject in (row.delegator, row.delegate)
