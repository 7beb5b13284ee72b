"""Reports over HTTP: read by boards, written, signed and published by those who answer for them."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions, reading
from services.reporting_api.chain import read_powers
from services.reporting_api.definitions import read_definitions
from services.reporting_api.document import body_of, document
from services.reporting_api.reports import snapshots
from services.reporting_api.reports.page import render
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified, version_etag
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.problems import NotFound
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
        if board is not None:
            statement = statement.where(editions.c.boards.contains([known.board(board).code]))
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
        row = await _readable(session, caller, report)
        headers = {"ETag": version_etag(row.version)}
        if not_modified(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        body = body_of(await _draft(session, row, caller, settings.small_number_threshold))
    return Response(body, media_type="application/json", headers=headers)


@router.get("/reports/{report}/html", response_class=HTMLResponse)
async def get_report_page(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    settings: SettingsOf,
) -> Response:
    """The same report as a page to read and print, without scripts."""
    async with database.snapshot() as session:
        row = await _readable(session, caller, report)
        if row.status in editions.PUBLIC:
            level, _ = await snapshots.snapshot_hash(session, report, editions.sees_full(caller))
            found = BoardReport.model_validate_json(await snapshots.snapshot_body(session, report, level))
        else:
            found = await _draft(session, row, caller, settings.small_number_threshold)
        headers = await _headers(session, row)
    return HTMLResponse(render(found), headers=headers | _PAGE_HEADERS)


# The page is one file with its own style: nothing else may be loaded or run, whatever a narrative says.
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
}


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
        row = await _readable(session, caller, report)
        known = await read_definitions(session)
        signed = await editions.read_signatures(session, [row.id])
        powers = await read_powers(session, clock.today(), delegate=caller.subject)
    headers = {"ETag": version_etag(row.version)}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    answer = editions.edition_out(row, known, signed.get(row.id, []), caller, powers)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


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


async def _readable(session: AsyncSession, caller: Caller, report: UUID) -> Any:
    row = await editions.read_edition(session, caller, report)
    if row is None:
        raise NotFound()
    return row


async def _headers(session: AsyncSession, row: Any) -> dict[str, str]:
    """Where the edition that takes its place is; the old one keeps its bytes."""
    if row.status != "superseded":
        return {}
    statement = sa.select(editions.c.id).where(editions.c.supersedes == row.id)
    newer = (await session.execute(statement)).scalar_one()
    return {"Link": f'</v1/reports/{newer}>; rel="successor-version"'}


async def _draft(session: AsyncSession, row: Any, caller: Caller, threshold: int) -> BoardReport:
    held = await editions.read_revision(session, row)
    hide = held.protected is not None and not editions.sees_full(caller)
    found = document(held.protected if hide else held.content, held.edits, threshold, copy=hide)
    signed = await editions.read_signatures(session, [row.id])
    return editions.with_envelope(found, row, signed.get(row.id, []))
