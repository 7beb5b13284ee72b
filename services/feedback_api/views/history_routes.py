"""What a view said before it was corrected."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.feedback_api.cases import require_cases
from services.feedback_api.histories import RecordVersionOut, read_versions, versions_page
from services.feedback_api.models import View, ViewHistory, table_of
from services.feedback_api.views import queries, service
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/views/{view_id}", tags=["views"], route_class=StrictRoute)


@router.get("/history", response_model=Page[RecordVersionOut])
async def list_view_versions(
    request: Request,
    view_id: UUID,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(int)],
) -> Response:
    """What the view said in each of its versions, who changed it, when and why, newest first."""
    require_cases(caller)
    async with database.transaction() as session:
        view, links = await queries.find_view(session, caller, view_id)
        table, content = table_of(ViewHistory), service.content_of(view, links)
        versions = await read_versions(session, table, table.c.view_id, View(**view), content, at)
        await record_read(session, caller, "list_view_versions", "view", view_id)
    return versions_page(request, versions, at)
