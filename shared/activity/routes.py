"""The activity feed: what changed, in an order that never changes and never skips a late commit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from shared.activity.sealer import read_head
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import visible_units
from shared.paging import Page, link_header
from shared.resources import DatabaseOf
from shared.schemas.base import OutModel
from shared.strict import StrictRoute
from shared.tables import activity, activity_seal
from shared.withholding import deeds_shown

router = APIRouter(prefix="/v1/activity", tags=["activity"], route_class=StrictRoute)


class ActivityOut(OutModel):
    position: int
    id: str
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    unit: str | None
    reason: str | None
    request_id: str | None
    data: dict[str, Any]
    hash: str = Field(description="the chain's hash at this position, hex")


class HeadOut(OutModel):
    epoch: str = Field(description="changes when the database is restored from a backup: start reading anew")
    position: int
    hash: str


@router.get("", response_model=Page[ActivityOut])
async def list_activity(
    request: Request,
    caller: Annotated[Caller, may("activity:read")],
    database: DatabaseOf,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="the last position already read")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    subject_type: Annotated[str | None, Query(max_length=60, pattern="^[a-z_]+$")] = None,
) -> Response:
    """Sealed activity after a position, oldest first. Keep the last position and ask again: nothing is missed."""
    statement = (
        sa.select(activity_seal.c.position, activity_seal.c.hash, activity)
        .join(activity, activity.c.id == activity_seal.c.activity_id)
        .where(activity_seal.c.position > after)
        .order_by(activity_seal.c.position)
        .limit(limit + 1)
    )
    if subject_type is not None:
        statement = statement.where(activity.c.subject_type == subject_type)
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(activity.c.unit.in_(sorted(allowed)))
        statement = statement.where(await deeds_shown(request, session, caller))
        rows = (await session.execute(statement)).all()
    items = [
        ActivityOut(
            position=row.position, id=str(row.id), at=row.at, actor=row.actor, action=row.action,
            subject_type=row.subject_type, subject_id=row.subject_id, unit=row.unit, reason=row.reason,
            request_id=row.request_id, data=row.data, hash=row.hash.hex(),
        )
        for row in rows[:limit]
    ]  # fmt: skip
    following = str(items[-1].position) if len(rows) > limit else None
    answer = Page[ActivityOut](items=items, next=following)
    headers = link_header(request, following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.get("/head", response_model=HeadOut)
async def get_activity_head(caller: Annotated[Caller, may("activity:read")], database: DatabaseOf) -> HeadOut:
    """The head of the chain, to be kept outside this database as an anchor for `qapf verify`."""
    async with database.snapshot() as session:
        head = await read_head(session)
    return HeadOut(epoch=str(head.epoch), position=head.position, hash=head.hash.hex())
