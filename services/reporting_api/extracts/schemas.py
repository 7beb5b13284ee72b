"""The flat tables described."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from shared.extracts.tables import ColumnKind, Table
from shared.schemas.base import OutModel


class ExtractColumnOut(OutModel):
    name: str
    kind: ColumnKind
    nullable: bool
    about: str


class ExtractOut(OutModel):
    """A flat table, where it is as a file, and its name in the OData feed."""

    name: str
    entity_set: str
    about: str
    key: list[str] = Field(description="stable: a row that comes again has the same")
    csv: str
    ndjson: str
    columns: list[ExtractColumnOut]

    @classmethod
    def of(cls, table: Table) -> Self:
        path = f"/v1/extracts/{table.name}"
        return cls(
            name=table.name, entity_set=table.entity_set, about=table.about, key=list(table.key), csv=f"{path}.csv",
            ndjson=f"{path}.ndjson", columns=[ExtractColumnOut(**column._asdict()) for column in table.columns],
        )  # fmt: skip


class ExtractsOut(OutModel):
    items: list[ExtractOut]
