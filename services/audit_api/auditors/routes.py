"""Auditors over HTTP: who they are, what they are trained for, and how much each has in hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.auditors import service
from services.audit_api.auditors.schemas import AuditorIn, AuditorOut
from services.audit_api.cases import StaffAccount
from services.audit_api.loads import read_loads
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.etags import Precondition, as_seen, precondition, version_etag
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code, LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/auditors", tags=["auditors"], route_class=StrictRoute)
Manager = Annotated[Caller, may("audit:manage")]
Reference = Annotated[StaffAccount, Path(description="the account, as it is in the token", examples=["auditor-07"])]
_JSON = "application/json"


@router.put("/{reference}", response_model=AuditorOut, responses={201: {"model": AuditorOut}})
async def keep_auditor(
    reference: Reference,
    body: AuditorIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[Precondition, precondition()],
) -> Response:
    """Record an auditor (201), or change one (200, with If-Match); who leaves gets `available_to`."""
    async with database.transaction() as session:
        created = await service.keep_auditor(session, caller, reference, body, match, clock.now())
        answer = await _read(session, caller, reference, clock)
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), 201 if created else 200, headers, _JSON)


@router.get("", response_model=Page[AuditorOut])
async def list_auditors(
    request: Request,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
    unit: Annotated[Code | None, Query(description="of this unit and those below it")] = None,
    tool: Annotated[Code | None, Query(description="trained for this tool")] = None,
    available_on: Annotated[LocalDate | None, Query(description="available on this day")] = None,
) -> Response:
    """The auditors within the caller's reach, by reference, with what each has in hand."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        after = None if at.after is None else at.after[0]
        rows = await service.list_auditors(
            session, caller, units=units, tool=tool, available_on=available_on, after=after, limit=at.fetch
        )
        loads = await read_loads(session, clock.today())
    page, following = cut_page(rows, at, lambda row: (row.reference,))
    answer = Page[AuditorOut](items=[service.auditor_out(row, loads) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{reference}", response_model=AuditorOut)
async def get_auditor(
    request: Request, reference: Reference, caller: Manager, database: DatabaseOf, clock: ClockOf
) -> Response:
    """One auditor, with the ETag that a change needs."""
    async with database.snapshot() as session:
        answer = await _read(session, caller, reference, clock)
    return as_seen(request, answer.version, answer)


async def _read(session: AsyncSession, caller: Caller, reference: str, clock: Clock) -> AuditorOut:
    row = await service.read_auditor(session, caller, reference)
    return service.auditor_out(row, await read_loads(session, clock.today()))
