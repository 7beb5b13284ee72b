"""The route of the worklist; it is registered before the single complaint, whose reference it would be."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.feedback_api.complaints.worklist import WorklistOut, read_worklist
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code, Reference
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/complaints", tags=["complaints"], route_class=StrictRoute)


@router.get("/worklist", response_model=WorklistOut)
async def get_complaints_worklist(
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
    unit: Annotated[Code | None, Query(description="this unit and those below")] = None,
    owner: Annotated[Reference | None, Query(description="only what this staff account owes")] = None,
    most: Annotated[int, Query(ge=1, le=100, description="complaints shown of each group; all are counted")] = 10,
) -> Response:
    """What waits to be done, by urgency: clocks, decisions, people, learning, remedies, the ombudsman."""
    async with database.snapshot() as session:
        answer = await read_worklist(session, caller, unit, owner, most, clock.today())
    return Response(answer.model_dump_json(), media_type="application/json")
