"""Remarks on an edition over HTTP, seen only by those who work on reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response

from services.reporting_api import editions
from services.reporting_api.comments import service
from services.reporting_api.comments.schemas import CommentIn, CommentOut
from services.reporting_api.comments.service import c, table
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports/{report}/comments", tags=["sign-off"], route_class=StrictRoute)


@router.get("", response_model=Page[CommentOut])
async def list_comments(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    open_only: Annotated[bool, Query(alias="open", description="only threads nobody has resolved")] = False,
) -> Response:
    """The remarks on an edition, the first made first; an answer names the remark it belongs to."""
    thread = table.alias("thread")
    statement = sa.select(table).where(c.report == report).order_by(c.id).limit(at.fetch)
    if open_only:
        root = sa.func.coalesce(c.in_reply_to, c.id)
        statement = statement.join(thread, thread.c.id == root).where(thread.c.resolved_at.is_(None))
    if at.after is not None:
        statement = statement.where(c.id > cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        edition = await service.find_edition(session, caller, report)
        rows, following = cut_page((await session.execute(statement)).all(), at, lambda row: (str(row.id),))
    copy = edition.disclosure == "full" and not editions.sees_full(caller)
    items = [CommentOut.of(row, edition, caller, copy=copy) for row in rows]
    answer = Page[CommentOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("", response_model=CommentOut, status_code=201)
async def add_comment(
    request: Request,
    report: UUID,
    body: CommentIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Remark on a section or on the whole report, or answer in a thread; at any time, and changing nothing in it."""
    screen({"/text": body.text}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        edition = await service.find_edition(deed.session, caller, report)
        row = await service.add_comment(deed.session, caller, edition, body, clock.now())
        headers = {"ETag": version_etag(row.version)}
        answer = CommentOut.of(row, edition, caller, copy=False)
        return deed.answer(answer, headers=headers, subject=("report", str(report)))


@router.post("/{comment}/resolutions", response_model=CommentOut, status_code=200)
async def resolve_comment(
    request: Request,
    report: UUID,
    comment: UUID,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Close a thread when what it asked for is done."""
    async with once(request, database, caller) as deed:
        edition = await service.find_edition(deed.session, caller, report)
        row = await service.resolve_comment(deed.session, caller, edition, comment, match, clock.now())
        headers = {"ETag": version_etag(row.version)}
        copy = edition.disclosure == "full" and not editions.sees_full(caller)
        answer = CommentOut.of(row, edition, caller, copy=copy)
        return deed.answer(answer, status=200, headers=headers, subject=("report", str(report)))
