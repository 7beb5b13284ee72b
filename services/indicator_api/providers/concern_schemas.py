"""Entries in the registers, their reviews and the overview of a school year on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from shared.schemas.base import Code, Label, LocalDate, OutModel, StrictModel, Text
from shared.schemas.framework.providers import ReviewCycle
from shared.schemas.periods import PeriodCode

ReviewOutcome = Literal["better", "unchanged", "worse", "ready_to_close"]
Flag = Literal["not_reported_to_members", "report_to_members_overdue", "support_missing", "review_missing"]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class Support(StrictModel):
    """Additional support given to the provider."""

    what: Label
    from_day: LocalDate
    to_day: LocalDate | None = None


_SUPPORT: list[dict[str, str]] = [{"what": "Adviser two days a week", "from_day": "2026-10-01"}]


class ConcernEdit(StrictModel):
    """What may change while the entry is open; earlier forms are kept."""

    model_config = StrictModel.model_config | _example(
        category="safeguarding", at_risk=True, support=_SUPPORT, reported_to_members_on="2026-11-05"
    )

    category: Code
    at_risk: bool
    support: list[Support] = Field(default=[], max_length=20)
    reported_to_members_on: LocalDate | None = None


class ConcernIn(ConcernEdit):
    """A new entry in a register."""

    model_config = StrictModel.model_config | _example(
        provider_register="schools_causing_concern", category="safeguarding", at_risk=True, opened_on="2026-09-28",
        support=_SUPPORT,
    )  # fmt: skip

    provider_register: Code
    opened_on: LocalDate


class ReviewIn(StrictModel):
    """What the services found when they looked at the entry together."""

    model_config = StrictModel.model_config | _example(
        period="AY2026-27-HT1",
        held_on="2026-10-20",
        outcome="better",
        words="The plan works; keep it another term.",
    )

    period: PeriodCode = Field(description="the half term or term, as the register's cycle says")
    held_on: LocalDate
    outcome: ReviewOutcome
    words: Text | None = None


class ClosureIn(StrictModel):
    """Why the provider leaves the register."""

    model_config = StrictModel.model_config | _example(
        closed_on="2026-11-20", because="Safeguarding met at the monitoring visit."
    )

    closed_on: LocalDate
    because: Text


class ReviewOut(OutModel):
    period: str
    held_on: date
    outcome: ReviewOutcome
    words: str | None
    recorded_by: str


class ConcernRow(OutModel):
    """An entry with what is missing in it."""

    id: UUID
    provider: str
    provider_name: str
    provider_register: str
    category: str
    at_risk: bool
    opened_on: date
    closed_on: date | None
    closed_because: str | None
    support: list[Support]
    reported_to_members_on: date | None
    report_to_members_due: date
    reviews_missing: list[str] = Field(description="periods that ended without the review they owed")
    flags: list[Flag]
    version: int


class ConcernOut(ConcernRow):
    reviews: list[ReviewOut]
    recorded_by: str
    changed_at: datetime
    allowed_actions: list[str]


class PeriodReviews(OutModel):
    period: str
    expected: int = Field(description="entries that were open in the period and owed a review by its end")
    held: int
    missing: int


class OverviewOut(OutModel):
    """A register over a school year: six reviews where its cycle is half-termly (R54)."""

    provider_register: str
    name: str
    year: str
    review_cycle: ReviewCycle
    open: int
    at_risk: int
    not_reported_to_members: int
    periods: list[PeriodReviews]
    called_for: list[str] = Field(description="providers whose latest grades call for support and that have no entry")
