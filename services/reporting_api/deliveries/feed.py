"""What is new for a board, pulled: everything that became of its reports, after a position."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api import editions, publishings
from services.reporting_api.definitions import read_definitions
from services.reporting_api.deliveries.schemas import PublicationOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import visible_units
from shared.paging import Page, link_header
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/publications", tags=["webhooks"], route_class=StrictRoute)


@router.get("", response_model=Page[PublicationOut])
async def list_publications(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    board: Annotated[str | None, Query(min_length=1, max_length=200, description="code, name or alias")] = None,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="the last position already read")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Reports published, superseded and acknowledged, oldest first, seconds after it happened. Nothing is missed."""
    statement = publishings.SELECT.where(publishings.position > after).limit(limit + 1)
    async with database.snapshot() as session:
        if board is not None:
            known = await read_definitions(session)
            statement = statement.where(editions.c.boards.contains([known.board(board).code]))
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(editions.c.unit.in_(sorted(allowed)))
        rows = (await session.execute(statement)).all()
    items = [_out(row, caller) for row in rows[:limit]]
    following = str(items[-1].position) if len(rows) > limit else None
    answer = Page[PublicationOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


def _out(row: Any, caller: Caller) -> PublicationOut:
    return PublicationOut(
        position=row.position, event=str(row.event), type=row.action, at=row.at, report=str(row.id), code=row.report,
        title=row.title, period=row.period, edition=row.edition, boards=row.boards, board=row.data.get("board"),
        status=row.status, content_hash=editions.hash_for(row, caller),
        supersedes=str(row.supersedes) if row.supersedes else None, document=f"/v1/reports/{row.id}",
    )  # fmt: skip
