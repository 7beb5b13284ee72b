"""The lists of every day: the caller's own work, and everything that is late."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.reach import units_asked_for
from services.audit_api.worklists import queries
from services.audit_api.worklists.queries import After, Wanted
from services.audit_api.worklists.rendering import overdue_row, work_row
from services.audit_api.worklists.schemas import OverdueCount, OverdueCounts, OverdueRow, WorkRow
from services.audit_api.worklists.things import KINDS, Kind
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["everyday lists"], route_class=StrictRoute)
OfKind = Annotated[list[Kind], Query(max_length=len(KINDS), description="one or several; all without")]
InUnit = Annotated[Code | None, Query(description="this unit and those below it")]
OfBody = Annotated[Code | None, Query(description="what this body watches, as dscb_qa")]
_JSON = "application/json"


@router.get("/my-work", response_model=Page[WorkRow])
async def list_my_work(
    request: Request,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str, str)],
) -> Response:
    """What waits for the caller, the soonest due first: audits to answer, actions and recommendations owned, effects
    to look at, escalations to answer."""
    async with database.snapshot() as session:
        rows = await queries.list_work(session, caller, clock.today(), _after(at), at.fetch)
    page, following = cut_page(rows, at, queries.key_of)
    answer = Page[WorkRow](items=[work_row(row, caller, clock.today()) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/overdue", response_model=Page[OverdueRow])
async def list_overdue(
    request: Request,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str, str)],
    unit: InUnit = None,
    kind: OfKind = [],  # noqa: B006
    body: OfBody = None,
) -> Response:
    """Everything late within the caller's reach, of every kind, the longest waiting first; no new date hides any."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        wanted = Wanted(clock.today(), kind or KINDS, units, body)
        rows = await queries.list_overdue(session, caller, wanted, _after(at), at.fetch)
    page, following = cut_page(rows, at, queries.key_of)
    answer = Page[OverdueRow](items=[overdue_row(row, clock.today()) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/overdue/counts", response_model=OverdueCounts)
async def count_overdue(
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    unit: InUnit = None,
    body: OfBody = None,
) -> Response:
    """How much is late of each kind, and since when."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.count_overdue(session, caller, Wanted(clock.today(), KINDS, units, body))
    kinds = [OverdueCount(kind=row.kind, overdue=row.overdue, oldest_due_on=row.oldest) for row in rows]
    answer = OverdueCounts(overdue=sum(one.overdue for one in kinds), kinds=kinds, as_at=clock.now())
    return Response(answer.model_dump_json(), media_type=_JSON)


def _after(at: Cursor) -> After | None:
    return None if at.after is None else cursor_key(at.after, date.fromisoformat, str, str)
