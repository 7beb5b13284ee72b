"""The flat tables described."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field

from shared.extracts.tables import ColumnKind, Table
from shared.schemas.base import OutModel
from shared.schemas.figures import ValueStatus


class ColumnOut(OutModel):
    name: str
    kind: ColumnKind
    nullable: bool
    about: str


class TableOut(OutModel):
    """A flat table: where it is as CSV, and its name in the OData feed."""

    name: str
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


class FigureChangeOut(OutModel):
    """A figure as it stands, and the act it came by."""

    indicator: str
    area: str
    period: str
    breakdown: str | None = Field(description="null is the total")
    value: float | None
    numerator: float | None
    denominator: float | None
    value_status: ValueStatus | None
    provisional: bool
    revised: bool
    definition_version: int
    revision: int
    source_ref: str | None
    recorded_at: datetime
    position: int = Field(description="of the act in the activity log")
    removed: bool = Field(description="a tombstone: the figure was withdrawn")


class ChangesOut(OutModel):
    """The next changes in the order of the activity log."""

    items: list[FigureChangeOut]
    next: str = Field(description="give this as `after` next time, at once where there is more, else later")
    more: bool
