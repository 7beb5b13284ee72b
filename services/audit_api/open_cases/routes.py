"""The open cases of a team, as its case system posts them, and how fresh each team's list is."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.audit_api.open_cases import queries
from services.audit_api.open_cases.reading import read_body, read_list
from services.audit_api.open_cases.schemas import (
    CaseListOut,
    CaseListRow,
    OpenCaseOut,
    OpenCasePage,
    body_of_list,
)
from services.audit_api.open_cases.service import keep_list
from services.audit_api.reach import reached
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import require_visible
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code, LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["open cases"], route_class=StrictRoute)
CaseReader = Annotated[Caller, may("audit:cases")]
Team = Annotated[Code, Path(examples=["fs_weymouth"])]
_JSON = "application/json"


@router.put(
    "/units/{unit}/open-cases",
    response_model=CaseListOut,
    responses={201: {"model": CaseListOut}},
    openapi_extra=body_of_list(),
)
async def keep_open_cases(
    request: Request,
    unit: Team,
    caller: CaseReader,
    database: DatabaseOf,
    clock: ClockOf,
    as_at: Annotated[LocalDate | None, Query(description="the day, where the body has a case a line")] = None,
) -> Response:
    """Post all open cases of a team as at a day, up to 10,000, in place of what was posted for that day. Pseudonymous
    references only. Sent again it changes nothing; with a fault in it nothing is taken; lists of other days stay."""
    raw, lines = await read_body(request)
    day, rows = await asyncio.to_thread(read_list, raw, lines, as_at)
    async with database.transaction() as session:
        kept, first = await keep_list(session, caller, unit, day, rows, clock.now())
    return Response(kept.model_dump_json(), 201 if first else 200, media_type=_JSON)


@router.get("/units/{unit}/open-cases", response_model=OpenCasePage)
async def list_open_cases(
    request: Request,
    unit: Team,
    caller: CaseReader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
    as_at: Annotated[LocalDate | None, Query(description="as they stood on this day; today if none")] = None,
) -> Response:
    """The cases of a team's list, as it stood on a day; that they were read is recorded."""
    async with database.transaction() as session:
        await require_visible(session, caller, unit)
        found = await queries.latest_list(session, unit, as_at or clock.today())
        if found is None:
            raise NotFound("No list of open cases was posted for this unit by then.")
        after = None if at.after is None else at.after[0]
        rows = await queries.cases_of(session, found.id, after, at.fetch)
        await record_read(session, caller, "list_open_cases", "open_case_list", found.id)
    page, following = cut_page(rows, at, lambda row: (row.case_reference,))
    answer = OpenCasePage(
        unit=found.unit,
        as_at=found.as_at,
        revision=found.revision,
        cases=found.cases,
        items=[OpenCaseOut(**{name: getattr(row, name) for name in OpenCaseOut.model_fields}) for row in page],
        next=following,
    )
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/open-cases", response_model=Page[CaseListRow])
async def list_case_lists(
    request: Request, caller: CaseReader, database: DatabaseOf, clock: ClockOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """The newest list of each team, by unit: how many cases, as at which day, and how old it is."""
    async with database.snapshot() as session:
        within = await reached(session, caller, queries.case_lists.c.unit)
        after = None if at.after is None else at.after[0]
        rows = await queries.latest_lists(session, within, after, at.fetch)
    page, following = cut_page(rows, at, lambda row: (row.unit,))
    today = clock.today()
    items = [
        CaseListRow(
            unit=row.unit, as_at=row.as_at, revision=row.revision, cases=row.cases,
            days_old=(today - row.as_at).days, posted_at=row.posted_at,
        )
        for row in page
    ]  # fmt: skip
    answer = Page[CaseListRow](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))
