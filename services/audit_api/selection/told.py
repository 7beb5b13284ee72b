"""Draws as they are told: with all it takes to do them again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from services.audit_api.selection.assigning import Because, Unfit
from services.audit_api.selection.schemas import ReplacedBecause
from shared.schemas.base import OutModel
from shared.schemas.framework.audit_selection import Independence

Exclusion = Literal[
    "closed", "opened_recently", "already_drawn", "audit_under_way", "recently_audited", "no_independent_auditor"
]  # fmt: skip


class ExcludedOut(OutModel):
    case_reference: str
    reason: Exclusion
    detail: str


class StratumOut(OutModel):
    stratum: str = Field(description="empty where the draw is not stratified or the case has no such group")
    cases: int
    places: int


class InHandOut(OutModel):
    auditor: str
    audits_in_hand: int


class UnfitOut(OutModel):
    auditor: str
    reason: Unfit


class AssignmentOut(OutModel):
    """Who was chosen to audit, why, and why not the others."""

    auditor: str
    auditor_unit: str | None
    because: Because
    reason: str | None = Field(default=None, description="in a manager's words")
    considered: list[InHandOut]
    excluded: list[UnfitOut]
    by: str
    at: datetime


class PassedOverOut(OutModel):
    case_reference: str
    reason: Exclusion
    detail: str


class DrawnCaseOut(OutModel):
    """A case that was drawn; one that was replaced stays here, with the reason."""

    position: int
    case_reference: str
    unit: str
    stratum: str
    audit: str
    audit_status: str
    auditor: str = Field(description="of the audit as it stands")
    assignments: list[AssignmentOut] = Field(description="the latest last")
    replaces: int | None = Field(description="the position of the case it stands in for")
    passed_over: list[PassedOverOut] = Field(description="next in order, but no longer to be drawn when it was needed")
    replaced_reason: ReplacedBecause | None
    replaced_note: str | None
    replaced_by: str | None
    replaced_at: datetime | None


class RulesOut(OutModel):
    """What decided which cases could be drawn."""

    avoid_audited_within_months: int
    open_at_least_days: int
    case_list_at_most_days_old: int
    independent_of: Independence


class DrawSourceOut(OutModel):
    unit: str
    as_at: date
    revision: int
    cases: int


class DrawRow(OutModel):
    """A draw as a line of a list, without the cases."""

    id: str
    unit: str
    slot: str | None
    round: str | None
    tool: str
    audit_type: str
    asked: int
    pool_size: int = Field(description="how many could have been drawn")
    seed: str
    seed_given: bool = Field(description="sent by the caller; otherwise made here at random")
    drawn_on: date
    drawn_by: str
    replacements: int
    version: int


class DrawOut(DrawRow):
    """A draw, with all it takes to do it again."""

    algorithm: str
    stratify_by: str | None
    weights: dict[str, int]
    rules: RulesOut
    sources: list[DrawSourceOut] = Field(description="the posted lists it was made from")
    strata: list[StratumOut]
    pool_hash: str
    drawn: list[DrawnCaseOut]
    excluded: list[ExcludedOut]
    drawn_at: datetime
    allowed_actions: list[str]


class NotDrawnOut(OutModel):
    """A slot of the round that was given no case."""

    slot: str
    unit: str
    reason: str = Field(description="the problem, by its last part: slot-taken, no-eligible-case, …")
    detail: str
    excluded: dict[str, int] = Field(description="cases that could not be drawn, by reason")


class ProspectOut(OutModel):
    """Whether a slot of a round could be given a case today, and what is against it."""

    slot: str
    unit: str
    ready: bool
    reason: str | None = Field(description="the problem a draw would meet, by its last part; null where it is ready")
    detail: str | None
    eligible: int = Field(description="cases that may be drawn; 0 where the list itself cannot be used")
    excluded: dict[str, int] = Field(description="cases that may not, by reason")
    auditors_free: int


class ProspectsOut(OutModel):
    """What a draw of the round would meet today; nothing is drawn and nobody learns which case would be."""

    round: str
    on: date
    slots: list[ProspectOut]


class DrawsOut(OutModel):
    """What one call drew: one draw for a slot or a unit, one for each slot of a round."""

    seed: str
    draws: list[DrawOut]
    not_drawn: list[NotDrawnOut]


class PoolCaseOut(OutModel):
    case_reference: str
    stratum: str


class PoolOut(OutModel):
    """All that a draw was made from, for somebody else's program to do it again."""

    algorithm: str
    seed: str
    count: int
    weights: dict[str, int]
    places: dict[str, int] = Field(description="how many are drawn of each stratum")
    pool_hash: str
    pool: list[PoolCaseOut] = Field(description="in order of reference")
    drawn: list[str] = Field(description="what was drawn at first, in order")


class RedrawOut(OutModel):
    """The draw done again from what is stored."""

    same: bool = Field(description="pool, cases drawn and replacements are all as recorded")
    pool_same: bool
    drawn_same: bool
    replacements_same: bool
    pool_hash: str = Field(description="of the pool as it is stored now")
    drawn: list[str]
