"""Role families and registration bodies: which checks a post requires, and who keeps which register (R45)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label
from shared.schemas.framework.fields import Item, Lasting, Part, Reference


class RegistrationKind(StrEnum):
    """What a member of staff may have to hold; an enhanced check covers a basic one."""

    dbs_basic = "dbs_basic"
    dbs_enhanced = "dbs_enhanced"
    professional_registration = "professional_registration"


class RegistrationBody(Item):
    """A body that registers a profession."""

    name: Label
    aliases: Annotated[tuple[Label, ...], Field(max_length=20)] = ()


class RequiredCheck(Lasting, Part):
    """A check that every post of a family requires; a registration names the bodies, any one of which will do."""

    kind: RegistrationKind
    bodies: Annotated[tuple[Code, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _a_registration_is_with_a_body(self) -> Self:
        if (self.kind is RegistrationKind.professional_registration) != bool(self.bodies):
            raise SafeValueError("a professional registration names its bodies, and no other check does")
        return self


class RoleFamily(Item):
    """Posts that require the same checks; without any, what the source system lists is what is required."""

    name: Label
    requires: Annotated[tuple[RequiredCheck, ...], Field(max_length=10)] = ()

    def references(self) -> Iterator[Reference]:
        for place, check in enumerate(self.requires):
            for at, body in enumerate(check.bodies):
                yield Reference("registration_bodies", body, f"/requires/{place}/bodies/{at}")


class RegistrationCount(Part):
    """How the register answers an indicator: which checks, of which role families (of all if none), and what of them.

    `valid` gives those valid over those required; `expiring` those that lapse within 30, 60 and 90 days.
    """

    kinds: Annotated[tuple[RegistrationKind, ...], Field(min_length=1, max_length=3)]
    role_families: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    expiring: bool = False
