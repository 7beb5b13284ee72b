"""Participation: methods, the stages of commissioning, and the commitments of the strategy (R10, R12, R14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from shared.schemas.base import Code, Label, LocalDate, Text
from shared.schemas.framework.fields import Item, Lasting, Reference


class ParticipationMethod(Lasting, Item):
    """A way of involving people; where it is also a `channel`, people involved by it are heard through that channel."""

    name: Label
    description: Text | None = None
    channel: Code | None = None

    def references(self) -> Iterator[Reference]:
        if self.channel:
            yield Reference("channels", self.channel, "/channel")


class CommissioningStage(Lasting, Item):
    """A stage of commissioning in which people are to be involved; `owner_role` is asked to act where none was."""

    name: Label
    order: Annotated[int, Field(ge=1, le=20)]
    description: Text | None = None
    owner_role: Code | None = None

    def references(self) -> Iterator[Reference]:
        if self.owner_role:
            yield Reference("roles", self.owner_role, "/owner_role")


class ParticipationCommitment(Lasting, Item):
    """Something the participation strategy promises: what, how one will see that it is done, whose, and by when."""

    title: Label
    promise: Text
    seen_by: Text
    owner_role: Code
    owner_unit: Code | None = None
    due_on: LocalDate

    def references(self) -> Iterator[Reference]:
        yield Reference("roles", self.owner_role, "/owner_role")
        if self.owner_unit:
            yield Reference("units", self.owner_unit, "/owner_unit")
