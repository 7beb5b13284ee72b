"""Where the feedback service's tables are registered, beside its copy of the platform's, and what its records share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import class_mapper, registry
from sqlalchemy.orm.attributes import instance_state, set_attribute
from sqlmodel import Field, SQLModel

from shared.ids import new_id
from shared.tables import copy_into, platform

_registry = registry()
metadata = _registry.metadata
metadata.naming_convention = platform.naming_convention
copy_into(metadata)

MOMENT: Any = sa.DateTime(timezone=True)


def codes() -> Any:
    """A column of codes."""
    return Field(sa_type=ARRAY(sa.Text))


def text(**more: Any) -> Any:
    """A column of text."""
    return Field(sa_type=sa.Text, **more)


class Table(SQLModel, registry=_registry):
    """The base of every table of this service."""

    def __setattr__(self, name: str, value: Any) -> None:
        # A column is set where SQLAlchemy sees it; SQLModel would set it a second time, for what nobody asks of a row.
        if name not in _columns(type(self)):
            super().__setattr__(name, value)
        elif instance_state(self).transient:
            # What no session knows of yet has no past to compare with.
            self.__dict__[name] = value
        else:
            set_attribute(self, name, value)

    def as_row(self, *without: str) -> dict[str, Any]:
        """Its columns as they stand; `model_dump` asks SQLAlchemy for each of them."""
        held = self.__dict__
        return {name: held[name] for name in _columns(type(self)) if name not in without}

    @classmethod
    def unstored(cls, **values: Any) -> Self:
        """A row as the database would give it, its key included, for what is stored by a statement of its own.

        A constructor sets every column twice over, which takes as long as to store the row.
        """
        new, defaults = _beginnings(cls)
        row: Self = new()
        row.__dict__.update(defaults | values)
        return row


@cache
def _columns(model: type[Table]) -> dict[str, None]:
    """The names, in their order."""
    return dict.fromkeys(model.model_fields)


@cache
def _beginnings(model: type[Table]) -> tuple[Callable[[], Any], dict[str, Any]]:
    fields = model.model_fields.items()
    given = {name: field.default for name, field in fields if not field.is_required() and field.default_factory is None}
    return class_mapper(model).class_manager.new_instance, given


def table_of(model: type[Table]) -> sa.Table:
    """The table behind a model, for statements over its columns."""
    return metadata.tables[str(model.__tablename__)]


class Recorded(Table):
    """What every record of this service carries: its key, its version, who recorded it and when."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)
    # SHA-256 of what the source last sent: its export again changes nothing, whatever was corrected since.
    source_hash: bytes = Field(sa_type=sa.LargeBinary)
    unit: str = text()
    themes: list[str] = codes()


class FromRespond(Recorded):
    """What a complaint and a compliment share."""

    respond_ref: str = text()
    received_on: date
    agency: str | None = text(default=None, nullable=True)
    respondent_group: str | None = text(default=None, nullable=True)


class History(Table):
    """What a record said until it was changed; the record itself is always the newest version."""

    content: dict[str, Any] = Field(sa_type=JSONB)
    reason: str | None = text(default=None, nullable=True)
    valid_from: datetime = Field(sa_type=MOMENT)
    superseded_at: datetime = Field(sa_type=MOMENT)
    superseded_by: str = text()
