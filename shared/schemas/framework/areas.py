"""Areas on the map and the versioned sets of areas that figures are set against."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import AreaCode, Label, LocalDate, Text
from shared.schemas.framework.fields import Item, Lasting, Part, Reference, repeated

LaNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]


class AreaKind(StrEnum):
    """What sort of area it is."""

    country = "country"
    region = "region"
    local_authority = "local_authority"
    former_local_authority = "former_local_authority"


class SuccessorArea(Part):
    """An area that took over all or part of another; a series runs across only on the same footprint."""

    area: AreaCode
    same_footprint: bool
    note: Text | None = None


class Area(Lasting, Item):
    """A country, region or local authority by its ONS code.

    `former_codes` are earlier codes of the same footprint, or of one so near that one series is published
    (a `footprint_note` says so): figures under them belong to this area.
    """

    code: AreaCode
    name: Label
    kind: AreaKind
    la_number: LaNumber | None = None
    region: AreaCode | None = None
    former_codes: Annotated[tuple[AreaCode, ...], Field(max_length=10)] = ()
    successors: Annotated[tuple[SuccessorArea, ...], Field(max_length=10)] = ()
    footprint_note: Text | None = None

    @model_validator(mode="after")
    def _stands_in_a_region(self) -> Self:
        authority = self.kind in (AreaKind.local_authority, AreaKind.former_local_authority)
        if authority != (self.la_number is not None) or authority != (self.region is not None):
            raise SafeValueError("a local authority has an la_number and a region; a country or region has neither")
        if (self.kind is AreaKind.former_local_authority) != (self.valid_to is not None):
            raise SafeValueError("a former local authority has a valid_to, and no other area does")
        return self

    def references(self) -> Iterator[Reference]:
        if self.region:
            yield Reference("areas", self.region, "/region")
        for place, successor in enumerate(self.successors):
            yield Reference("areas", successor.area, f"/successors/{place}/area")


class ComparatorKind(StrEnum):
    """What sort of company an area is set beside."""

    nation = "nation"
    region = "region"
    statistical_neighbours = "statistical_neighbours"
    national_peers = "national_peers"
    natsip_peer = "natsip_peer"


class Member(Part):
    """One member of a set; rank 1 is the closest where the model ranks them."""

    area: AreaCode
    rank: Annotated[int, Field(ge=1, le=200)] | None = None


class ComparatorSet(Item):
    """A versioned set of areas under one model.

    It applies to periods whose last day lies from `applies_from` to `applies_to`, both included. A set whose
    members are not published says so in `members_unknown`, and nothing is set beside it until they are.
    """

    name: Label
    kind: ComparatorKind
    model: Label
    version: Label
    subject: AreaCode | None = None
    members: Annotated[tuple[Member, ...], Field(max_length=200)] = ()
    members_unknown: Text | None = None
    applies_from: LocalDate | None = None
    applies_to: LocalDate | None = None

    @model_validator(mode="after")
    def _sets_an_area_beside_others(self) -> Self:
        codes = [member.area for member in self.members]
        if bool(codes) == (self.members_unknown is not None):
            raise SafeValueError("a set lists its members, or says in members_unknown why it cannot; one of the two")
        if repeated(codes):
            raise SafeValueError("an area is a member twice; remove one")
        if self.subject in codes:
            raise SafeValueError("the subject is a member of its own set; no area is set beside itself")
        if repeated([str(member.rank) for member in self.members if member.rank]):
            raise SafeValueError("two members have the same rank; correct one")
        if self.kind is ComparatorKind.statistical_neighbours and self.subject is None:
            raise SafeValueError("statistical neighbours are somebody's: name the subject area")
        if self.applies_from and self.applies_to and self.applies_to < self.applies_from:
            raise SafeValueError("applies_to lies before applies_from; correct one of the two dates")
        return self

    def references(self) -> Iterator[Reference]:
        if self.subject:
            yield Reference("areas", self.subject, "/subject")
        for place, member in enumerate(self.members):
            yield Reference("areas", member.area, f"/members/{place}/area")
