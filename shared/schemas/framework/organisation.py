"""Organisation units, partner agencies and themes: the three kinds that all four services keep."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import AreaCode, Code, Label, LocalDate, Text
from shared.schemas.framework.fields import Item, Lasting, Reference

Aliases = Annotated[tuple[Label, ...], Field(max_length=20)]
Codes = Annotated[tuple[Code, ...], Field(max_length=200)]


class UnitKind(StrEnum):
    """The levels of the council, from the top."""

    council = "council"
    directorate = "directorate"
    service = "service"
    team = "team"

    @property
    def depth(self) -> int:
        """How far below the top the level stands."""
        return list(UnitKind).index(self)


class Unit(Lasting, Item):
    """A council, directorate, service or team, with its place, its life and what came after it."""

    name: Label
    kind: UnitKind
    parent: Code | None = None
    valid_from: LocalDate
    successors: Codes = ()
    aliases: Aliases = ()
    ons_code: AreaCode | None = None
    head_role: Label | None = None

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        top = self.kind is UnitKind.council
        if top == (self.parent is not None):
            raise SafeValueError("a council has no parent, and every other unit names one")
        if top == (self.ons_code is None):
            raise SafeValueError("a council gives its ons_code, and no other unit does")
        if self.successors and self.valid_to is None:
            raise SafeValueError("a unit with successors needs the last day it was in force, valid_to")
        return self

    def references(self) -> Iterator[Reference]:
        if self.parent:
            yield Reference("units", self.parent, "/parent")
        for place, code in enumerate(self.successors):
            yield Reference("units", code, f"/successors/{place}")


class AgencyKind(StrEnum):
    """What sort of partner an agency is."""

    council = "council"
    health = "health"
    police_and_justice = "police_and_justice"
    education = "education"
    voluntary = "voluntary"
    national = "national"


class Agency(Lasting, Item):
    """A partner agency that contributes audits, training figures, complaints or core data."""

    name: Label
    kind: AgencyKind
    aliases: Aliases = ()
    successors: Codes = ()

    def references(self) -> Iterator[Reference]:
        for place, code in enumerate(self.successors):
            yield Reference("agencies", code, f"/successors/{place}")


class ThemeScope(StrEnum):
    """Whether a theme was seen here or is known across the country."""

    local = "local"
    national = "national"


class Theme(Lasting, Item):
    """A subject under which findings, views and complaints from all services can be laid side by side.

    `indicators` are the figures that speak to it (R08).
    """

    name: Label
    scope: ThemeScope
    parent: Code | None = None
    description: Text
    superseded_by: Code | None = None
    keywords: Annotated[tuple[Label, ...], Field(max_length=40)] = ()
    indicators: Annotated[tuple[Code, ...], Field(max_length=20)] = ()

    def references(self) -> Iterator[Reference]:
        if self.parent:
            yield Reference("themes", self.parent, "/parent")
        if self.superseded_by:
            yield Reference("themes", self.superseded_by, "/superseded_by")
        for place, code in enumerate(self.indicators):
            yield Reference("indicators", code, f"/indicators/{place}")
