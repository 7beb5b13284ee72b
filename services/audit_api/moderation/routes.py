"""Asking for a moderation, grading a second and third time blind or in conflict, and settling on grades."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.moderation import queries, service, settling
from services.audit_api.moderation.beginning import paper_of
from services.audit_api.moderation.rendering import moderation_out, moderation_row
from services.audit_api.moderation.schemas import (
    AllocationIn,
    ModerationIn,
    ModerationOut,
    ModerationReasonIn,
    ModerationRow,
    ModerationsOut,
    ProposalIn,
    SecondGradingIn,
    Status,
    ThirdGradingIn,
)
from services.audit_api.reach import units_asked_for
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import Mode, screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["moderation"], route_class=StrictRoute)
Manager = Annotated[Caller, may("audit:manage")]
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]
_JSON = "application/json"


def _screen(body: SecondGradingIn | ProposalIn | ThirdGradingIn, words: Mode, more: dict[str, str | None]) -> None:
    """Hold the reasons of grades, and the other texts, to what may stand in a text."""
    reasons = {f"/grades/{domain}/reason": grade.reason for domain, grade in body.grades.given().items()}
    screen(reasons | more, words)


async def _whole(session: AsyncSession, caller: Caller, moderation: UUID, clock: Clock) -> ModerationOut:
    row = await queries.read_moderation(session, caller, moderation)
    return moderation_out(row, await paper_of(session, row), caller, clock.today())


async def _do(
    request: Request,
    database: Database,
    caller: Caller,
    clock: Clock,
    moderation: UUID,
    deed_of: Callable[[AsyncSession], Awaitable[None]],
) -> Response:
    """Take a step of a moderation once, and answer with the moderation as it stands then."""
    async with once(request, database, caller) as deed:
        await deed_of(deed.session)
        answer = await _whole(deed.session, caller, moderation, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("moderation", str(moderation)))


@router.post("/audits/{audit_id}/moderations", response_model=ModerationOut, status_code=201)
async def raise_moderation(
    request: Request, audit_id: UUID, body: ModerationIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Ask for a second grading of a submitted audit, as its auditor, its team or who manages audits; `If-Match` is the
    audit's. Until the moderation ends the audit is neither closed nor opened again."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    days = settings.moderation_working_days
    async with once(request, database, caller) as deed:
        found = await service.raise_moderation(deed.session, caller, audit_id, body, match, days, clock.now())
        answer = await _whole(deed.session, caller, found, clock)
        headers = {"Location": f"/v1/moderations/{found}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("moderation", str(found)))


@router.get("/audits/{audit_id}/moderations", response_model=ModerationsOut)
async def list_moderations_of_audit(audit_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """The moderations of one audit, the oldest first, each with every grading."""
    async with database.snapshot() as session:
        rows = await queries.of_audit(session, caller, audit_id)
        items = [moderation_out(row, await paper_of(session, row), caller, clock.today()) for row in rows]
    return Response(ModerationsOut(items=items).model_dump_json(), media_type=_JSON)


@router.get("/moderations", response_model=Page[ModerationRow])
async def list_moderations(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[list[Status], Query(max_length=7, description="one or several")] = [],  # noqa: B006
    waits_for_me: Annotated[bool, Query(description="only those that go on with the caller alone")] = False,
    overdue: Annotated[bool, Query(description="only those not settled by their due date")] = False,
    sample: Annotated[UUID | None, Query(description="only those of this sample")] = None,
    unit: Annotated[Code | None, Query(description="audits of this unit and those below it")] = None,
) -> Response:
    """Moderations within the caller's reach and those given to the caller, by their due dates."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_moderations(
            session, caller, at, clock.today(), statuses=status, waiting=waits_for_me, overdue=overdue,
            sample=sample, units=units,
        )  # fmt: skip
    page, following = cut_page(rows, at, lambda row: (row.due_on.isoformat(), str(row.id)))
    items = [moderation_row(row, caller, clock.today()) for row in page]
    answer = Page[ModerationRow](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/moderations/{moderation_id}", response_model=ModerationOut)
async def get_moderation(moderation_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One moderation with every grading; a second grader sees none before the own. That it was read is recorded."""
    async with database.transaction() as session:
        answer = await _whole(session, caller, moderation_id, clock)
        await record_read(session, caller, "get_moderation", "moderation", moderation_id)
    # It looks another way to each caller, and is overdue without having changed: always sent.
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.post("/moderations/{moderation_id}/allocations", response_model=ModerationOut, status_code=201)
async def allocate_moderation(
    request: Request, moderation_id: UUID, body: AllocationIn, caller: Manager, database: DatabaseOf, clock: ClockOf,
    match: Match,
) -> Response:  # fmt: skip
    """Say who grades: a second time, or, where the two are in conflict, a third."""

    async def deed(session: AsyncSession) -> None:
        await service.allocate(session, caller, moderation_id, body, match)

    return await _do(request, database, caller, clock, moderation_id, deed)


@router.post("/moderations/{moderation_id}/gradings", response_model=ModerationOut, status_code=201)
async def grade_second(
    request: Request, moderation_id: UUID, body: SecondGradingIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Grade each domain without knowing the first grading; where both agree the audit is moderated at once."""
    _screen(body, settings.free_text_identifiers, {"/note": body.note})

    async def deed(session: AsyncSession) -> None:
        await service.grade_second(session, caller, moderation_id, body, match, clock.now())

    return await _do(request, database, caller, clock, moderation_id, deed)


@router.post("/moderations/{moderation_id}/proposals", response_model=ModerationOut, status_code=201)
async def propose_grades(
    request: Request, moderation_id: UUID, body: ProposalIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Propose, as first or second grader, the grades for the domains on which the two differ, with the reasons."""
    _screen(body, settings.free_text_identifiers, {})

    async def deed(session: AsyncSession) -> None:
        await settling.propose(session, caller, moderation_id, body, match)

    return await _do(request, database, caller, clock, moderation_id, deed)


@router.post("/moderations/{moderation_id}/confirmations", response_model=ModerationOut, status_code=201)
async def confirm_grades(
    request: Request, moderation_id: UUID, caller: Writer, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Confirm, as the other of the two, what one proposed: the proposal seen is the one that `If-Match` names."""

    async def deed(session: AsyncSession) -> None:
        await settling.confirm(session, caller, moderation_id, match, clock.now())

    return await _do(request, database, caller, clock, moderation_id, deed)


@router.post("/moderations/{moderation_id}/conflicts", response_model=ModerationOut, status_code=201)
async def declare_conflict(
    request: Request, moderation_id: UUID, body: ModerationReasonIn, caller: Writer, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Say that the two will not agree, so that a third decides."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)

    async def deed(session: AsyncSession) -> None:
        await settling.declare_conflict(session, caller, moderation_id, body.reason, match)

    return await _do(request, database, caller, clock, moderation_id, deed)


@router.post("/moderations/{moderation_id}/third-gradings", response_model=ModerationOut, status_code=201)
async def grade_third(
    request: Request, moderation_id: UUID, body: ThirdGradingIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Settle a conflict, as the third grader it was given to; or record, as who manages audits, the grading of another
    council's grader with what shows it."""
    _screen(body, settings.free_text_identifiers, {"/note": body.note})

    async def deed(session: AsyncSession) -> None:
        await settling.grade_third(session, caller, moderation_id, body, match, clock.now())

    return await _do(request, database, caller, clock, moderation_id, deed)


@router.post("/moderations/{moderation_id}/withdrawals", response_model=ModerationOut, status_code=201)
async def withdraw_moderation(
    request: Request, moderation_id: UUID, body: ModerationReasonIn, caller: Manager, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Take back a moderation that nobody has graded yet; the audit is submitted as before."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)

    async def deed(session: AsyncSession) -> None:
        await service.withdraw(session, caller, moderation_id, body.reason, match, clock.now())

    return await _do(request, database, caller, clock, moderation_id, deed)
