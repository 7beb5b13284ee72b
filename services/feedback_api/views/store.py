"""Storing a new view with its links and its deed by one statement, which is a transaction by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.feedback_api.models import View, table_of
from shared.activity.record import deed_in_sql
from shared.framework.kept import STILL_STANDS
from shared.statements import places
from shared.work import Work

_COLUMNS = list(table_of(View).c)
_NAMES = [column.name for column in _COLUMNS]
_AFTER = len(_COLUMNS) + 1
# Values go in as they are, which costs PostgreSQL less than to read them from JSON.
_NEW = f"""WITH put AS (
  INSERT INTO view ({", ".join(_NAMES)}) SELECT {places(_COLUMNS, 1)}
  WHERE {STILL_STANDS.format(place=f"${_AFTER + 2}")} ON CONFLICT (source, source_ref) DO NOTHING RETURNING id),
links AS (
  INSERT INTO view_link (view_id, kind, ref)
  SELECT put.id, given.kind, given.ref
  FROM put, unnest(${_AFTER}::text[], ${_AFTER + 1}::text[]) AS given(kind, ref)),
{deed_in_sql(_AFTER + 3, of="put")}"""  # noqa: S608 - names of columns


async def store_new(
    work: Work, row: Mapping[str, Any], links: Sequence[tuple[str, str]], state: UUID, deed: Sequence[Any]
) -> bool:
    """Says whether it was stored: nothing is where its source has one of this reference already, or the framework is
    no longer as it was in that state."""
    kinds, refs = [kind for kind, _ in links], [ref for _, ref in links]
    return await work.write(_NEW, *(row.get(name) for name in _NAMES), kinds, refs, state, *deed)
