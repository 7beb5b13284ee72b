"""Where the audit service's tables are registered, beside its copy of the platform's."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.tables import copy_into, platform

_registry = registry()
metadata = _registry.metadata
metadata.naming_convention = platform.naming_convention
copy_into(metadata)

TEXT: Any = sa.Text
SMALL: Any = sa.SmallInteger
MOMENT: Any = sa.DateTime(timezone=True)
TEXTS: Any = ARRAY(sa.Text)


class Table(SQLModel, registry=_registry):
    """The base of every table of this service."""


def table_of(model: type[Table]) -> sa.Table:
    """The plain table under a model, for statements that select columns."""
    return cast("sa.Table", model.__table__)  # type: ignore[attr-defined]
