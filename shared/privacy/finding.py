"""Finding what is held of a subject: by its case, by its record, or where an account or staff number stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.privacy.holdings import Holdings, Kind, Mention
from shared.privacy.holds import check_kind
from shared.privacy.reach import chosen, key_of, on_hold, plain_key
from shared.privacy.schemas import SubjectIn


def conditions(holdings: Holdings, subject: SubjectIn, *, among_others: bool = False) -> Iterator[tuple[Kind, str]]:
    """Each kind that the subject may stand in, with the condition on its record `r`; `among_others` where it may be
    about other subjects too."""
    check_kind(holdings, subject.kind, "/subject/kind")
    for kind in holdings.kinds:
        wanted = subject.kind if subject.by == "record" else subject.by
        if subject.by == "record" and kind.name == subject.kind:
            yield kind, f"{plain_key(holdings.metadata.tables[kind.table], 'r')} = :ref"
        elif wanted in (subjects := kind.concerns if among_others else kind.subjects):
            yield kind, subjects[str(wanted)].format(ref=":ref")


def mentioning(mention: Mention) -> str:
    """The condition on its table that a row mentions `:ref`."""
    return mention.where.format(ref="CAST(:ref AS text)").replace("r.", f"{mention.table}.")


async def keys_where(
    session: AsyncSession, holdings: Holdings, kind: Kind, where: str, ref: str, *, lock: bool = False
) -> tuple[list[Any], int]:
    """The keys of the records and how many of them a legal hold keeps."""
    key = key_of(holdings.metadata.tables[kind.table], "r")
    held = on_hold(holdings.metadata, kind)
    end = " FOR UPDATE OF r" if lock else ""
    statement = f"SELECT {key} AS key, {held} AS held FROM {kind.table} r WHERE {where}{end}"  # noqa: S608
    clause = sa.text(statement).columns(key=JSONB, held=sa.Boolean)
    rows = (await session.execute(clause, {"ref": ref})).all()
    return [row.key for row in rows], sum(row.held for row in rows)


async def keys_beside(
    session: AsyncSession, holdings: Holdings, kind: Kind, where: str, ref: str, going: Sequence[Any]
) -> list[Any]:
    """The keys of the records that are not of the given ones, nor go with them."""
    table = holdings.metadata.tables[kind.table]
    given = chosen(holdings.metadata, kind, kind.table)
    going_too = f"SELECT {key_of(table, kind.table)} FROM {kind.table} WHERE {given}"  # noqa: S608
    key = key_of(table, "r")
    statement = f"SELECT {key} AS key FROM {kind.table} r WHERE ({where}) AND {key} NOT IN ({going_too})"  # noqa: S608
    clause = sa.text(statement).columns(key=JSONB)
    return list((await session.execute(clause, {"ref": ref, "keys": to_json(going).decode()})).scalars())


def where_staff_stand(holdings: Holdings) -> Iterator[tuple[str, str]]:
    """Each table in which an account or a staff number may stand, with the condition that this one does."""
    for table in holdings.metadata.sorted_tables:
        if table.name in ("activity", "read_log"):
            continue
        ways = [
            f":ref = ANY({column.name})" if isinstance(column.type, ARRAY) else f"{column.name} = :ref"
            for column in table.columns
            if column.name in holdings.staff and isinstance(column.type, ARRAY | sa.Text)
        ]
        if ways:
            yield table.name, " OR ".join(ways)
