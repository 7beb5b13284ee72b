"""The sealer gives every activity row a position and a hash chained to the one before."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.canonical import canonical
from shared.database import Database
from shared.logging import get_logger
from shared.tables import activity, activity_head, activity_pending, activity_seal

_log = get_logger(__name__)
_BATCH = 1000


@dataclass(frozen=True)
class Head:
    epoch: UUID
    position: int
    hash: bytes


def chain(previous: bytes, position: int, row: sa.RowMapping) -> bytes:
    """SHA-256 over the previous hash, the position and all of the row but its salt, which erasure may drop."""
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
    return hashlib.sha256(previous + position.to_bytes(8, "big") + canonical(content)).digest()


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
        pending = sa.select(activity_pending.c.activity_id).limit(_BATCH)
        rows = (
            (await session.execute(sa.select(activity).where(activity.c.id.in_(pending)).order_by(activity.c.id)))
            .mappings()
            .all()
        )
        if not rows:
            return 0
        seals, position, previous = [], head.position, head.hash
        for row in rows:
            position += 1
            previous = chain(previous, position, row)
            seals.append({"position": position, "activity_id": row["id"], "hash": previous})
        await session.execute(sa.insert(activity_seal), seals)
        await session.execute(
            sa.delete(activity_pending).where(activity_pending.c.activity_id.in_([row["id"] for row in rows]))
        )
        await session.execute(
            sa.update(activity_head).values(position=position, hash=previous, sealed_at=sa.func.clock_timestamp())
        )
    # The head leaves the database with the log line: a rewritten chain cannot also rewrite the log store.
    _log.info("activity_sealed", position=position, head=previous.hex(), sealed=len(rows))
    return len(rows)


async def seal_all(database: Database) -> None:
    """Seal until nothing is pending (used before a publication quotes the head)."""
    while await seal_once(database) == _BATCH:
        pass


class SealerLag:
    """Seconds since the sealer last did its work to the end, for the metrics; grows while the database is away."""

    def __init__(self) -> None:
        self._sealed_at = time.monotonic()

    def sealed(self) -> None:
        self._sealed_at = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._sealed_at


async def run_sealer(database: Database, every_seconds: float, lag: SealerLag) -> None:
    """Seal for ever; a database that is away only delays sealing."""
    while True:
        sealed = 0
        try:
            sealed = await seal_once(database)
            lag.sealed()
        except Exception as error:
            _log.warning("sealer_waits", error=type(error).__name__)
        if sealed < _BATCH:
            await asyncio.sleep(every_seconds)
