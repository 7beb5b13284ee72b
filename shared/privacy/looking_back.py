"""Looking back: who read which record, and what left, when, why and by whose hand."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response

from shared.activity.record import record_read
from shared.clock import LONDON
from shared.extracts.instants import read_instant
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.privacy.routes import Officer, check_whole_council
from shared.privacy.schemas import DisposalOut, ReadingOut
from shared.resources import DatabaseOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute
from shared.tables import activity, disposal, read_log

router = APIRouter(prefix="/v1/privacy", tags=["privacy"], route_class=StrictRoute)


@router.get("/readings", response_model=Page[ReadingOut])
async def list_readings(
    request: Request,
    caller: Officer,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    subject_type: Annotated[str | None, Query(max_length=60, pattern="^[a-z_]+$")] = None,
    subject_id: Annotated[str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/:#\-]*$")] = None,
    actor: Annotated[str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9][\w .@/:#|\-]*$")] = None,
    from_day: Annotated[LocalDate | None, Query()] = None,
    to_day: Annotated[LocalDate | None, Query(description="this day included")] = None,
) -> Response:
    """Who read which case-level record, newest first; that this was looked at is itself logged."""
    check_whole_council(caller)
    table = read_log.c
    statement = sa.select(read_log).order_by(table.at.desc(), table.id.desc()).limit(at.fetch)
    for column, wanted in ((table.subject_type, subject_type), (table.subject_id, subject_id), (table.actor, actor)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if from_day is not None:
        statement = statement.where(table.at >= datetime.combine(from_day, time.min, LONDON))
    if to_day is not None:
        statement = statement.where(table.at <= datetime.combine(to_day, time.max, LONDON))
    if at.after is not None:
        moment, last = cursor_key(at.after, read_instant, UUID)
        statement = statement.where(sa.tuple_(table.at, table.id) < sa.tuple_(sa.literal(moment), sa.literal(last)))
    async with database.transaction() as session:
        rows = (await session.execute(statement)).all()
        await record_read(session, caller, "list_readings", "reading", None)
    page, following = cut_page(rows, at, lambda row: [row.at.isoformat(), str(row.id)])
    answer = Page[ReadingOut](items=[ReadingOut.model_validate(row) for row in page], next=following)
    return Response(answer.model_dump_json(), headers=link_header(request, following), media_type="application/json")


@router.get("/disposals", response_model=Page[DisposalOut])
async def list_disposals(
    request: Request, caller: Officer, database: DatabaseOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """Each purge and erasure, newest first, with the number of the request in your own file: after a restore from a
    backup, what must be erased again."""
    check_whole_council(caller)
    deed = sa.and_(activity.c.subject_type == "disposal", activity.c.subject_id == sa.cast(disposal.c.id, sa.Text))
    statement = (
        sa.select(disposal, sa.func.coalesce(activity.c.data["records"], sa.text("'{}'::jsonb")).label("records"))
        .outerjoin(activity, deed)
        .order_by(disposal.c.id.desc())
        .limit(at.fetch)
    )
    if at.after is not None:
        (last,) = cursor_key(at.after, UUID)
        statement = statement.where(disposal.c.id < last)
    async with database.snapshot() as session:
        rows = (await session.execute(statement)).all()
    page, following = cut_page(rows, at, lambda row: [str(row.id)])
    items = [
        DisposalOut(
            id=row.id, at=row.at, why=row.why, ground=row.ground, request_reference=row.request_reference,
            done_by=row.done_by, records=row.records,
        )
        for row in page
    ]  # fmt: skip
    answer = Page[DisposalOut](items=items, next=following)
    return Response(answer.model_dump_json(), headers=link_header(request, following), media_type="application/json")
