"""Deliveries over HTTP: what was sent, what was acknowledged, and sending again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.deliveries import service
from services.reporting_api.deliveries.queue import d
from services.reporting_api.deliveries.schemas import DeliveryOut, DeliveryRow, DeliveryStatus, RedeliveriesOut
from services.reporting_api.receivers import find_receiver
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import Deed, once
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/webhooks/{webhook_id}", tags=["webhooks"], route_class=StrictRoute)
Publisher = Annotated[Caller, may("reporting:publish")]


@router.get("/deliveries", response_model=Page[DeliveryRow])
async def list_deliveries(
    request: Request,
    webhook_id: UUID,
    caller: Publisher,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    status: Annotated[DeliveryStatus | None, Query()] = None,
) -> Response:
    """The messages to a receiver, newest first. It says `acknowledged` of those the receiver answered with a 2xx."""
    statement = service.SELECT.where(d.webhook == webhook_id).order_by(d.id.desc()).limit(at.fetch)
    if status is not None:
        statement = statement.where(d.status == status)
    if at.after is not None:
        statement = statement.where(d.id < cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        await find_receiver(session, caller, webhook_id)
        rows = (await session.execute(statement)).all()
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[DeliveryRow](items=[DeliveryRow.of(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/deliveries/{delivery_id}", response_model=DeliveryOut)
async def get_delivery(webhook_id: UUID, delivery_id: UUID, caller: Publisher, database: DatabaseOf) -> Response:
    """One message, as it is sent, and each attempt to bring it."""
    async with database.snapshot() as session:
        await find_receiver(session, caller, webhook_id)
        found = await service.read_delivery(session, webhook_id, delivery_id)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post("/deliveries/{delivery_id}/redeliveries", response_model=DeliveryOut, status_code=202)
async def redeliver_message(
    request: Request, webhook_id: UUID, delivery_id: UUID, caller: Publisher, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Send one message again, under the same id, whether or not it was acknowledged."""
    async with once(request, database, caller) as deed:
        receiver = await find_receiver(deed.session, caller, webhook_id)
        await service.redeliver(deed.session, caller, receiver, delivery_id, clock.now())
        return await _accepted(deed, webhook_id, delivery_id)


@router.post("/redeliveries", response_model=RedeliveriesOut, status_code=202)
async def redeliver_given_up(
    request: Request, webhook_id: UUID, caller: Publisher, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Send every message again that was given up."""
    async with once(request, database, caller) as deed:
        receiver = await find_receiver(deed.session, caller, webhook_id)
        waiting = await service.redeliver_given_up(deed.session, caller, receiver, clock.now())
        return deed.answer(RedeliveriesOut(waiting=waiting), status=202)


@router.post("/pings", response_model=DeliveryOut, status_code=202)
async def ping_webhook(
    request: Request, webhook_id: UUID, caller: Publisher, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Send a message that tells of nothing, to try the receiver."""
    async with once(request, database, caller) as deed:
        receiver = await find_receiver(deed.session, caller, webhook_id)
        delivery = await service.ping(deed.session, caller, receiver, clock.now())
        return await _accepted(deed, webhook_id, delivery)


async def _accepted(deed: Deed, webhook: UUID, delivery: UUID) -> Response:
    found = await _read(deed.session, webhook, delivery)
    headers = {"Location": f"/v1/webhooks/{webhook}/deliveries/{delivery}"}
    return deed.answer(found, status=202, headers=headers)


async def _read(session: AsyncSession, webhook: UUID, delivery: UUID) -> DeliveryOut:
    return await service.read_delivery(session, webhook, delivery)
