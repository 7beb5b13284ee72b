"""What each assembly of a report moved, for whoever writes, signs or publishes it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.reporting_api import editions
from services.reporting_api.assembly.history import AssemblyOut, read_assemblies
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports", tags=["assembly"], route_class=StrictRoute)


@router.get("/{report}/assemblies", response_model=Page[AssemblyOut])
async def list_assemblies(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(int)],
) -> Response:
    """The assemblies of a report, newest first: what each moved in the draft, and what it could not read.

    For those who work on drafts; a member of a board reads what was published.
    """
    async with database.snapshot() as session:
        row = await editions.read_edition(session, caller, report)
        if row is None or not editions.works_on_drafts(caller):
            raise NotFound()
        before = at.after[0] if at.after else None
        found = await read_assemblies(session, caller, row, before=before, fetch=at.fetch)
    page, following = cut_page(found, at, lambda one: (one.revision,))
    answer = Page[AssemblyOut](items=page, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
