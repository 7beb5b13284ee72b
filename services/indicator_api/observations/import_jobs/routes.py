"""Imports that run as jobs over HTTP: followed, called off, run again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.observations.import_jobs import queries, service
from services.indicator_api.observations.import_jobs.schemas import (
    ImportJobDetailOut,
    ImportJobOut,
    Status,
    job_detail,
    job_out,
)
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/observations/import-jobs", tags=["observations"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Writer = Annotated[Caller, may("indicator:write")]


async def read_job(session: AsyncSession, caller: Caller, job_id: UUID) -> ImportJobOut:
    """A job as it is now; raises NotFound."""
    row = await queries.find_job(session, caller, job_id)
    if row is None:
        raise NotFound()
    return job_out(row, caller)


@router.get("", response_model=Page[ImportJobOut])
async def list_import_jobs(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    status: Annotated[Status | None, Query()] = None,
) -> Response:
    """The imports that run or ran as jobs, the latest first."""
    async with database.snapshot() as session:
        rows = await queries.list_jobs(session, caller, status, at)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[ImportJobOut](items=[job_out(row, caller) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{job_id}", response_model=ImportJobDetailOut)
async def get_import_job(request: Request, job_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One job: how far it has come, and in the end its report, or the problem the import was refused with."""
    async with database.snapshot() as session:
        row = await queries.find_job(session, caller, job_id)
    if row is None:
        raise NotFound()
    answer = job_detail(row, caller, request.scope.get("root_path", ""))
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post("/{job_id}/cancel", response_model=ImportJobOut, status_code=200)
async def cancel_import_job(request: Request, job_id: UUID, caller: Writer, database: DatabaseOf) -> Response:
    """Call a job off: one that waits at once, one that runs within seconds. It stores nothing."""
    async with once(request, database, caller) as deed:
        await service.cancel_job(deed.session, caller, job_id)
        return deed.answer(await read_job(deed.session, caller, job_id), 200)


@router.post("/{job_id}/run-again", response_model=ImportJobOut, status_code=202)
async def run_import_job_again(request: Request, job_id: UUID, caller: Writer, database: DatabaseOf) -> Response:
    """Run a job that failed or was cancelled once more: the same body, checked with the powers of who asks now."""
    async with once(request, database, caller) as deed:
        await service.run_job_again(deed.session, caller, job_id)
        headers = {"Location": f"/v1/observations/import-jobs/{job_id}"}
        return deed.answer(await read_job(deed.session, caller, job_id), 202, headers)
