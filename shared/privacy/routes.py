"""What the data protection officer asks of a service: periods, holds, erasure, access, and who read what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from shared.activity.record import record_activity, record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.openapi import TAKES_NO_KEY
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.privacy import holds
from shared.privacy.access import find_everything
from shared.privacy.erasing import erase
from shared.privacy.errors import WholeCouncilOnly
from shared.privacy.holdings import Holdings
from shared.privacy.purging import purge_batch
from shared.privacy.retention import Standing, read_standing
from shared.privacy.schemas import (
    AccessIn,
    AccessOut,
    ErasureIn,
    ErasureOut,
    HoldIn,
    HoldOut,
    KindOut,
    LiftIn,
    PurgeIn,
    PurgeOut,
    RetentionOut,
)
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/privacy", tags=["privacy"], route_class=StrictRoute)
Officer = Annotated[Caller, may("privacy:read")]
Keeper = Annotated[Caller, may("privacy:hold")]
Eraser = Annotated[Caller, may("privacy:erase")]


async def _holdings(request: Request) -> Holdings:
    found: Holdings = request.app.state.holdings
    return found


HoldingsOf = Annotated[Holdings, Depends(_holdings)]


def check_whole_council(caller: Caller) -> None:
    """Raises WholeCouncilOnly for a token that names a unit."""
    if caller.unit is not None:
        raise WholeCouncilOnly()


def _kind_out(one: Standing) -> KindOut:
    kind = one.kind
    return KindOut(
        kind=kind.name, what=kind.what, whose=list(kind.whose), tables=list(kind.tables), retention=kind.retention,
        keep_years=one.keep_years, basis=one.basis, counted_from=kind.day,
        found_by=[*sorted(kind.subjects), "record"], held=one.held, due=one.due, stopped=one.stopped,
        next_due=one.next_due,
    )  # fmt: skip


@router.get("/retention", response_model=RetentionOut)
async def get_retention(
    caller: Officer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf, holdings: HoldingsOf
) -> RetentionOut:
    """What is held, how long it is kept, and what a purge would take today: a count by kind that names nobody."""
    check_whole_council(caller)
    async with database.snapshot() as session:
        standing = await read_standing(session, holdings, clock.today())
    kinds = [_kind_out(one) for one in standing]
    return RetentionOut(
        as_of=clock.today(), automatic=settings.purge, kinds=kinds, impersonal=dict(holdings.impersonal)
    )


@router.post("/purges", response_model=PurgeOut)
async def purge_due(
    request: Request, caller: Eraser, database: DatabaseOf, clock: ClockOf, holdings: HoldingsOf, body: PurgeIn
) -> Response:
    """Purge what is due and on no hold, oldest first. Look at the retention before: this cannot be taken back."""
    check_whole_council(caller)
    async with once(request, database, caller) as deed:
        done = await purge_batch(deed.session, holdings, caller, clock.today(), body.most)
        return deed.answer(PurgeOut(records=dict(done.records), more=done.more), 200)


@router.get("/holds", response_model=Page[HoldOut])
async def list_holds(
    request: Request,
    caller: Officer,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    lifted: Annotated[bool, Query(description="also those that ended")] = False,
) -> Response:
    """Legal holds, newest first."""
    check_whole_council(caller)
    async with database.snapshot() as session:
        rows = await holds.list_holds(session, at, lifted=lifted)
    page, following = cut_page(rows, at, lambda row: [str(row.id)])
    answer = Page[HoldOut](items=[holds.as_out(row) for row in page], next=following)
    return Response(answer.model_dump_json(), headers=link_header(request, following), media_type="application/json")


@router.post("/holds", response_model=HoldOut, status_code=201)
async def place_hold(
    request: Request, caller: Keeper, database: DatabaseOf, holdings: HoldingsOf, body: HoldIn
) -> Response:
    """Stop purge and erasure: of everything, of a sort of record, of a case, or of one record."""
    check_whole_council(caller)
    async with once(request, database, caller) as deed:
        made = await holds.place_hold(deed.session, holdings, caller, body)
        headers = {"ETag": version_etag(made.version), "Location": f"/v1/privacy/holds/{made.id}"}
        return deed.answer(made, headers=headers, subject=("legal_hold", str(made.id)))


@router.get("/holds/{hold_id}", response_model=HoldOut)
async def get_hold(caller: Officer, database: DatabaseOf, hold_id: UUID) -> Response:
    """One hold, with who placed it and why."""
    check_whole_council(caller)
    async with database.snapshot() as session:
        found = holds.as_out(await holds.read_hold(session, hold_id))
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), headers=headers, media_type="application/json")


@router.post("/holds/{hold_id}/lift", response_model=HoldOut)
async def lift_hold(
    request: Request,
    caller: Keeper,
    database: DatabaseOf,
    hold_id: UUID,
    seen: Annotated[IfMatch, if_match()],
    body: LiftIn,
) -> Response:
    """End a hold: what it kept and is due leaves with the next purge."""
    check_whole_council(caller)
    async with once(request, database, caller) as deed:
        found = await holds.lift_hold(deed.session, caller, hold_id, seen, body.because)
        headers = {"ETag": version_etag(found.version)}
        return deed.answer(found, 200, headers, subject=("legal_hold", str(hold_id)))


@router.post("/subject-access", response_model=AccessOut, openapi_extra=TAKES_NO_KEY)
async def find_subject(
    caller: Officer, database: DatabaseOf, clock: ClockOf, holdings: HoldingsOf, body: AccessIn
) -> Response:
    """Everything this service holds of a case, a record or a member of staff. Read it before it is handed over: words
    in it may be about others. That it was asked is logged, without the reference."""
    check_whole_council(caller)
    async with database.snapshot() as session:
        found = await find_everything(session, holdings, body, clock.now())
    async with database.transaction() as session:
        await record_read(session, caller, "find_subject", f"subject_{body.subject.by}", None)
        data = {"by": body.subject.by, "rows": sum(len(one.rows) for one in found.held)}
        await record_activity(session, caller, "privacy.accessed", "subject_access", "subject", data=data)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post("/erasures", response_model=ErasureOut)
async def erase_subject(
    request: Request, caller: Eraser, database: DatabaseOf, holdings: HoldingsOf, body: ErasureIn
) -> Response:
    """Erase what is held of a case, or one record, for good. The log says that it was done, and still verifies."""
    check_whole_council(caller)
    async with once(request, database, caller) as deed:
        return deed.answer(await erase(deed.session, holdings, caller, body), 200)
