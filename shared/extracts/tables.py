"""A flat table as Power BI, Excel and a data warehouse load it: columns, key, and its name in OData."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

ColumnKind = Literal["text", "number", "integer", "boolean", "date", "moment"]


class Column(NamedTuple):
    """One column; `about` says what it holds."""

    name: str
    kind: ColumnKind
    about: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """A flat table; `entity_set` is its name in OData."""

    name: str
    entity_set: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def key_column(name: str, about: str) -> Column:
    """A text that is part of the key."""
    return Column(name, "text", about, nullable=False)
