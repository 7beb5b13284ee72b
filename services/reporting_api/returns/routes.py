"""The register of returns over HTTP: what was prepared, by whom it was reviewed, when it was submitted (R81)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.chain import read_powers
from services.reporting_api.definitions import read_definitions
from services.reporting_api.returns import service
from services.reporting_api.returns.errors import UnfitSpan
from services.reporting_api.returns.queries import SELECT, c, due_out, find_return, read_steps, return_out
from services.reporting_api.returns.schemas import ReturnIn, ReturnOut, ReturnsDueOut
from services.reporting_api.returns_due import read_held, returns_due
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import version_etag
from shared.idempotency import Deed, once
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.problems import Fault
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code, LocalDate
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/returns", tags=["returns"], route_class=StrictRoute)


async def one_return(session: AsyncSession, caller: Caller, wanted: UUID, today: date) -> ReturnOut:
    row = await find_return(session, caller, wanted)
    known = await read_definitions(session)
    powers = await read_powers(session, today, delegate=caller.subject)
    return return_out(row, known, caller, powers, today, await read_steps(session, wanted))


async def answer_with(deed: Deed, caller: Caller, wanted: UUID, today: date, status: int = 200) -> Response:
    found = await one_return(deed.session, caller, wanted, today)
    headers = {"ETag": version_etag(found.version)}
    if status == 201:
        headers["Location"] = f"/v1/returns/{wanted}"
    return deed.answer(found, status=status, headers=headers, subject=("return", str(wanted)))


@router.get("", response_model=Page[ReturnOut])
async def list_returns(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
    code: Annotated[Code | None, Query(description="a return of the framework")] = None,
    period: Annotated[PeriodCode | None, Query()] = None,
    status: Annotated[str | None, Query(pattern="^(prepared|signed|submitted)$")] = None,
) -> Response:
    """The register, newest first, every submission of it."""
    statement = SELECT.order_by(c.id.desc()).limit(at.fetch)
    for column, value in ((c.code, code), (c.period, period), (c.status, status)):
        if value is not None:
            statement = statement.where(column == value)
    if at.after is not None:
        statement = statement.where(c.id < cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(c.unit.in_(sorted(allowed)))
        rows, following = cut_page((await session.execute(statement)).all(), at, lambda row: (str(row.id),))
        known = await read_definitions(session)
        powers = await read_powers(session, clock.today(), delegate=caller.subject)
    items = [return_out(row, known, caller, powers, clock.today()) for row in rows]
    answer = Page[ReturnOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("", response_model=ReturnOut, status_code=201)
async def prepare_return(
    request: Request,
    body: ReturnIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Put on record exactly what is to be submitted for a period, by its file's hash or by its figures."""
    async with once(request, database, caller) as deed:
        wanted = await service.prepare_return(deed.session, caller, body, clock.now())
        return await answer_with(deed, caller, wanted, clock.today(), 201)


@router.get("/due", response_model=ReturnsDueOut)
async def list_returns_due(
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    first: Annotated[LocalDate, Query(alias="from", examples=["2026-04-01"])],
    last: Annotated[LocalDate, Query(alias="to", examples=["2027-03-31"])],
) -> Response:
    """Every return that falls due between two days, by the framework, and how far it has come."""
    if not 0 <= (last - first).days <= 2 * 366:
        raise UnfitSpan(errors=[Fault("/query/to", "span", "give a day from `from` on, at most two years later")])
    async with database.snapshot() as session:
        known = await read_definitions(session)
        allowed = await visible_units(session, caller)
        found = returns_due(known, await read_held(session, first, last), first, last)
    seen = [one for one in found if allowed is None or one.definition.unit in allowed]
    answer = due_out(seen, first, last, clock.today())
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/{return_id}", response_model=ReturnOut)
async def get_return(
    return_id: UUID, caller: Annotated[Caller, may("reporting:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """One return with everything that happened to it, in order."""
    async with database.snapshot() as session:
        found = await one_return(session, caller, return_id, clock.today())
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)
