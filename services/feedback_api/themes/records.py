"""The records that speak of themes: how each kind is found, which of its texts are its words, how a change is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Complaint, Compliment, View, table_of
from shared.auth.caller import Caller
from shared.organisation.units import require_visible
from shared.problems import NotFound

RecordKind = Literal["view", "complaint", "compliment"]


@dataclass(frozen=True)
class Kind:
    """How one kind of record is stored."""

    name: RecordKind
    table: sa.Table
    key: str
    day: str
    words: tuple[str, ...]
    # The statement that puts the record, with all that hangs on it, into its history.
    keep: str


_COPY = """
INSERT INTO {kind}_history ({kind}_id, version, content, reason, valid_from, superseded_at, superseded_by)
SELECT one.id, one.version, to_jsonb(one) - CAST(:without AS text[]) || {parts}, :reason, one.changed_at, :now, :by
FROM {kind} one WHERE one.id = :id
"""
_LINKS = """jsonb_build_object('links', coalesce(
  (SELECT jsonb_agg(jsonb_build_array(kind, ref) ORDER BY kind, ref) FROM view_link WHERE view_id = one.id), '[]'))"""
_CASE = """jsonb_build_object(
  'stages', coalesce((SELECT jsonb_agg(to_jsonb(part) - CAST(:apart AS text[]) ORDER BY position)
                      FROM complaint_stage part WHERE complaint_id = one.id), '[]'),
  'extensions', coalesce((SELECT jsonb_agg(to_jsonb(part) - CAST(:apart AS text[]) ORDER BY id)
                          FROM complaint_extension part WHERE complaint_id = one.id), '[]'),
  'freezes', coalesce((SELECT jsonb_agg(to_jsonb(part) - CAST(:apart AS text[]) ORDER BY from_on)
                       FROM complaint_freeze part WHERE complaint_id = one.id), '[]'))"""
_NOT_KEPT = {
    "view": ["id", "version", "recorded_by", "recorded_at", "changed_at", "source_hash", "import_id"],
    "complaint": ["source_hash", "recorded_by", "recorded_at"],
    "compliment": ["id", "version", "recorded_by", "recorded_at", "changed_at", "source_hash", "respond_ref"],
}


def _kind(model: Any, key: str, day: str, words: tuple[str, ...], parts: str) -> Kind:
    table = table_of(model)
    name: RecordKind = model.__tablename__
    return Kind(name, table, key, day, words, _COPY.format(kind=name, parts=parts))


VIEW = _kind(View, "id", "given_on", ("what_works", "what_should_change"), _LINKS)
COMPLAINT = _kind(Complaint, "respond_ref", "received_on", ("learning", "improvement"), _CASE)
COMPLIMENT = _kind(Compliment, "respond_ref", "received_on", ("words",), "CAST('{}' AS jsonb)")
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (VIEW, COMPLAINT, COMPLIMENT)}


@dataclass(frozen=True)
class Record:
    """One record as far as its themes go."""

    kind: Kind
    id: UUID
    ref: str
    unit: str
    day: date
    version: int
    themes: tuple[str, ...]
    # Its texts by their field, empty ones left out.
    words: Mapping[str, str]


async def find_record(
    session: AsyncSession, caller: Caller, kind: Kind, key: UUID | str, *, lock: bool = False
) -> Record:
    """Raises NotFound where there is no such record or it belongs to units the caller does not see."""
    columns = [kind.table.c[name] for name in ("id", "unit", "version", "themes", kind.key, kind.day, *kind.words)]
    statement = sa.select(*columns).where(kind.table.c[kind.key] == key)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    words = {name: row[name] for name in kind.words if row[name]}
    return Record(
        kind, row["id"], str(row[kind.key]), row["unit"], row[kind.day], row["version"], tuple(row["themes"]), words
    )


async def set_themes(
    session: AsyncSession, caller: Caller, record: Record, themes: list[str], now: datetime, reason: str
) -> int:
    """Keep what a locked record said, give it these themes and answer its new version."""
    kept = {"without": _NOT_KEPT[record.kind.name], "reason": reason, "now": now, "by": caller.subject, "id": record.id}
    if record.kind is COMPLAINT:
        kept["apart"] = ["complaint_id", "recorded_by", "recorded_at"]
    await session.execute(sa.text(record.kind.keep), kept)
    table, version = record.kind.table, record.version + 1
    values = {"themes": themes, "version": version, "changed_at": now}
    await session.execute(sa.update(table).where(table.c.id == record.id).values(values))
    return version
