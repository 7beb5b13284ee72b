"""Evidence of audits over HTTP: references, files sent and fetched as they are, and removals."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.attachments import queries, service
from services.audit_api.attachments.contents import examine
from services.audit_api.attachments.schemas import FILE, FILE_BODY, AttachmentOut, ReferenceIn, RemovalIn
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import TooLarge
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Label
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/audits/{audit_id}/attachments", tags=["attachments"], route_class=StrictRoute)
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]


@router.post("", response_model=AttachmentOut, status_code=201)
async def attach_reference(
    request: Request,
    audit_id: UUID,
    body: ReferenceIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Attach evidence that is kept elsewhere, by its reference."""
    screen({"/note": body.note}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        made = await service.attach(deed.session, caller, audit_id, body, body.note, clock.now())
        return deed.answer(made, subject=("audit", str(audit_id)))


@router.post("/files", response_model=AttachmentOut, status_code=201, openapi_extra=FILE_BODY)
async def attach_file(
    request: Request,
    audit_id: UUID,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    name: Annotated[str, Query(min_length=1, max_length=255, description="the file's name", examples=["notes.txt"])],
    note: Annotated[Label | None, Query()] = None,
) -> Response:
    """Attach a file, sent as the body: PDF, PNG, JPEG, DOCX, XLSX or plain text, known by its content. Its name is
    made safe; without macros, and at most as large as QAPF_ATTACHMENT_MAX_BYTES says."""
    screen({"/query/name": name, "/query/note": note}, settings.free_text_identifiers)
    content = await _read(request, settings.attachment_max_bytes)
    declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
    upload = await asyncio.to_thread(examine, content, declared, name)
    async with once(request, database, caller, hashlib.sha256(content).digest()) as deed:
        made = await service.attach(deed.session, caller, audit_id, upload, note, clock.now())
        return deed.answer(made, subject=("audit", str(audit_id)))


def disposition(name: str) -> str:
    """That the file is to be saved under its name, which old clients are given in ASCII."""
    plain = "".join(one if one.isascii() else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


async def _read(request: Request, most: int) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise TooLarge(f"A file has at most {most} bytes.")
    return bytes(raw)


@router.get("", response_model=Page[AttachmentOut])
async def list_attachments(
    request: Request, audit_id: UUID, caller: Reader, database: DatabaseOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """The evidence of an audit in the order it was attached, removed pieces with the reason."""
    async with database.snapshot() as session:
        held = await queries.audit_in_reach(session, caller, audit_id)
        rows = await queries.list_attachments(session, audit_id, at)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    items = [service.attachment_out(row, held, caller) for row in page]
    body = Page[AttachmentOut](items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/{attachment_id}/content", response_class=Response, responses=FILE)
async def get_attachment_content(
    request: Request, audit_id: UUID, attachment_id: UUID, caller: Reader, database: DatabaseOf
) -> Response:
    """A file as it was sent, to be saved and never shown in place; that it was read is recorded."""
    async with database.transaction() as session:
        row, content = await service.content_of(session, caller, audit_id, attachment_id)
        await record_read(session, caller, "get_attachment_content", "audit", audit_id)
    headers = {
        "ETag": f'"{row.sha256.hex()}"',
        "Content-Disposition": disposition(row.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=row.media_type, headers=headers)


@router.post("/{attachment_id}/removals", response_model=AttachmentOut, status_code=201)
async def remove_attachment(
    request: Request,
    audit_id: UUID,
    attachment_id: UUID,
    body: RemovalIn,
    caller: Annotated[Caller, may("audit:manage")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Remove evidence that should not be there, with the reason: a file's content is deleted, its record stays."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        gone = await service.remove(deed.session, caller, audit_id, attachment_id, body.reason, clock.now())
        return deed.answer(gone, subject=("audit", str(audit_id)))
