"""Writing the activity log: one row beside each deed, in the deed's own transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.database import driver_connection
from shared.ids import new_id
from shared.tables import read_log

# For the driver: every deed of every service writes this.
_COLUMNS = "id, actor, action, subject_type, subject_id, unit, reason, request_id, salt, digest, data"
_TYPES = ("uuid", *("text",) * 7, "bytea", "bytea", "text::jsonb")
DEED_VALUES = len(_TYPES)
_INSERT = """deed AS (
  INSERT INTO activity ({columns}) SELECT {places} {of}
  RETURNING id)
INSERT INTO activity_pending (activity_id) SELECT id FROM deed
"""


async def record_activity(
    session: AsyncSession,
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: str | UUID,
    *,
    content: Any = None,
    unit: str | None = None,
    reason: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> UUID:
    """Record who did what. `content` is only digested, bytes as they are and all else in its canonical form, with a
    salt of its own (dropping the salt erases the link);
    `data` is stored as it is and goes out in the feed, so it holds codes and counts, never a person's words.
    """
    values = deed_values(caller, action, subject_type, subject_id, content=content, unit=unit, reason=reason, data=data)
    await (await driver_connection(session)).execute(f"WITH {deed_in_sql(1)}", *values)
    found: UUID = values[0]
    return found


def deed_in_sql(first: int, of: str = "") -> str:
    """The end of a statement that records a deed, whose first value has that number; it follows `WITH` or a comma.

    `of` names what returns a row where something was done; where it returns none, no deed is recorded.
    """
    places = ", ".join(f"${number}::{kind}" for number, kind in enumerate(_TYPES, first))
    return _INSERT.format(columns=_COLUMNS, places=places, of=f"FROM {of}" if of else "")


def deed_values(
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: str | UUID,
    *,
    content: Any = None,
    unit: str | None = None,
    reason: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> list[Any]:
    """The values of that statement, the deed's id first; for a deed that is stored with what was done, at once."""
    salt = secrets.token_bytes(16)
    said = content if isinstance(content, bytes) else canonical(content)
    return [
        new_id(), caller.subject, action, subject_type, str(subject_id), unit, reason, caller.request_id, salt,
        hashlib.sha256(salt + said).digest(), canonical(dict(data or {})).decode(),
    ]  # fmt: skip


async def record_read(
    session: AsyncSession, caller: Caller, operation: str, subject_type: str, subject_id: str | UUID | None
) -> None:
    """Record that case-level data was read; kept apart from the feed."""
    await session.execute(
        sa.insert(read_log).values(
            id=new_id(),
            actor=caller.subject,
            operation=operation,
            subject_type=subject_type,
            subject_id=None if subject_id is None else str(subject_id),
            request_id=caller.request_id,
        )
    )
