"""The steps of a report to its board over HTTP, each with If-Match: what was read is what is changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.chain import read_powers
from services.reporting_api.definitions import read_definitions
from services.reporting_api.reports import service, signatures
from services.reporting_api.reports.changing import lock_edition
from services.reporting_api.reports.schemas import ReasonIn, ReportEdit, SendBackIn, SignatureIn
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import Deed, once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports/{report}", tags=["reports"], route_class=StrictRoute)


async def _state(session: AsyncSession, caller: Caller, report: UUID, today: date) -> editions.EditionOut:
    row = await editions.read_edition(session, caller, report)
    assert row is not None
    known = await read_definitions(session)
    signed = await editions.read_signatures(session, [report])
    powers = await read_powers(session, today, delegate=caller.subject)
    return editions.edition_out(row, known, signed.get(report, []), caller, powers)


async def _answer(deed: Deed, caller: Caller, report: UUID, today: date, status: int = 200) -> Response:
    found = await _state(deed.session, caller, report, today)
    headers = {"ETag": version_etag(found.version)}
    if status == 201:
        headers["Location"] = f"/v1/reports/{report}"
    return deed.answer(found, status=status, headers=headers, subject=("report", str(report)))


@router.patch("", response_model=editions.EditionOut)
async def edit_report(
    report: UUID,
    body: ReportEdit,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Write the texts of a draft: headlines, narratives, the closing questions, participation, key actions."""
    screen(body.texts(), settings.free_text_identifiers)
    async with database.transaction() as session:
        row = await lock_edition(session, caller, report, match, "draft")
        await service.edit_report(session, caller, row, body, settings.small_number_threshold)
        found = await _state(session, caller, report, clock.today())
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/submissions", response_model=editions.EditionOut, status_code=200)
async def submit_report(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Submit a draft for signature; the report's gates must hold."""
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "draft")
        await signatures.submit_report(deed.session, caller, row, clock.now(), settings.small_number_threshold)
        return await _answer(deed, caller, report, clock.today())


@router.post("/signatures", response_model=editions.EditionOut, status_code=200)
async def sign_report(
    request: Request,
    report: UUID,
    body: SignatureIn,
    caller: Annotated[Caller, may("reporting:sign")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Sign as the next role of the chain, for exactly the content whose hash is given."""
    screen({"/comment": body.comment}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "submitted")
        now, today, threshold = clock.now(), clock.today(), settings.small_number_threshold
        await signatures.sign_report(deed.session, caller, row, body, now, today, threshold)
        return await _answer(deed, caller, report, today)


@router.post("/send-backs", response_model=editions.EditionOut, status_code=200)
async def send_back_report(
    request: Request,
    report: UUID,
    body: SendBackIn,
    caller: Annotated[Caller, may("reporting:sign")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Send a submitted report back to its writers, as one who signs in its chain; its signatures become void."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "submitted", "signed_off")
        await signatures.send_back_report(deed.session, caller, row, body, clock.now(), clock.today())
        return await _answer(deed, caller, report, clock.today())


@router.post("/withdrawals", response_model=editions.EditionOut, status_code=200)
async def withdraw_report(
    request: Request,
    report: UUID,
    body: ReasonIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Withdraw what one has submitted oneself and is not published; its signatures become void."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "submitted", "signed_off")
        await signatures.withdraw_report(deed.session, caller, row, body.reason, clock.now())
        return await _answer(deed, caller, report, clock.today())


@router.post("/reopenings", response_model=editions.EditionOut, status_code=200)
async def reopen_report(
    request: Request,
    report: UUID,
    body: ReasonIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Take a submitted or signed report back to a draft; its signatures become void."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "submitted", "signed_off")
        await signatures.reopen_report(deed.session, caller, row, body.reason, clock.now())
        return await _answer(deed, caller, report, clock.today())


@router.post("/publications", response_model=editions.EditionOut, status_code=200)
async def publish_report(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:publish")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Publish a signed report: an immutable snapshot, and the end of the occurrence."""
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "signed_off")
        now, today = clock.now(), clock.today()
        await service.publish_report(deed.session, caller, row, now, today, settings.small_number_threshold)
        return await _answer(deed, caller, report, clock.today())


@router.post("/supersessions", response_model=editions.EditionOut, status_code=201)
async def supersede_report(
    request: Request,
    report: UUID,
    body: ReasonIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Begin a new edition of a published report, with the reason; the old one stays until it is published."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await lock_edition(deed.session, caller, report, match, "published")
        threshold = settings.small_number_threshold
        newer = await service.supersede_report(deed.session, caller, row, body.reason, threshold)
        return await _answer(deed, caller, newer, clock.today(), status=201)
