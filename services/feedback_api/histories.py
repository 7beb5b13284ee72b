"""What a record said in each of its versions, kept beside it and read back: who changed it, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import eq
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from fastapi import Request, Response
from pydantic import Field
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.paging import Cursor, Page, cut_page, link_header
from shared.schemas.base import OutModel

# The reason of a version that its source made; people give their own.
SOURCE = "source"
_ALWAYS_OTHER = ("version", "changed_at")
# What a version said of each field, whatever form it has.
Said = Mapping[str, Any]


def content_of(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named columns as JSON has them."""
    found: dict[str, Any] = to_jsonable_python({name: row[name] for name in names})
    return found


async def keep_version(
    session: AsyncSession, caller: Caller, history: sa.Table, key: str, row: Mapping[str, Any],
    content: Mapping[str, Any], reason: str | None, now: datetime,
) -> None:  # fmt: skip
    """Keep what a locked record said, before it is written over."""
    values = {
        key: row["id"], "version": row["version"], "content": dict(content), "reason": reason,
        "valid_from": row["changed_at"], "superseded_at": now, "superseded_by": caller.subject,
    }  # fmt: skip
    await session.execute(sa.insert(history).values(values))


async def decided_here(
    session: AsyncSession, history: sa.Table, key: sa.Column[Any], record: UUID, present: Said, sent: Said,
    shape: Callable[[Said], Said] = dict, same: Callable[[Any, Any], bool] = eq,
) -> set[str]:  # fmt: skip
    """Of what a source sends anew the fields in which it says the same as before while people have decided otherwise.

    `present` and `sent` are of the form that `shape` gives to what the history kept.
    """
    statement = sa.select(history.c.content, history.c.reason).where(key == record).order_by(history.c.version)
    kept = [(shape(row.content), row.reason) for row in await session.execute(statement)]
    if all(reason == SOURCE for _, reason in kept):
        return set()
    before = last_sent(kept, present)
    return {
        name
        for name, value in sent.items()
        if name in before and same(before[name], value) and name in present and present[name] != value
    }


def last_sent(kept: Sequence[tuple[Said, str | None]], present: Said) -> dict[str, Any]:
    """What the source said last of each field: as it first came, and whatever its corrections changed since.

    Each version kept comes with the reason of the one that followed it.
    """
    versions = [*(said for said, _ in kept), present]
    found = dict(versions[0])
    for (before, reason), after in zip(kept, versions[1:], strict=True):
        if reason == SOURCE:
            found |= {name: value for name, value in after.items() if before.get(name) != value}
    return found


class Versioned(Protocol):
    """A record as it stands: always the newest version."""

    id: UUID
    version: int
    recorded_by: str
    changed_at: datetime


class RecordVersionOut(OutModel):
    """One version of a record."""

    version: int
    valid_from: datetime
    valid_to: datetime | None = Field(description="null for the version that stands")
    changed_by: str = Field(description="who made this version")
    reason: str | None = Field(description="why; `source` where the source sent it")
    changed: list[str] = Field(description="what differs from the version before")
    content: dict[str, Any]


async def read_versions(
    session: AsyncSession, history: sa.Table, key: sa.Column[Any], record: Versioned, content: dict[str, Any],
    at: Cursor,
) -> list[RecordVersionOut]:  # fmt: skip
    """A page of versions and one more, newest first."""
    upto = record.version if at.after is None else at.after[0]
    # Who made a version stands in the one before it, so one row more than the page and its sign of more is read.
    statement = sa.select(history).where(key == record.id, history.c.version < upto)
    older = (await session.execute(statement.order_by(history.c.version.desc()).limit(at.fetch + 1))).all()
    said: list[tuple[int, datetime, datetime | None, dict[str, Any]]] = []
    if at.after is None:
        said.append((record.version, record.changed_at, None, content))
    said += [(row.version, row.valid_from, row.superseded_at, row.content) for row in older]
    made = {row.version + 1: row for row in older}
    versions = []
    for place, (version, since, until, text) in enumerate(said[: at.fetch]):
        maker = made.get(version)
        before = said[place + 1][3] if place + 1 < len(said) else None
        versions.append(
            RecordVersionOut(
                version=version, valid_from=since, valid_to=until, content=text, changed=_changed(before, text),
                changed_by=maker.superseded_by if maker is not None else record.recorded_by,
                reason=maker.reason if maker is not None else None,
            )
        )  # fmt: skip
    return versions


def _changed(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    if before is None:
        return []
    names = (before.keys() | after.keys()) - set(_ALWAYS_OTHER)
    return sorted(name for name in names if before.get(name) != after.get(name))


def versions_page(request: Request, versions: Sequence[RecordVersionOut], at: Cursor) -> Response:
    page, following = cut_page(versions, at, lambda one: (one.version,))
    answer = Page[RecordVersionOut](items=list(page), next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
