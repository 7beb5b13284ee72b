"""Statements over the records of a kind and all that hangs from them, written from the foreign keys there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shared.privacy.holdings import Kind

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def key_of(table: sa.Table, row: str) -> str:
    """SQL for a row's primary key as a JSON array of texts."""
    return f"jsonb_build_array({', '.join(f'CAST({row}.{one.name} AS text)' for one in table.primary_key)})"


def plain_key(table: sa.Table, row: str) -> str:
    """The same as people write it: the parts of the key, divided by strokes."""
    return f"concat_ws('/', {', '.join(f'CAST({row}.{one.name} AS text)' for one in table.primary_key)})"


def chosen(metadata: sa.MetaData, kind: Kind, name: str) -> str:
    """The condition on a table of the kind that its record is one of `:keys`, whatever lies between."""
    base = _chosen(metadata, kind, name)
    # Names of our own tables and columns all the way down; what a caller gives is always a parameter.
    if (column := kind.follows.get(name)) is None:
        return base
    return (
        f"{name}.id IN (WITH RECURSIVE going AS (SELECT id FROM {name} WHERE {base}"  # noqa: S608
        f" UNION SELECT next.id FROM {name} next JOIN going ON next.{column} = going.id) SELECT id FROM going)"
    )


def _chosen(metadata: sa.MetaData, kind: Kind, name: str) -> str:
    if name == kind.table:
        columns = list(metadata.tables[name].primary_key)
        given = ", ".join(_read_back(place, one) for place, one in enumerate(columns))
        own = ", ".join(f"{name}.{one.name}" for one in columns)
        return f"({own}) IN (SELECT {given} FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS k)"  # noqa: S608
    ways = [
        f"({', '.join(f'{name}.{one}' for one in own)}) IN"  # noqa: S608
        f" (SELECT {', '.join(theirs)} FROM {parent} WHERE {chosen(metadata, kind, parent)})"
        for parent, own, theirs in _upwards(metadata, kind, name)
    ]
    assert ways, f"{name} hangs from no table of {kind.name}"
    return f"({' OR '.join(ways)})"


def _read_back(place: int, column: sa.Column[Any]) -> str:
    kind, _, collation = column.type.compile(_DIALECT).partition(" COLLATE ")
    return f"CAST(k ->> {place} AS {kind})" + (f" COLLATE {collation}" if collation else "")


def _upwards(metadata: sa.MetaData, kind: Kind, name: str) -> Iterator[tuple[str, list[str], list[str]]]:
    loose = {(one.table, one.column) for one in kind.loosened}
    for constraint in metadata.tables[name].foreign_key_constraints:
        parent = constraint.referred_table.name
        own = [one.name for one in constraint.columns]
        if parent in kind.tables and parent != name and not any((name, one) in loose for one in own):
            yield parent, own, [one.column.name for one in constraint.elements]


def loosening(metadata: sa.MetaData, kind: Kind) -> Iterator[str]:
    """What lets go of the records before they leave."""
    for one in kind.loosened:
        table = metadata.tables[one.table]
        target = next(iter(table.c[one.column].foreign_keys)).column
        also = f", {one.also}" if one.also else ""
        yield (
            f"UPDATE {one.table} SET {one.column} = NULL{also} WHERE {one.column} IN"  # noqa: S608
            f" (SELECT {target.name} FROM {target.table.name} WHERE {chosen(metadata, kind, target.table.name)})"
        )


def deletions(metadata: sa.MetaData, kind: Kind) -> Iterator[tuple[str, str]]:
    """A table and the statement that empties it of the chosen, in an order the foreign keys allow."""
    for table in reversed(metadata.sorted_tables):
        if table.name in kind.tables:
            yield table.name, f"DELETE FROM {table.name} WHERE {chosen(metadata, kind, table.name)}"  # noqa: S608


def beside(metadata: sa.MetaData, kind: Kind) -> Iterator[tuple[str, str]]:
    """The tables that hang from the records by no key, each with the condition that a row belongs to the chosen."""
    for name, where in kind.beside.items():
        yield name, f"({where.replace('{chosen}', chosen(metadata, kind, kind.table))})"


def on_hold(metadata: sa.MetaData, kind: Kind) -> str:
    """The condition that a legal hold stops the record `r`."""
    ways = [
        "h.scope = 'everything'",
        f"(h.scope = 'retention' AND h.reference = '{kind.retention}')",
        f"(h.scope = 'record' AND h.kind = '{kind.name}'"
        f" AND h.reference = {plain_key(metadata.tables[kind.table], 'r')})",
        *(f"({_scope(name)} AND ({where.format(ref='h.reference')}))" for name, where in kind.concerns.items()),
    ]
    return f"EXISTS (SELECT FROM legal_hold h WHERE h.lifted_at IS NULL AND ({' OR '.join(ways)}))"


def _scope(subject: str) -> str:
    return "h.scope = 'case'" if subject == "case" else f"h.scope = 'record' AND h.kind = '{subject}'"
