"""Reports over HTTP: read by boards, written, signed and published by those who answer for them."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api import copies, editions, reading
from services.reporting_api.chain import read_powers
from services.reporting_api.definitions import read_definitions
from services.reporting_api.document import body_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen, not_modified, record_etag
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.board_report import SCHEMA_VERSION, BoardReport, ReportStatus
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["reports"], route_class=StrictRoute)


class SchemaResponse(Response):
    """A JSON Schema, under its own media type."""

    media_type = "application/schema+json"


_SCHEMA_ETAG = f'"board-report-{SCHEMA_VERSION}"'


@router.get("/reports", response_model=Page[editions.EditionOut])
async def list_reports(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
    board: Annotated[str | None, Query(min_length=1, max_length=200, description="code, name or alias")] = None,
    audience: Annotated[str | None, Query(min_length=1, max_length=200, description="another word for `board`")] = None,
    report: Annotated[Code | None, Query(description="a report's code")] = None,
    status: Annotated[ReportStatus | None, Query()] = None,
    period: Annotated[PeriodCode | None, Query()] = None,
) -> Response:
    """Reports, newest first. A member of a board sees what was published; whoever works on reports, drafts too."""
    statement = editions.SELECT.order_by(editions.c.id.desc()).limit(at.fetch)
    for column, value in ((editions.c.report, report), (editions.c.status, status), (editions.c.period, period)):
        if value is not None:
            statement = statement.where(column == value)
    if not editions.works_on_drafts(caller):
        statement = statement.where(editions.c.status.in_(editions.PUBLIC))
    if at.after is not None:
        statement = statement.where(editions.c.id < cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        known = await read_definitions(session)
        for name in (board, audience):
            if name is not None:
                statement = statement.where(editions.c.boards.contains([known.board(name).code]))
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(editions.c.unit.in_(sorted(allowed)))
        rows, following = cut_page((await session.execute(statement)).all(), at, lambda row: (str(row.id),))
        signed = await editions.read_signatures(session, [row.id for row in rows])
        powers = await read_powers(session, clock.today(), delegate=caller.subject)
    items = [editions.edition_out(row, known, signed.get(row.id, []), caller, powers) for row in rows]
    answer = Page[editions.EditionOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/reports/{report}", response_model=BoardReport)
async def get_report(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    settings: SettingsOf,
) -> Response:
    """The report as board-ready JSON. Once published its bytes never change and its ETag is the content hash.

    Without `indicator:figures` and `feedback:figures` it is the protected copy, which says so in `protected_copy_of`.
    """
    published = await reading.fetch_published(database, request, caller, report)
    if published is not None:
        return published
    async with database.snapshot() as session:
        row = await copies.find_edition(session, caller, report)
        level = copies.level_of(row, caller)
        headers = {"ETag": record_etag(row.version, level.encode())}
        if not_modified(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        body = body_of(await copies.read_copy(session, row, level, settings.small_number_threshold))
    return Response(body, media_type="application/json", headers=headers)


@router.get("/reports/{report}/state", response_model=editions.EditionOut)
async def get_report_state(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """How an edition stands: its signatures, who signs next, and what this caller may do now."""
    async with database.snapshot() as session:
        row = await copies.find_edition(session, caller, report)
        known = await read_definitions(session)
        signed = await editions.read_signatures(session, [row.id])
        powers = await read_powers(session, clock.today(), delegate=caller.subject)
    return as_seen(request, row.version, editions.edition_out(row, known, signed.get(row.id, []), caller, powers))


@router.get(
    "/schemas/board-report",
    response_class=SchemaResponse,
    responses={200: {"content": {SchemaResponse.media_type: {"schema": {"type": "object"}}}}},
)
async def get_board_report_schema(request: Request, caller: Annotated[Caller, may("reporting:read")]) -> Response:
    """The JSON Schema of a board report, versioned; a report names the version it is written in."""
    headers = {"ETag": _SCHEMA_ETAG}
    if not_modified(request, _SCHEMA_ETAG):
        return Response(status_code=304, headers=headers)
    return SchemaResponse(_schema(), headers=headers)


@cache
def _schema() -> bytes:
    found: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:qapf:schema:board-report:{SCHEMA_VERSION}",
        **BoardReport.model_json_schema(mode="serialization"),
    }
    return json.dumps(found, ensure_ascii=False).encode()
