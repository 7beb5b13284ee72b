"""What a record said before a change: kept beside it, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.schemas.base import OutModel


class VersionOut(OutModel):
    """A record as it was, until whom and when, and why it was changed."""

    version: int
    content: dict[str, Any]
    reason: str | None
    valid_from: datetime
    superseded_at: datetime
    superseded_by: str


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


async def read_versions(session: AsyncSession, history: sa.Table, key: str, record: UUID) -> list[VersionOut]:
    """The earlier versions of a record, the newest first."""
    statement = sa.select(history).where(history.c[key] == record).order_by(history.c.version.desc())
    return [VersionOut.model_validate(row) for row in (await session.execute(statement)).all()]
