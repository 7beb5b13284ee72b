"""Where the reporting service's tables are registered, beside its copy of the platform's."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.tables import copy_into, platform

_registry = registry()
metadata = _registry.metadata
metadata.naming_convention = platform.naming_convention
copy_into(metadata)


class Table(SQLModel, registry=_registry):
    """The base of every table of this service."""


def table_of(model: type[Table]) -> sa.Table:
    """The plain table under a model, for statements that select columns."""
    return cast("sa.Table", model.__table__)  # type: ignore[attr-defined]


def text(**keywords: Any) -> Any:
    return Field(sa_type=sa.Text, **keywords)


def texts() -> Any:
    return Field(sa_type=ARRAY(sa.Text), nullable=False)


def moment(**keywords: Any) -> Any:
    return Field(sa_type=sa.DateTime(timezone=True), **keywords)


def now() -> Any:
    return moment(default=None, nullable=False, sa_column_kwargs={"server_default": sa.text("clock_timestamp()")})


def one_of(column: str, words: tuple[str, ...]) -> str:
    """A check that a column holds one of a few words."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"
