"""The sealer gives every activity row a position and a hash chained to the one before."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.canonical import canonical
from shared.database import Database, driver_connection
from shared.logging import get_logger
from shared.tables import activity_head
from shared.telemetry import Lag

_log = get_logger(__name__)
_BATCH = 1000
# For the driver: every deed of every service comes by here.
_PENDING = """
SELECT * FROM activity WHERE id IN (SELECT activity_id FROM activity_pending LIMIT $1) ORDER BY id
"""
_SEAL = """
WITH sealed AS (
  INSERT INTO activity_seal (position, activity_id, hash) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bytea[])),
taken AS (DELETE FROM activity_pending WHERE activity_id = ANY($2::uuid[]))
UPDATE activity_head SET position = $4, hash = $5, sealed_at = clock_timestamp() WHERE id = 1
"""


@dataclass(frozen=True)
class Head:
    epoch: UUID
    position: int
    hash: bytes


def chain(previous: bytes, position: int, row: Mapping[Any, Any]) -> bytes:
    """SHA-256 over the previous hash, the position and all of the row but its salt, which erasure may drop."""
    return hashlib.sha256(previous + position.to_bytes(8, "big") + _sealed(row)).digest()


def rest_of(position: int, seal: bytes, row: Mapping[Any, Any]) -> bytes:
    """SHA-256 over a sealed row's place, its seal and what an erasure has left of it."""
    return hashlib.sha256(position.to_bytes(8, "big") + seal + _sealed(row)).digest()


def _sealed(row: Mapping[Any, Any]) -> bytes:
    content: dict[str, Any] = {
        "id": str(row["id"]),
        "at": row["at"].isoformat(),
        "actor": row["actor"],
        "action": row["action"],
        "subject_type": row["subject_type"],
        "subject_id": row["subject_id"],
        "unit": row["unit"],
        "reason": row["reason"],
        "request_id": row["request_id"],
        "digest": row["digest"].hex(),
        "data": row["data"],
    }
    return canonical(content)


async def lock_head(session: AsyncSession) -> Head:
    """Take the chain's head for this transaction, in a statement of its own so that what follows sees its rows."""
    statement = sa.select(activity_head.c.epoch, activity_head.c.position, activity_head.c.hash).where(
        activity_head.c.id == 1
    )
    row = (await session.execute(statement.with_for_update())).one()
    return Head(row.epoch, row.position, row.hash)


async def read_head(session: AsyncSession) -> Head:
    row = (
        await session.execute(sa.select(activity_head.c.epoch, activity_head.c.position, activity_head.c.hash))
    ).one()
    return Head(row.epoch, row.position, row.hash)


async def seal_once(database: Database) -> int:
    """Seal up to a thousand rows; returns how many."""
    async with database.transaction() as session:
        head = await lock_head(session)
        connection = await driver_connection(session)
        rows = await connection.fetch(_PENDING, _BATCH)
        if not rows:
            return 0
        hashes, previous = [], head.hash
        for position, row in enumerate(rows, head.position + 1):
            previous = chain(previous, position, row)
            hashes.append(previous)
        position = head.position + len(rows)
        positions = range(head.position + 1, position + 1)
        await connection.execute(_SEAL, list(positions), [row["id"] for row in rows], hashes, position, previous)
    # The head leaves the database with the log line: a rewritten chain cannot also rewrite the log store.
    _log.info("activity_sealed", position=position, head=previous.hex(), sealed=len(rows))
    return len(rows)


async def seal_all(database: Database) -> None:
    """Seal until nothing is pending (used before a publication quotes the head)."""
    while await seal_once(database) == _BATCH:
        pass


async def run_sealer(database: Database, every_seconds: float, lag: Lag) -> None:
    """Seal for ever; a database that is away only delays sealing."""
    while True:
        sealed = 0
        try:
            sealed = await seal_once(database)
            lag.done()
        except Exception as error:
            _log.warning("sealer_waits", error=type(error).__name__)
        if sealed < _BATCH:
            await asyncio.sleep(every_seconds)
