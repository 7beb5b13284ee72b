"""Re-audits over HTTP: recording whether something changed, and finding what was recorded."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.actions import re_audits
from services.audit_api.actions.re_audit_schemas import ReAuditIn, ReAuditOut
from services.audit_api.actions.schemas import Outcome
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/re-audits", tags=["actions"], route_class=StrictRoute)


@router.post("", response_model=ReAuditOut, status_code=201)
async def record_re_audit(
    request: Request,
    body: ReAuditIn,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record whether a later audit of the same unit or theme showed that an action or finding changed."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        answer = await re_audits.record_re_audit(deed.session, caller, body, words, clock.now())
        return deed.answer(answer, subject=("re_audit", answer.id))


@router.get("", response_model=Page[ReAuditOut])
async def list_re_audits(
    request: Request,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    action: Annotated[UUID | None, Query()] = None,
    finding: Annotated[UUID | None, Query(description="the finding itself, or an action from it")] = None,
    audit: Annotated[UUID | None, Query(description="the later audit")] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
) -> Response:
    """Re-audits within the caller's reach, newest first."""
    named = {"action_id": action, "finding_id": finding, "audit_id": audit}
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await re_audits.list_re_audits(session, caller, at, named=named, outcome=outcome, units=units)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[ReAuditOut](items=[re_audits.re_audit_out(row) for row in page], next=following)
    headers = link_header(request, following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)
