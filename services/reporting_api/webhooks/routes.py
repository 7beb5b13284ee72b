"""Webhooks over HTTP: who is told when a report is published."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.receivers import c, find_receiver
from services.reporting_api.webhook_secrets import webhook_secrets
from services.reporting_api.webhooks import service
from services.reporting_api.webhooks.schemas import WebhookEdit, WebhookIn, WebhookOut, WebhookSecretOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import Deed, once
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StrictRoute)
Publisher = Annotated[Caller, may("reporting:publish")]
Seen = Annotated[IfMatch, if_match()]


@router.post("", response_model=WebhookSecretOut, status_code=201)
async def make_webhook(
    request: Request, body: WebhookIn, caller: Publisher, database: DatabaseOf, settings: SettingsOf
) -> Response:
    """Have an address told of reports, by signed messages (Standard Webhooks). The answer holds the secret: keep it.

    A message names the report and says no more; what it holds is read with a token of the reader's own.
    """
    async with once(request, database, caller) as deed:
        made, secret = await service.make_webhook(
            deed.session, caller, body, webhook_secrets(request), private=settings.webhook_private_addresses
        )
        return await _with_secret(deed, made, secret, 201)


@router.get("", response_model=Page[WebhookOut])
async def list_webhooks(
    request: Request, caller: Publisher, database: DatabaseOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """The receivers, oldest first, with what waits for each and since when it fails."""
    statement = service.SELECT.where(c.status != "removed").order_by(c.id).limit(at.fetch)
    if at.after is not None:
        statement = statement.where(c.id > cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(c.unit.in_(sorted(allowed)))
        rows = (await session.execute(statement)).all()
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[WebhookOut](items=[WebhookOut.of(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{webhook_id}", response_model=WebhookOut)
async def get_webhook(request: Request, webhook_id: UUID, caller: Publisher, database: DatabaseOf) -> Response:
    """One receiver and how it takes what it is sent."""
    async with database.snapshot() as session:
        await find_receiver(session, caller, webhook_id)
        row = await service.read_webhook(session, webhook_id)
    return _answer(row)


@router.patch("/{webhook_id}", response_model=WebhookOut)
async def edit_webhook(
    webhook_id: UUID, body: WebhookEdit, caller: Publisher, database: DatabaseOf, settings: SettingsOf, match: Seen
) -> Response:
    """Change what a receiver is told or where; pause it, or take it up again where it stopped."""
    async with database.transaction() as session:
        row = await find_receiver(session, caller, webhook_id, lock=True)
        match.check(row.version)
        await service.change_webhook(session, caller, row, body, private=settings.webhook_private_addresses)
        row = await service.read_webhook(session, webhook_id)
    return _answer(row)


@router.post("/{webhook_id}/secrets", response_model=WebhookSecretOut, status_code=201)
async def rotate_webhook_secret(
    request: Request,
    webhook_id: UUID,
    caller: Publisher,
    database: DatabaseOf,
    clock: ClockOf,
    match: Seen,
) -> Response:
    """Give a receiver another secret, told this once. For a day messages are signed with both."""
    async with once(request, database, caller) as deed:
        row = await find_receiver(deed.session, caller, webhook_id, lock=True)
        match.check(row.version)
        secret = await service.rotate_secret(deed.session, caller, row, clock.now(), webhook_secrets(request))
        return await _with_secret(deed, webhook_id, secret, 201)


@router.delete("/{webhook_id}", status_code=204)
async def remove_webhook(webhook_id: UUID, caller: Publisher, database: DatabaseOf, match: Seen) -> Response:
    """Tell this receiver nothing more. What it acknowledged stays on record."""
    async with database.transaction() as session:
        row = await find_receiver(session, caller, webhook_id, lock=True)
        match.check(row.version)
        await service.remove_webhook(session, caller, row)
    return Response(status_code=204)


def _answer(row: object) -> Response:
    found = WebhookOut.of(row)
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)


async def _with_secret(deed: Deed, webhook: UUID, secret: bytes, status: int) -> Response:
    found = await _read(deed.session, webhook)
    headers = {"Location": f"/v1/webhooks/{webhook}", "ETag": version_etag(found.version)}
    answer = WebhookSecretOut(webhook=found, secret=service.written(secret))
    kept = WebhookSecretOut(webhook=found, secret=None)
    return deed.answer(answer, status=status, headers=headers, subject=("webhook", str(webhook)), kept=kept)


async def _read(session: AsyncSession, webhook: UUID) -> WebhookOut:
    return WebhookOut.of(await service.read_webhook(session, webhook))
