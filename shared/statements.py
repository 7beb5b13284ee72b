"""Statements that are asked all day: written once with SQLAlchemy, kept as the text the driver takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects.postgresql.asyncpg import dialect

_DIALECT = dialect()  # type: ignore[no-untyped-call]


class Statement:
    """A compiled statement; each time only its values are put in the driver's order."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.text = str(compiled)
        self._fixed = compiled.params
        self._names: list[str] = list(compiled.positiontup or ())

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values by the names of the statement's parameters, in the order of their places."""
        known = {**self._fixed, **given}
        return [known[name] for name in self._names]


def places(columns: Iterable[sa.Column[Any]], first: int, many: bool = False) -> str:
    """A typed parameter for each column, the first with that number; `many` are arrays, for `unnest`."""
    kinds = (column.type.compile(dialect=_DIALECT) + ("[]" if many else "") for column in columns)
    return ", ".join(f"${number}::{kind}" for number, kind in enumerate(kinds, first))


def rows_in_json(*rows: Mapping[str, Any]) -> str:
    """Rows as `jsonb_populate_recordset` reads them; bytes stand in PostgreSQL's own notation."""
    return to_json([{name: _as_text(value) for name, value in row.items()} for row in rows]).decode()


def _as_text(value: Any) -> Any:
    return "\\x" + value.hex() if isinstance(value, bytes) else value
