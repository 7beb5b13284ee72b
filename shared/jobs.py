"""Work that outlives a request: rows claimed with a lease, finished by whoever still holds it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.ids import new_id
from shared.logging import get_logger
from shared.tables import job

_log = get_logger(__name__)
LEASE_SECONDS = 60
# Often enough for whoever watches a job, and for one that was cancelled to end soon.
BEAT_SECONDS = 2.0


@dataclass
class Progress:
    """How far a job has come, as its own worker can tell at any moment; None where it cannot."""

    measure: Callable[[], int] | None = None

    def done(self) -> int | None:
        return None if self.measure is None else self.measure()


@dataclass(frozen=True)
class Claim:
    """A job this worker holds until the lease ends; owner and attempt fence its finish."""

    id: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]
    owner: UUID
    attempt: int
    progress: Progress = field(default_factory=Progress, compare=False)


class LeaseLost(Exception):
    """Another worker has the job now; what this one did must be rolled back."""


async def enqueue(
    session: AsyncSession,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    created_by: str,
    total: int | None = None,
) -> UUID | None:
    """Put a job in the queue once per kind and key; None where it is already there."""
    statement = (
        insert(job)
        .values(id=new_id(), kind=kind, key=key, payload=dict(payload), created_by=created_by, total=total)
        .on_conflict_do_nothing(index_elements=["kind", "key"])
        .returning(job.c.id)
    )
    created: UUID | None = (await session.execute(statement)).scalar_one_or_none()
    return created


# A job that kills its worker each time never comes to `give_back`; its attempts are counted here too.
_SPENT = sa.text(
    """
    UPDATE job SET status = 'failed', owner = NULL, lease_until = NULL, last_fault = 'lease_expired',
                   finished_at = clock_timestamp()
    WHERE kind = ANY(:kinds) AND status = 'running' AND lease_until < clock_timestamp() AND attempt >= max_attempts
    """
)

_CLAIM = sa.text(
    """
    UPDATE job SET status = 'running', owner = :owner, attempt = attempt + 1, done = 0,
                   lease_until = clock_timestamp() + make_interval(secs => :lease)
    WHERE id = (
      SELECT id FROM job
      WHERE kind = ANY(:kinds) AND not_before <= clock_timestamp()
        AND (status = 'queued' OR (status = 'running' AND lease_until < clock_timestamp()))
      ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, key, payload, owner, attempt
    """
)


async def claim(database: Database, kinds: list[str], lease: int = LEASE_SECONDS) -> Claim | None:
    """Take the next due job by the database's clock; a job whose worker died is due again when its lease ends."""
    async with database.transaction() as session:
        await session.execute(_SPENT, {"kinds": kinds})
        row = (await session.execute(_CLAIM, {"owner": uuid4(), "lease": lease, "kinds": kinds})).one_or_none()
        return None if row is None else Claim(*row)


async def extend(database: Database, held: Claim, done: int | None = None, lease: int = LEASE_SECONDS) -> None:
    """Heartbeat; raises LeaseLost when the job is no longer ours."""
    async with database.transaction() as session:
        values: dict[str, Any] = {
            "lease_until": sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, lease)
        }
        if done is not None:
            values["done"] = done
        await _fenced(session, held, values)


async def finish(session: AsyncSession, held: Claim, result: Mapping[str, Any] | None = None) -> None:
    """Mark it done inside the transaction that stores its outcome; raises LeaseLost (and so rolls that back)."""
    await _fenced(
        session,
        held,
        {
            "status": "succeeded", "owner": None, "lease_until": None, "result": dict(result or {}),
            "done": sa.func.coalesce(job.c.total, job.c.done), "finished_at": sa.func.clock_timestamp(),
        },
    )  # fmt: skip


async def give_back(database: Database, held: Claim, fault: str, wait_seconds: float) -> None:
    """Return it after a failure: again later, or failed for good when its attempts are used up."""
    async with database.transaction() as session:
        spent = job.c.attempt >= job.c.max_attempts
        await _fenced(
            session,
            held,
            {
                "status": sa.case((spent, "failed"), else_="queued"), "owner": None, "lease_until": None,
                "last_fault": fault[:200],
                "not_before": sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, wait_seconds),
                "finished_at": sa.case((spent, sa.func.clock_timestamp()), else_=sa.null()),
            },
        )  # fmt: skip


