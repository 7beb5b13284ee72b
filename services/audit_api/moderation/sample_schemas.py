"""Samples on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from services.audit_api.moderation.schemas import GraderIn, ModerationRow, example
from shared.faults import SafeValueError
from shared.schemas.base import Code, LocalDate, OutModel, StrictModel
from shared.schemas.periods import PeriodCode

Seed = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:-]+$")]


class SampleIn(StrictModel):
    """What to draw from, how much, and, to draw again what was drawn before, the seed."""

    model_config = example(
        tool="case_audit", period="2026-10", percent=20, seed="october-2026",
        moderators=[{"grader": "moderator-1", "grader_unit": "safeguarding_and_standards"}],
    )  # fmt: skip

    tool: Code | None = None
    programme: Code | None = None
    unit: Code | None = Field(default=None, description="this unit and those below it")
    period: PeriodCode
    percent: Annotated[int, Field(ge=1, le=100)] | None = Field(default=None, description="rounded up to whole audits")
    count: Annotated[int, Field(ge=1, le=5000)] | None = None
    seed: Seed | None = Field(default=None, description="one is made and recorded where none is given")
    due_on: LocalDate | None = None
    moderators: Annotated[list[GraderIn], Field(max_length=50)] = Field(
        default=[], description="those among whom the drawn audits are shared out; none leaves them unallocated"
    )

    @model_validator(mode="after")
    def _what_and_how_many(self) -> Self:
        if self.tool is None and self.programme is None:
            raise SafeValueError("name the tool or the programme")
        if (self.percent is None) == (self.count is None):
            raise SafeValueError("give percent or count, one of both")
        if len({one.grader for one in self.moderators}) < len(self.moderators):
            raise SafeValueError("a moderator is named twice")
        return self


class CandidateOut(OutModel):
    """An audit in the order of the draw."""

    place: int
    audit: str
    auditor: str
    sampled_before: int
    drawn: bool


class SampleRow(OutModel):
    id: str
    tool: str | None
    programme: str | None
    unit: str | None
    period: str
    percent: int | None
    count: int | None
    seed: str
    passed_over: dict[str, int] = Field(description="submitted audits that could not be drawn, by status")
    drawn_by: str
    drawn_at: datetime


class SampleOut(SampleRow):
    """A sample with all it could draw: the same candidates and seed give the same draw, whoever does it."""

    eligible: int
    drawn: int
    candidates: list[CandidateOut]
    moderations: list[ModerationRow]
