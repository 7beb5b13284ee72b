"""Action plans over HTTP: making them, and putting in the few key actions they may have."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.plans import queries, service
from services.audit_api.plans.schemas import ActionPlanOut, KeyActionIn, PlanEdit, PlanIn, PlanRow
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=StrictRoute)
_JSON = "application/json"
Manager = Annotated[Caller, may("audit:manage")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]


@router.post("", response_model=ActionPlanOut, status_code=201)
async def make_plan(request: Request, body: PlanIn, caller: Manager, database: DatabaseOf, clock: ClockOf) -> Response:
    """Make a plan, empty at first, that says how many key actions it may have."""
    async with once(request, database, caller) as deed:
        plan = await service.make_plan(deed.session, caller, body, clock.now())
        answer = await service.plan_out(deed.session, caller, plan, clock.today())
        headers = {"Location": f"/v1/plans/{plan}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("plan", str(plan)))


@router.get("", response_model=Page[PlanRow])
async def list_plans(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    body: Annotated[Code | None, Query(description="the body that watches it")] = None,
    period: PeriodCode | None = None,
) -> Response:
    """Plans within the caller's reach, newest first, each with its progress."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_plans(session, caller, at, clock.today(), units=units, body=body, period=period)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[PlanRow](items=[service.plan_row(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{plan_id}", response_model=ActionPlanOut)
async def get_plan(plan_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One plan with its key actions and how far they have come."""
    async with database.snapshot() as session:
        return _answer(await service.plan_out(session, caller, plan_id, clock.today()))


@router.put("/{plan_id}", response_model=ActionPlanOut)
async def edit_plan(
    plan_id: UUID, body: PlanEdit, caller: Manager, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Change a plan's title or how many key actions it may have."""
    async with database.transaction() as session:
        await service.edit_plan(session, caller, plan_id, body, match)
        answer = await service.plan_out(session, caller, plan_id, clock.today())
    return _answer(answer)


@router.post("/{plan_id}/key-actions", response_model=ActionPlanOut, status_code=201)
async def add_key_action(
    request: Request,
    plan_id: UUID,
    body: KeyActionIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    match: Match,
) -> Response:
    """Put an action into the plan: one that rests on evidence, while the plan has room (R44)."""
    async with once(request, database, caller) as deed:
        await service.add_key_action(deed.session, caller, plan_id, body.action, match, clock.now())
        answer = await service.plan_out(deed.session, caller, plan_id, clock.today())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("plan", str(plan_id)))


@router.delete("/{plan_id}/key-actions/{action_id}", response_model=ActionPlanOut)
async def remove_key_action(
    plan_id: UUID, action_id: UUID, caller: Manager, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Take an action out of the plan; the action itself stays as it is."""
    async with database.transaction() as session:
        await service.remove_key_action(session, caller, plan_id, action_id, match)
        answer = await service.plan_out(session, caller, plan_id, clock.today())
    return _answer(answer)


def _answer(answer: ActionPlanOut) -> Response:
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})
