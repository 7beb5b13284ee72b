"""The bodies of imports that run as jobs: kept in pieces, read back through a spool, forgotten in the end."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.observations.files.spool import Spool
from shared.database import Database, driver_connection
from shared.settings import Settings

# How long a job that failed or was cancelled can be run again.
KEPT_DAYS = 14
_PIECE = 1 << 20
_chunk, _job = metadata.tables["import_body_chunk"], metadata.tables["job"]
_INSERT = "INSERT INTO import_body_chunk (job_id, number, content) VALUES ($1, $2, $3)"


class BodyLost(Exception):
    """What is stored is not what was sent."""


async def keep_body(session: AsyncSession, job_id: UUID, spool: Spool) -> None:
    """Store the body piece by piece; an empty one is a piece too."""
    connection = await driver_connection(session)
    number = 0
    while (piece := spool.file.read(_PIECE)) or not number:
        await connection.execute(_INSERT, job_id, number, piece)
        number += 1


@asynccontextmanager
async def body_of(database: Database, job_id: UUID, settings: Settings) -> AsyncIterator[Spool]:
    """The body of a job, rewound to its beginning."""
    digest, size, number = hashlib.sha256(), 0, 0
    directory = None if settings.spool_directory is None else str(settings.spool_directory)
    with tempfile.SpooledTemporaryFile(_PIECE, dir=directory) as file:
        async with database.snapshot() as session:
            while True:
                wanted = sa.select(_chunk.c.content).where(_chunk.c.job_id == job_id, _chunk.c.number == number)
                piece = (await session.execute(wanted)).scalar_one_or_none()
                if piece is None:
                    break
                digest.update(piece)
                file.write(piece)
                size, number = size + len(piece), number + 1
        file.seek(0)
        yield Spool(file, size, digest.digest())


async def forget_body(session: AsyncSession, job_id: UUID) -> None:
    await session.execute(sa.delete(_chunk).where(_chunk.c.job_id == job_id))


async def forget_old_bodies(database: Database) -> int:
    """Delete the bodies of jobs that ended long ago; returns of how many."""
    old = _job.c.finished_at < sa.func.now() - sa.text(f"interval '{KEPT_DAYS} days'")
    ended = sa.select(_job.c.id).where(old, _job.c.status.in_(["failed", "cancelled", "succeeded"]))
    async with database.transaction() as session:
        gone = await session.execute(sa.delete(_chunk).where(_chunk.c.job_id.in_(ended)).returning(_chunk.c.job_id))
        return len(set(gone.scalars()))
