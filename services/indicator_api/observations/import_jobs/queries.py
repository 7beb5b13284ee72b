"""Reading the imports that run as jobs: what was asked for beside how far it has come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.paging import Cursor, cursor_key

_order, _job = metadata.tables["import_job"], metadata.tables["job"]
_chunk = metadata.tables["import_body_chunk"]
_HAS_BODY = sa.exists().where(_chunk.c.job_id == _order.c.id, _chunk.c.number == 0)
_COLUMNS = (
    _order, _job.c.status, _job.c.done, _job.c.attempt, _job.c.created_by.label("asked_by"),
    _job.c.created_at.label("posted_at"), _job.c.finished_at, _job.c.last_fault.label("fault"),
    _HAS_BODY.label("has_body"),
)  # fmt: skip


async def _visible(session: AsyncSession, caller: Caller, statement: sa.Select[Any]) -> sa.Select[Any]:
    allowed = await visible_units(session, caller)
    return statement if allowed is None else statement.where(_order.c.unit.in_(sorted(allowed)))


async def list_jobs(session: AsyncSession, caller: Caller, status: str | None, at: Cursor) -> list[sa.Row[Any]]:
    """A page of the jobs this caller may see, the latest first, without their reports."""
    statement = sa.select(*_COLUMNS).join(_job, _job.c.id == _order.c.id)
    if status is not None:
        statement = statement.where(_job.c.status == status)
    if at.after is not None:
        statement = statement.where(_order.c.id < cursor_key(at.after, UUID)[0])
    statement = await _visible(session, caller, statement.order_by(_order.c.id.desc()).limit(at.fetch))
    return list((await session.execute(statement)).all())


async def find_job(session: AsyncSession, caller: Caller, job_id: UUID, *, lock: bool = False) -> sa.Row[Any] | None:
    """One job with its report; None where there is none this caller may see."""
    statement = sa.select(*_COLUMNS, _job.c.result).join(_job, _job.c.id == _order.c.id).where(_order.c.id == job_id)
    if lock:
        statement = statement.with_for_update(of=_job)
    row: sa.Row[Any] | None = (await session.execute(await _visible(session, caller, statement))).one_or_none()
    return row
