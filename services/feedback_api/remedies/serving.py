"""How a record of each kind is recorded, read, changed and listed, whatever its kind."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from fastapi import Request, Response

from services.feedback_api.histories import read_versions, versions_page
from services.feedback_api.models import FollowedHistory, table_of
from services.feedback_api.remedies import queries, service
from services.feedback_api.remedies.kinds import Kind
from services.feedback_api.remedies.schemas import EnquiryOut, RecommendationOut, RemedyOut
from services.feedback_api.remedy_models import Followed
from services.feedback_api.subjects import words_in
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, version_etag
from shared.free_text import Mode, screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cut_page, link_header
from shared.schemas.base import StrictModel

_JSON = "application/json"


def _screen(body: StrictModel, identifiers: Mode) -> None:
    screen({f"/{name}": text for name, text in words_in(body.model_dump()).items()}, identifiers)


async def add_one(
    request: Request, database: Database, caller: Caller, clock: Clock, identifiers: Mode, kind: Kind,
    respond_ref: str, body: StrictModel,
) -> Response:  # fmt: skip
    """Put a record under a complaint and answer with it."""
    _screen(body, identifiers)
    async with once(request, database, caller) as deed:
        key = await service.add(deed.session, caller, kind, respond_ref, body, clock.now())
        row = await queries.read_one(deed.session, caller, kind, key, clock.today())
        headers = {"ETag": version_etag(row.version), "Location": f"{kind.path}/{key}"}
        return deed.answer(queries.as_out(kind, row), 201, headers, subject=("complaint", respond_ref))


async def read_one(database: Database, caller: Caller, clock: Clock, kind: Kind, key: UUID) -> Response:
    """One record with its words; that it was read is logged."""
    async with database.transaction() as session:
        row = await queries.read_one(session, caller, kind, key, clock.today())
        await record_read(session, caller, f"get_{kind.name}", kind.name, key)
    answer = queries.as_out(kind, row)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(row.version)})


async def change_one(
    database: Database, caller: Caller, clock: Clock, identifiers: Mode, match: IfMatch, kind: Kind, key: UUID,
    body: StrictModel,
) -> Response:  # fmt: skip
    """Change a record whose version the caller has seen."""
    _screen(body, identifiers)
    async with database.transaction() as session:
        held, complaint = await service.require_record(session, caller, kind, key)
        match.check(held["version"])
        await service.change(session, caller, kind, held, complaint, body, clock.now())
        row = await queries.read_one(session, caller, kind, key, clock.today())
    answer = queries.as_out(kind, row)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(row.version)})


async def list_some(
    request: Request, database: Database, caller: Caller, clock: Clock, kind: Kind, filters: queries.Filters, at: Cursor
) -> Response:
    """One page of records; that their words were read is logged."""
    async with database.transaction() as session:
        rows = await queries.list_rows(session, caller, kind, filters, at, clock.today())
        page, following = cut_page(rows, at, lambda row: place_of(getattr(row, kind.day), row.id))
        await record_read(session, caller, f"list_{kind.name}", kind.name, None)
    items = [queries.as_out(kind, row) for row in page]
    answer = Page[EnquiryOut | RemedyOut | RecommendationOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


async def list_versions(
    request: Request, database: Database, caller: Caller, kind: Kind, key: UUID, at: Cursor
) -> Response:
    """What a record said in each of its versions."""
    async with database.transaction() as session:
        row, _ = await service.require_record(session, caller, kind, key)
        table, record = table_of(FollowedHistory), cast(Followed, kind.model(**row))
        versions = await read_versions(session, table, table.c.record_id, record, service.content_of(kind, row), at)
        await record_read(session, caller, f"list_{kind.name}_versions", kind.name, key)
    return versions_page(request, versions, at)
