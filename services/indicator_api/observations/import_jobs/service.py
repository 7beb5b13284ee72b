"""Imports that run as jobs: taken in with their body, called off, and run again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.errors import ImportBodyForgotten, ImportJobEnded, ImportJobNotToRepeat
from services.indicator_api.models import metadata
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.import_jobs import queries
from services.indicator_api.observations.import_jobs.bodies import keep_body
from services.indicator_api.observations.service import Order
from shared import jobs
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.problems import NotFound

IMPORT = "import"
_order = metadata.tables["import_job"]


def powers_of(caller: Caller) -> dict[str, Any]:
    """What a job is done with, long after the caller's token has gone."""
    return {
        "subject": caller.subject, "roles": sorted(caller.roles), "scopes": sorted(caller.scopes),
        "unit": caller.unit, "request_id": caller.request_id,
    }  # fmt: skip


def caller_with(powers: Mapping[str, Any]) -> Caller:
    """The caller a job is done for."""
    roles, scopes = frozenset(powers["roles"]), frozenset(powers["scopes"])
    return Caller(powers["subject"], roles, scopes, powers["unit"], request_id=powers["request_id"])


async def post_job(session: AsyncSession, caller: Caller, spool: Spool, order: Order) -> UUID:
    """Queue an import with its body; both are there once the transaction is."""
    job_id = await jobs.enqueue(session, IMPORT, str(new_id()), powers_of(caller), caller.subject, spool.size)
    assert job_id is not None
    await session.execute(
        sa.insert(_order).values(
            id=job_id,
            kind=order.kind,
            mode=order.mode,
            dry_run=order.dry_run,
            provisional=order.provisional,
            reason=order.reason,
            mapping=order.mapping and order.mapping.code,
            mapping_version=order.mapping and order.mapping.version,
            body_hash=spool.digest,
            size=spool.size,
            unit=caller.unit,
        )
    )
    await keep_body(session, job_id, spool)
    await _record(session, caller, "import_job.queued", job_id)
    return job_id


async def cancel_job(session: AsyncSession, caller: Caller, job_id: UUID) -> None:
    """Call a job off; one that runs stores nothing. Raises ImportJobEnded where there is nothing left to call off."""
    if await queries.find_job(session, caller, job_id) is None:
        raise NotFound()
    if not await jobs.cancel(session, job_id):
        raise ImportJobEnded("It has ended; see its status.")
    await _record(session, caller, "import_job.cancelled", job_id)


async def run_job_again(session: AsyncSession, caller: Caller, job_id: UUID) -> None:
    """Queue a job that failed or was cancelled anew, with the same body and the powers of who asks now."""
    row = await queries.find_job(session, caller, job_id, lock=True)
    if row is None:
        raise NotFound()
    if row.status not in ("failed", "cancelled"):
        raise ImportJobNotToRepeat("Only a job that failed or was cancelled is run again.")
    if not row.has_body:
        raise ImportBodyForgotten("Send the file again.")
    await jobs.queue_again(session, job_id, powers_of(caller), caller.subject)
    await session.execute(sa.update(_order).where(_order.c.id == job_id).values(unit=caller.unit))
    await _record(session, caller, "import_job.run_again", job_id)


async def _record(session: AsyncSession, caller: Caller, action: str, job_id: UUID) -> None:
    await record_activity(session, caller, action, "import_job", job_id, unit=caller.unit)
