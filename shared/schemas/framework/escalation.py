"""Escalation policies: who is called at each level, how long each has, and who may close (R37, R38)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, Text
from shared.schemas.framework.fields import Item, Part, Reference, repeated


class EscalationAbout(StrEnum):
    """What a concern may be about."""

    audit = "audit"
    finding = "finding"
    case = "case"
    plan = "plan"
    provider = "provider"


class EscalationLevel(Part):
    """One level: the role that answers, how it is reached, its time, and the roles that may close there."""

    role: Code
    call: Label
    working_days: Annotated[int, Field(ge=1, le=250)] | None = None
    hours: Annotated[int, Field(ge=1, le=2000)] | None = None
    closed_by: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _one_clock(self) -> Self:
        if (self.working_days is None) == (self.hours is None):
            raise SafeValueError("a level's time is given in working_days or in hours, one of both")
        if repeated(self.closed_by):
            raise SafeValueError("a role stands twice in closed_by; give each once")
        return self


class EscalationPolicy(Item):
    """How a concern goes up; `immediate_concerns` marks the policy for safeguarding concerns found in an audit."""

    title: Label
    description: Text | None = None
    about: Annotated[tuple[EscalationAbout, ...], Field(min_length=1, max_length=5)]
    levels: Annotated[tuple[EscalationLevel, ...], Field(min_length=1, max_length=8)]
    moves_by_clock: bool = True
    subject_sees: Literal["at_once", "once_told"] = "once_told"
    raiser_hidden: bool = False
    withdrawable: bool = True
    immediate_concerns: bool = False

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if repeated(self.about) or repeated([level.role for level in self.levels]):
            raise SafeValueError("roles or things it is about stand twice; give each once")
        for place, level in enumerate(self.levels):
            if {below.role for below in self.levels[:place]}.intersection(level.closed_by):
                raise SafeValueError("closed_by of a level names a role of a lower level; only its own or a higher may")
        return self

    @model_validator(mode="after")
    def _an_immediate_concern_is_known_at_once(self) -> Self:
        if self.immediate_concerns and (
            EscalationAbout.finding not in self.about or self.subject_sees != "at_once" or self.withdrawable
        ):
            raise SafeValueError(
                "a policy for immediate concerns is about findings, seen at_once, and ends by closing only "
                "(withdrawable: false)"
            )
        return self

    def references(self) -> Iterator[Reference]:
        for place, level in enumerate(self.levels):
            yield Reference("roles", level.role, f"/levels/{place}/role")
            for at, role in enumerate(level.closed_by):
                yield Reference("roles", role, f"/levels/{place}/closed_by/{at}")
