"""The steps of a report to its board over HTTP, each with If-Match: what was read is what is changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated, Any
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
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import Deed, once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports/{report}", tags=["reports"], route_class=StrictRoute)
_UNDER_WAY = ("submitted", "signed_off")


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


async def _do(
    request: Request,
    database: Database,
    caller: Caller,
    clock: Clock,
    report: UUID,
    match: IfMatch,
    statuses: Sequence[str],
    step: Callable[[AsyncSession, Any], Awaitable[None]],
) -> Response:
    """Take a step with an edition in one of these statuses, once, and answer with how it stands then."""
    async with once(request, database, caller) as deed:
        await step(deed.session, await lock_edition(deed.session, caller, report, match, *statuses))
        return await _answer(deed, caller, report, clock.today())


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

    async def step(session: AsyncSession, row: Any) -> None:
        await signatures.submit_report(session, caller, row, clock.now(), settings.small_number_threshold)

    return await _do(request, database, caller, clock, report, match, ["draft"], step)


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

    async def step(session: AsyncSession, row: Any) -> None:
        now, today, threshold = clock.now(), clock.today(), settings.small_number_threshold
        await signatures.sign_report(session, caller, row, body, now, today, threshold)

    return await _do(request, database, caller, clock, report, match, ["submitted"], step)


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

    async def step(session: AsyncSession, row: Any) -> None:
        await signatures.send_back_report(session, caller, row, body, clock.now(), clock.today())

    return await _do(request, database, caller, clock, report, match, _UNDER_WAY, step)


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

    async def step(session: AsyncSession, row: Any) -> None:
        await signatures.withdraw_report(session, caller, row, body.reason, clock.now())

    return await _do(request, database, caller, clock, report, match, _UNDER_WAY, step)


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

    async def step(session: AsyncSession, row: Any) -> None:
        await signatures.reopen_report(session, caller, row, body.reason, clock.now())

    return await _do(request, database, caller, clock, report, match, _UNDER_WAY, step)


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

    async def step(session: AsyncSession, row: Any) -> None:
        now, today = clock.now(), clock.today()
        await service.publish_report(session, caller, row, now, today, settings.small_number_threshold)

    return await _do(request, database, caller, clock, report, match, ["signed_off"], step)


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
