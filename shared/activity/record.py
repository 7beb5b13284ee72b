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
_INSERT = """
WITH deed AS (
  INSERT INTO activity (id, actor, action, subject_type, subject_id, unit, reason, request_id, salt, digest, data)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb)
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
    """Record who did what. `content` is only digested, with a salt of its own (dropping the salt erases the link);
    `data` is stored as it is and goes out in the feed, so it holds codes and counts, never a person's words.
    """
    salt = secrets.token_bytes(16)
    deed = new_id()
    connection = await driver_connection(session)
    await connection.execute(
        _INSERT, deed, caller.subject, action, subject_type, str(subject_id), unit, reason, caller.request_id, salt,
        hashlib.sha256(salt + canonical(content)).digest(), canonical(dict(data or {})).decode(),
    )  # fmt: skip
    return deed


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
