"""Where the indicator service's tables are registered, beside its copy of the platform's."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.tables import copy_into, platform

_registry = registry()
metadata = _registry.metadata
metadata.naming_convention = platform.naming_convention
copy_into(metadata)


class Table(SQLModel, registry=_registry):
    """The base of every table of this service."""


def text(*, nullable: bool = False, **more: Any) -> Any:
    return Field(sa_column=sa.Column(sa.Text, nullable=nullable, **more))


def key(**more: Any) -> Any:
    # Compared byte by byte: the order of a page is then the order of the codes, and the index twice as fast.
    return Field(sa_column=sa.Column(sa.Text(collation="C"), primary_key=True, **more))


def number() -> Any:
    return Field(default=None, sa_column=sa.Column(sa.Numeric, nullable=True))


def moment() -> Any:
    return Field(sa_column=sa.Column(sa.DateTime(timezone=True), nullable=False))