async def fail(session: AsyncSession, held: Claim, fault: str, result: Mapping[str, Any]) -> None:
    """End it for good where doing it again would fail again; raises LeaseLost."""
    ended = {"status": "failed", "owner": None, "lease_until": None, "finished_at": sa.func.clock_timestamp()}
    await _fenced(session, held, {**ended, "last_fault": fault[:200], "result": dict(result)})


async def cancel(session: AsyncSession, job_id: UUID) -> bool:
    """Call a job off, whether it waits or runs; False where it has ended.

    A worker that has it loses its lease: its heartbeat stops it, and its last transaction is rolled back.
    """
    statement = (
        sa.update(job)
        .where(job.c.id == job_id, job.c.status.in_(["queued", "running"]))
        .values(status="cancelled", owner=None, lease_until=None, finished_at=sa.func.clock_timestamp())
        .returning(job.c.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def queue_again(session: AsyncSession, job_id: UUID, payload: Mapping[str, Any], created_by: str) -> bool:
    """Put a job that failed or was cancelled in the queue anew, with all its attempts; False for any other."""
    statement = (
        sa.update(job)
        .where(job.c.id == job_id, job.c.status.in_(["failed", "cancelled"]))
        .values(
            status="queued", payload=dict(payload), created_by=created_by, attempt=0, done=0, result=None,
            last_fault=None, not_before=sa.func.clock_timestamp(), finished_at=None,
        )
        .returning(job.c.id)
    )  # fmt: skip
    return (await session.execute(statement)).one_or_none() is not None


async def _fenced(session: AsyncSession, held: Claim, values: Mapping[str, Any]) -> None:
    changed = await session.execute(
        sa.update(job)
        .where(job.c.id == held.id, job.c.owner == held.owner, job.c.attempt == held.attempt)
        .values(**values)
        .returning(job.c.id)
    )
    if changed.one_or_none() is None:
        raise LeaseLost(held.kind)


Work = Callable[[Claim], Awaitable[None]]


async def run_jobs(
    database: Database, work: Mapping[str, Work], idle_seconds: float = 2.0, lease: int = LEASE_SECONDS
) -> None:
    """Claim and do jobs for ever; the work itself calls `finish` in its own last transaction."""
    while True:
        try:
            held = await claim(database, list(work), lease)
        except Exception as error:
            _log.warning("jobs_wait", error=type(error).__name__)
            held = None
        if held is None:
            await asyncio.sleep(idle_seconds)
            continue
        await do_job(database, work[held.kind], held, min(BEAT_SECONDS, lease / 4), lease)


async def do_job(
    database: Database, work: Work, held: Claim, beat_seconds: float = BEAT_SECONDS, lease: int = LEASE_SECONDS
) -> None:
    """Run one job under a heartbeat; a failure gives it back, a lost lease is left to the new owner."""
    ended = asyncio.Event()
    working = asyncio.ensure_future(work(held))
    beating = asyncio.create_task(_beat(database, held, beat_seconds, lease, ended))
    try:
        await asyncio.wait([working, beating], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            # The heartbeat ends by itself only where the job is no longer ours.
            await _stop(working)
            raise LeaseLost(held.kind)
        await working
    except LeaseLost:
        _log.warning("lease_lost", kind=held.kind)
    except Exception as error:
        _log.error("job_failed", kind=held.kind, exc_info=error)
        with suppress(Exception):
            await give_back(database, held, type(error).__name__, wait_seconds=min(300.0, 5.0 * 2**held.attempt))
    finally:
        ended.set()
        await _stop(working)
        await beating


async def _stop(task: asyncio.Future[None]) -> None:
    """Cancel a task and wait until it has cleaned up; what became of it was read where it matters."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()


async def _beat(database: Database, held: Claim, seconds: float, lease: int, ended: asyncio.Event) -> None:
    """Never cancelled in the middle of a statement, so that its connection stays whole."""
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), seconds)
        if ended.is_set():
            return
        try:
            await extend(database, held, held.progress.done(), lease)
        except LeaseLost:
            return
        except Exception as error:
            _log.warning("heartbeat_missed", error=type(error).__name__)
