"""Roles with their scopes, read from the files, and how long each sort of record is kept, which is applied."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.schemas.base import Label, Text
from shared.schemas.framework.fields import Item

Scope = Annotated[
    str, StringConstraints(pattern=r"^(audit|indicator|feedback|reporting|framework|activity|privacy):[a-z_]{1,40}$")
]


class Role(Item):
    """What a caller in this role may do; how far across the council it reaches is in the caller's token."""

    title: Label
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=60)]
    needs_unit: bool = False


class Retention(Item):
    """How long a sort of record is kept, counted from what, and on which ground."""

    what: Text
    keep_years: Annotated[int, Field(ge=0, le=120)]
    counted_from: Label
    basis: Text
