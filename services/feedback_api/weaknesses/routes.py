"""The routes of weaknesses: themes by team, and the actions against them (R61)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.feedback_api.parameters import CodeFilter
from services.feedback_api.references import units_in_view
from services.feedback_api.weaknesses import service
from services.feedback_api.weaknesses.errors import PeriodWithoutDates
from services.feedback_api.weaknesses.queries import count_weaknesses
from services.feedback_api.weaknesses.schemas import ActionLinkIn, ActionLinkOut, WeaknessOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Fault
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Reference
from shared.schemas.periods import FIRST_YEAR, Period, PeriodCode, PeriodKind
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/weaknesses", tags=["weaknesses"], route_class=StrictRoute)


def _with_dates(code: str) -> Period:
    period = Period.parse(code)
    # The period before it is counted as well, so the first there is cannot be asked for.
    if period.kind in (PeriodKind.term, PeriodKind.half_term) or period.year <= FIRST_YEAR + 1:
        fault = Fault("/query/period", "period", "give a month, quarter or year after 1991")
        raise PeriodWithoutDates("The period has no dates here; see errors.", errors=[fault])
    return period


@router.get("", response_model=Page[WeaknessOut])
async def list_weaknesses(
    request: Request,
    caller: Annotated[Caller, may("feedback:figures")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(int, str, str)],
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    without_action: Annotated[bool | None, Query(description="only those nobody has linked an action to")] = None,
) -> Response:
    """What people complained of or spoke of badly, by team and theme, most first, beside the period before (R61).

    True figures of small groups, so only for callers with `feedback:figures`.
    """
    span = _with_dates(period)
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, unit)
        rows = await count_weaknesses(session, span, units, without_action, at.after, at.fetch)
    page, following = cut_page(rows, at, lambda row: (row.total, row.unit, row.theme))
    answer = Page[WeaknessOut](items=[service.weakness_of(row, caller) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/links", response_model=Page[ActionLinkOut])
async def list_weakness_links(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    action_ref: Annotated[Reference | None, Query(description="what this action is against")] = None,
) -> Response:
    """Which actions are against which weaknesses, newest first."""
    async with database.snapshot() as session:
        rows = await service.list_links(session, caller, unit, action_ref, at)
    page, following = cut_page(rows, at, lambda row: (str(row[0].id),))
    answer = Page[ActionLinkOut](items=[row[1] for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("/links", response_model=ActionLinkOut, status_code=201)
async def link_action(
    request: Request,
    body: ActionLinkIn,
    caller: Annotated[Caller, may("feedback:learning")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Say which action of the audit service is against a theme of a unit, or against what one complaint showed."""
    screen({"/note": body.note}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        answer = await service.link(deed.session, caller, body, clock.now())
        return deed.answer(answer, 201, subject=("weakness_link", str(answer.id)))


@router.delete("/links/{link_id}", status_code=204)
async def unlink_action(
    link_id: Annotated[UUID, Path()], caller: Annotated[Caller, may("feedback:learning")], database: DatabaseOf
) -> Response:
    """Take a link back; that it was there stays in the activity log."""
    async with database.transaction() as session:
        await service.unlink(session, caller, link_id)
    return Response(status_code=204)
