"""Secret calendar addresses over HTTP, and the calendar that a program reads at one without a login."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request, Response

from services.reporting_api.calendar import addresses as service
from services.reporting_api.calendar.address_schemas import CalendarAddressIn, CalendarAddressMade, CalendarAddressOut
from services.reporting_api.calendar.addresses import c, table
from services.reporting_api.calendar.routes import ICAL, feed_answer
from shared.auth.caller import Caller
from shared.auth.permission import anyone, may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["schedule"], route_class=StrictRoute)
Reader = Annotated[Caller, may("reporting:read")]


async def _admit(_: Request) -> None:
    """Whoever has the secret; it is looked up by the route."""


@router.post("/calendar-addresses", response_model=CalendarAddressMade, status_code=201)
async def make_calendar_address(
    request: Request,
    body: CalendarAddressIn,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Make an address at which a calendar program reads what is due and who meets; it is told this once.

    It shows what its maker may see, for a year. Whoever has it reads it: keep it as a password and
    revoke it when in doubt.
    """
    screen({"/name": body.name}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row, secret = await service.make_address(deed.session, caller, body, clock.today())
        found = CalendarAddressOut.of(row, caller, clock.today())
        url = f"{str(request.base_url).rstrip('/')}/v1/public/calendars/{secret}.ics"
        headers = {"ETag": version_etag(row.version)}
        answer, kept = CalendarAddressMade(address=found, url=url), CalendarAddressMade(address=found, url=None)
        return deed.answer(answer, headers=headers, subject=("calendar_address", str(row.id)), kept=kept)


@router.get("/calendar-addresses", response_model=Page[CalendarAddressOut])
async def list_calendar_addresses(
    request: Request, caller: Reader, database: DatabaseOf, clock: ClockOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """One's own addresses, newest first; for whoever publishes, everybody's."""
    statement = sa.select(table).order_by(c.id.desc()).limit(at.fetch)
    if at.after is not None:
        statement = statement.where(c.id < cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        rows = (await session.execute(statement.where(await service.seen_by(session, caller)))).all()
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    items = [CalendarAddressOut.of(row, caller, clock.today()) for row in page]
    answer = Page[CalendarAddressOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("/calendar-addresses/{address_id}/revocations", response_model=CalendarAddressOut, status_code=200)
async def revoke_calendar_address(
    request: Request,
    address_id: UUID,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Revoke an address, one's own or, as one who publishes, somebody else's; it answers nothing from now on."""
    async with once(request, database, caller) as deed:
        row = await service.revoke_address(deed.session, caller, address_id, match, clock.now())
        headers = {"ETag": version_etag(row.version)}
        answer = CalendarAddressOut.of(row, caller, clock.today())
        return deed.answer(answer, status=200, headers=headers, subject=("calendar_address", str(address_id)))


@router.get("/public/calendars/{secret}.ics", response_class=Response, responses=ICAL)
async def read_calendar_address(
    request: Request,
    _: Annotated[None, anyone(_admit)],
    secret: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{4,64}$", description="as the address was made with")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """The calendar at a secret address, without a login: the same feed as `/v1/calendar.ics`."""
    async with database.snapshot() as session:
        caller, board = await service.find_holder(session, secret, clock.today())
        return await feed_answer(request, session, caller, board, clock.today())
