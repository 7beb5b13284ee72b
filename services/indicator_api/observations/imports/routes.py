"""Imports over HTTP: a file of figures in, a report of its rows out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.mappings.service import mapping_in_use
from services.indicator_api.observations import queries, service
from services.indicator_api.observations.answers import as_seen_by, import_answer
from services.indicator_api.observations.files.media import kind_of
from services.indicator_api.observations.files.spool import Spool, spooled
from services.indicator_api.observations.files.workbooks import unpacked
from services.indicator_api.observations.import_jobs import service as jobs
from services.indicator_api.observations.import_jobs.routes import read_job
from services.indicator_api.observations.import_jobs.schemas import ImportJobOut
from services.indicator_api.observations.rows.report import Mode
from services.indicator_api.observations.rows.rulebook import rulebook
from services.indicator_api.observations.schemas import (
    IMPORT_BODY,
    ImportDetailOut,
    ImportOut,
    ImportReportOut,
    Reason,
)
from services.indicator_api.observations.service import Order
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.database import Database
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Fault, Malformed, NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/observations/imports", tags=["observations"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]


@router.post(
    "",
    response_model=ImportReportOut,
    status_code=200,
    responses={202: {"model": ImportJobOut, "description": "It runs as a job; see Location."}},
    openapi_extra=IMPORT_BODY,
)
async def import_observations(
    request: Request,
    caller: Annotated[Caller, may("indicator:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    mode: Annotated[Mode, Query(description="atomic: all rows or none; partial: the good ones")] = "atomic",
    dry_run: Annotated[bool, Query(description="only report what would happen")] = False,
    provisional: Annotated[bool, Query(description="the figures are provisional")] = False,
    job: Annotated[bool, Query(description="run it as a job, as `Prefer: respond-async` does")] = False,
    mapping: Annotated[Code | None, Query(description="read the file through this saved mapping")] = None,
    reason: Reason = None,
    prefer: Annotated[str | None, Header(max_length=200, description="`respond-async` runs it as a job")] = None,
) -> Response:
    """Import figures by their natural key: new ones are created, others change with their past kept, and a replay
    changes nothing. The report names each bad row, its column and why. `changed` and `unchanged` are told as one number
    to callers without the scope `indicator:figures` where small numbers are hidden from them. As a job it is answered
    202 as soon as the file is stored: follow it at `Location`."""
    order = Order(kind_of(request), mode, dry_run, provisional, reason)
    if mapping is not None and order.kind not in ("csv", "xlsx"):
        raise _no_mapping("mapping_kind", "a mapping reads text/csv and workbooks")
    async with spooled(request, settings) as body:
        if job or _prefers_async(prefer):
            return await _queued(request, caller, database, body, order, mapping)
        async with (
            unpacked(order.kind, body, settings) as spool,
            once(request, database, caller, spool.digest) as deed,
        ):
            order = await _mapped(deed.session, order, mapping)
            checker = await rulebook(request).checker(deed.session, caller)
            found, report = await service.import_figures(deed.session, caller, checker, spool, order, clock.now())
            answer = as_seen_by(caller, import_answer(found, order, report), report.protected)
            headers = {} if found is None else {"Location": f"/v1/observations/imports/{found}"}
            return deed.answer(json.dumps(answer).encode(), 200, headers)


def _prefers_async(prefer: str | None) -> bool:
    """Whether RFC 7240's `respond-async` is among the preferences."""
    wishes = (one.partition(";")[0] for one in (prefer or "").split(","))
    return any(wish.strip().lower() == "respond-async" for wish in wishes)


async def _mapped(session: AsyncSession, order: Order, code: str | None) -> Order:
    """The order with the mapping it names."""
    if code is None:
        return order
    mapping = await mapping_in_use(session, code)
    if mapping is None:
        raise _no_mapping("unknown_mapping", "there is no mapping with this code")
    return replace(order, mapping=mapping)


def _no_mapping(code: str, detail: str) -> Malformed:
    return Malformed("The file cannot be read so; see errors.", errors=[Fault("/query/mapping", code, detail)])


async def _queued(
    request: Request, caller: Caller, database: Database, body: Spool, order: Order, mapping: str | None
) -> Response:
    """The job the import has become, once its body is stored."""
    async with once(request, database, caller, body.digest) as deed:
        order = await _mapped(deed.session, order, mapping)
        job_id = await jobs.post_job(deed.session, caller, body, order)
        answer = await read_job(deed.session, caller, job_id)
        headers = {"Location": f"/v1/observations/import-jobs/{job_id}", "Preference-Applied": "respond-async"}
        return deed.answer(answer, 202, headers)


def _out(row: Any, caller: Caller) -> dict[str, Any]:
    """An import and its report as this caller may see them."""
    report = dict(row.report)
    protected = report.pop("protected", True)
    found = {**row._mapping, **report, "body_hash": row.body_hash.hex()}
    found["accepted_existing"] = row.changed + row.unchanged
    if protected and not caller.may(FIGURES_SCOPE):
        # Whoever knows the rest of a body finds the one small number in it by its hash.
        found |= {"changed": None, "unchanged": None, "body_hash": None}
    return found


def _only(model: type[ImportOut], fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in model.model_fields}


@router.get("", response_model=Page[ImportOut])
async def list_observation_imports(
    request: Request, caller: Reader, database: DatabaseOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """The imports, the latest first."""
    async with database.snapshot() as session:
        rows = await queries.list_imports(session, caller, at)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    items = [ImportOut.model_construct(**_only(ImportOut, _out(row, caller))) for row in page]
    body = Page[ImportOut](items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/{import_id}", response_model=ImportDetailOut)
async def get_observation_import(import_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One import with the faults and warnings of its rows."""
    async with database.snapshot() as session:
        row = await queries.find_import(session, caller, import_id)
    if row is None:
        raise NotFound()
    found = ImportDetailOut.model_validate(_only(ImportDetailOut, _out(row, caller)))
    return Response(found.model_dump_json(), media_type="application/json")
