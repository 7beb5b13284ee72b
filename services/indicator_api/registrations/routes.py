"""The register of staff checks over HTTP: sent in batches, summed up for all, read person by person by a few."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.indicator_api.days import last_day
from services.indicator_api.registrations import imports, queries, service
from services.indicator_api.registrations.figures import figures_of
from services.indicator_api.registrations.imports import Mode
from services.indicator_api.registrations.schemas import (
    ITEMS,
    CheckPage,
    RegistrationFiguresOut,
    RegistrationImportOut,
    RegistrationSummaryOut,
    StaffMemberOut,
)
from services.indicator_api.registrations.service import Wanted
from services.indicator_api.registrations.standing import State, checks_on
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.batches import read_batch
from shared.idempotency import once
from shared.organisation.units import visible_units
from shared.paging import Cursor, cursor, cut_page, link_header
from shared.problems import Fault, Malformed, NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code, LocalDate
from shared.schemas.framework.workforce import RegistrationKind
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/registrations", tags=["registrations"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
StaffReader = Annotated[Caller, may("indicator:staff")]
UnitFilter = Annotated[Code | None, Query(description="this unit and those below it")]
KindFilter = Annotated[RegistrationKind | None, Query(description="checks of this kind only")]
MAX_BYTES = 10_000_000


@router.post("/imports", response_model=RegistrationImportOut, status_code=200, openapi_extra=ITEMS)
async def import_registrations(
    request: Request,
    caller: Annotated[Caller, may("indicator:write")],
    database: DatabaseOf,
    clock: ClockOf,
    mode: Annotated[Mode, Query(description="atomic: all rows or none; partial: the good ones")] = "atomic",
    dry_run: Annotated[bool, Query(description="only report what would happen")] = False,
) -> Response:
    """Record up to 10,000 checks by person, kind and body: new ones are created, others change with their past kept,
    and a replay changes nothing. Who is left out stays: a leaver is sent with `left_on`."""
    raw = await read_batch(request, MAX_BYTES)
    rows = await asyncio.to_thread(imports.read_rows, raw)
    async with once(request, database, caller, hashlib.sha256(raw).digest()) as deed:
        report = await imports.import_rows(deed.session, caller, rows, mode, clock.now(), dry_run=dry_run)
        return deed.answer(report, 200)


@router.get("/summary", response_model=RegistrationSummaryOut)
async def summarise_registrations(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    on: Annotated[LocalDate | None, Query(description="the day asked about; today if none")] = None,
    unit: UnitFilter = None,
    kind: KindFilter = None,
    body: Annotated[Code | None, Query(description="registrations with this body only")] = None,
) -> Response:
    """How many required checks are valid on a day, lapsed or missing, and how many lapse within 30, 60 and 90 days:
    in all, by unit with those below it, by kind, by body, and by role family (R45). Nobody is named."""
    async with database.snapshot() as session:
        found = await service.summarise(session, caller, Wanted(on or clock.today(), unit, kind, body))
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/figures", response_model=RegistrationFiguresOut)
async def count_registration_figures(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="a period that has ended", examples=["2026-10"])],
) -> Response:
    """What the register says at the end of a period, as figures of the indicators it answers: the body of an import."""
    asked = Period.parse(period)
    on = last_day(asked)
    if on > clock.today():
        fault = Fault("/query/period", "period_not_ended", "this period has not ended; nobody knows its last day yet")
        raise Malformed("There are no figures yet.", errors=[fault])
    async with database.snapshot() as session:
        items = await figures_of(session, caller, asked, on)
    return Response(RegistrationFiguresOut(items=items).model_dump_json(), media_type="application/json")


@router.get("", response_model=CheckPage)
async def list_registrations(
    request: Request,
    caller: StaffReader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str, str)],
    on: Annotated[LocalDate | None, Query(description="the day asked about; today if none")] = None,
    unit: UnitFilter = None,
    kind: KindFilter = None,
    state: Annotated[State | None, Query(description="only checks that stand so")] = None,
    expiring_within: Annotated[
        int | None, Query(ge=0, le=366, description="only valid ones that lapse within as many days", examples=[30])
    ] = None,
) -> Response:
    """Required checks person by person, those nobody holds too, in order of reference; that it was read is logged."""
    wanted = Wanted(on or clock.today(), unit, kind)
    async with database.transaction() as session:
        checks, _ = await service.read_checks(session, caller, wanted)
        await record_read(session, caller, "list_registrations", "registration", unit or caller.unit)
    found = [
        check
        for check in checks
        if state in (None, check.state)
        and (expiring_within is None or check.lapses_within(expiring_within, wanted.on))
        and (at.after is None or check.key > at.after)
    ]
    page, following = cut_page(found[: at.fetch], at, lambda check: check.key)
    items = [service.check_out(check, wanted.on) for check in page]
    body = CheckPage(on=wanted.on, items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/{staff_ref}", response_model=StaffMemberOut)
async def get_staff_registrations(
    staff_ref: Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")],
    caller: StaffReader,
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """One member of staff: the required checks as they stand today, and all that was recorded; it is logged."""
    today = clock.today()
    async with database.transaction() as session:
        rows = await queries.read_person(session, staff_ref, await visible_units(session, caller))
        if not rows:
            raise NotFound()
        held = await queries.read_held(session, today, staff_ref=staff_ref)
        families = await queries.read_families(session)
        await record_read(session, caller, "get_staff_registrations", "registration", staff_ref)
    checks = checks_on(held, families, today)
    person = rows[0]
    found = StaffMemberOut(
        **{name: person[name] for name in ("staff_ref", *queries.PERSON)},
        checks=[service.check_out(check, today) for check in checks],
        records=[service.record_out(row) for row in rows],
        allowed_actions=["record"] if caller.may("indicator:write") else [],
    )  # fmt: skip
    return Response(found.model_dump_json(), media_type="application/json")
