"""The flat tables described."""

from __future__ import annotations

from typing import Self

from services.indicator_api.exports.tables import ColumnKind, Table, TableName
from shared.schemas.base import OutModel


class ColumnOut(OutModel):
    name: str
    kind: ColumnKind
    nullable: bool
    about: str


class TableOut(OutModel):
    """A flat table: where it is as CSV, and its name in the OData feed."""

    name: TableName
    entity_set: str
    about: str
    key: list[str]
    columns: list[ColumnOut]

    @classmethod
    def of(cls, table: Table) -> Self:
        return cls(
            name=table.name,
            entity_set=table.entity_set,
            about=table.about,
            key=list(table.key),
            columns=[ColumnOut(**column._asdict()) for column in table.columns],
        )


class TablesOut(OutModel):
    items: list[TableOut]
