"""The routes of what managers add to a complaints report."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.feedback_api.complaint_reports import updates
from services.feedback_api.complaint_reports.periods import ReportPeriod
from services.feedback_api.complaint_reports.schemas import UpdateIn, UpdateOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import Precondition, precondition, version_etag
from shared.free_text import screen
from shared.organisation.units import require_visible
from shared.paging import Page
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/complaints/reports/updates", tags=["complaints reports"], route_class=StrictRoute)
InPath = Annotated[ReportPeriod, Path()]
Manager = Annotated[Caller, may("feedback:learning")]


@router.get("", response_model=Page[UpdateOut])
async def list_complaints_report_updates(caller: Manager, database: DatabaseOf, period: ReportPeriod) -> Response:
    """What the units the caller sees have added to the report of a period, whole, in the words they have now."""
    async with database.snapshot() as session:
        rows = await updates.list_updates(session, caller, period)
    answer = Page[UpdateOut](items=[UpdateOut.of(row, may_change=True) for row in rows], next=None)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/{period}/{unit}", response_model=UpdateOut)
async def get_complaints_report_update(period: InPath, unit: Code, caller: Manager, database: DatabaseOf) -> Response:
    """What one unit has added, with the ETag to change it."""
    async with database.snapshot() as session:
        await require_visible(session, caller, unit)
        row = await updates.find_update(session, period, unit)
    if row is None:
        raise NotFound()
    answer = UpdateOut.of(row, may_change=True)
    headers = {"ETag": version_etag(row.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.put(
    "/{period}/{unit}",
    response_model=UpdateOut,
    responses={201: {"model": UpdateOut, "description": "The unit had added nothing before."}},
)
async def keep_complaints_report_update(
    period: InPath,
    unit: Code,
    body: UpdateIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    seen: Annotated[Precondition, precondition()],
) -> Response:
    """Add or change what a unit learned and what is better for it, stamped with who and when; earlier words are kept.

    It may be written before the period is over, and after: then the next edition will have it.
    """
    screen({"/learning": body.learning, "/improvement": body.improvement}, settings.free_text_identifiers)
    async with database.transaction() as session:
        row, new = await updates.keep_update(session, caller, period, unit, body, seen, clock.now())
        answer = UpdateOut.of(row, may_change=True)
    headers = {"ETag": version_etag(row.version)}
    status = 201 if new else 200
    return Response(answer.model_dump_json(), status, media_type="application/json", headers=headers)
