"""Who is told when words read like harm and how soon, and who must agree before anyone's words are shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label
from shared.schemas.framework.fields import Item, Part, Reference, repeated


class DutyLevel(Part):
    """A role that is told, how it is reached, and how many minutes it has to acknowledge."""

    role: Code
    call: Label
    minutes: Annotated[int, Field(ge=5, le=10_080)]


class DutyPolicy(Item):
    """How soon a safeguarding flag is acknowledged, level by level, and how soon after that its outcome is recorded."""

    title: Label
    levels: Annotated[tuple[DutyLevel, ...], Field(min_length=1, max_length=6)]
    outcome_working_days: Annotated[int, Field(ge=1, le=20)] = 1

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if repeated([level.role for level in self.levels]):
            raise SafeValueError("a role stands twice among the levels; give each once")
        return self

    def references(self) -> Iterator[Reference]:
        for place, level in enumerate(self.levels):
            yield Reference("roles", level.role, f"/levels/{place}/role")


class SharingRules(Item):
    """What must hold before somebody's words are shared, and for how long they then are."""

    title: Label
    two_persons: bool = True
    months: Annotated[int, Field(ge=1, le=120)] = 24
