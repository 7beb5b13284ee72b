"""Where an edition is on its way, over HTTP, for those who work on reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api import editions
from services.reporting_api.chain import read_powers
from services.reporting_api.definitions import read_definitions
from services.reporting_api.reports.sign_off import read_sign_off
from services.reporting_api.reports.sign_off_schemas import SignOffOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.auth.roles import role_book
from shared.etags import version_etag
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["sign-off"], route_class=StrictRoute)


@router.get("/sign-offs", response_model=Page[editions.EditionOut])
async def list_sign_offs(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    role: Annotated[Code | None, Query(description="waits for a signature in this role")] = None,
    mine: Annotated[bool, Query(description="only what this caller may sign now, in whosever right")] = False,
) -> Response:
    """What waits for a signature, the first due first, for those who work on reports; nothing for anybody else."""
    statement = editions.SELECT.where(editions.c.status == "submitted")
    async with database.snapshot() as session:
        known = await read_definitions(session)
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(editions.c.unit.in_(sorted(allowed)))
        # Read whole: whose turn it is no index knows, and no more are under way than reports are due in a month or two.
        rows = (await session.execute(statement)).all() if editions.works_on_drafts(caller) else []
        signed = await editions.read_signatures(session, [row.id for row in rows])
        powers = await read_powers(session, clock.today(), delegate=caller.subject)
    found = [editions.edition_out(row, known, signed.get(row.id, []), caller, powers) for row in rows]
    found = [
        one
        for one in sorted(found, key=_key)
        if (role is None or one.next_signature == role)
        and (not mine or "sign" in one.allowed_actions)
        and (at.after is None or _key(one) > at.after)
    ]
    page, following = cut_page(found[: at.fetch], at, _key)
    answer = Page[editions.EditionOut](items=list(page), next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


def _key(one: editions.EditionOut) -> tuple[str, str]:
    return one.due_on.isoformat(), one.id


@router.get("/reports/{report}/sign-off", response_model=SignOffOut)
async def get_sign_off(
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """The chain with who may act now by role and by delegation, every gate, and each step so far with its reason.

    For those who write, sign or publish; a board's member sees the signatures in the report itself.
    """
    book = role_book(settings.roles_file)
    async with database.snapshot() as session:
        row = await editions.read_edition(session, caller, report)
        if row is None or not editions.works_on_drafts(caller):
            raise NotFound()
        found = await read_sign_off(session, caller, row, book, clock.today(), settings.small_number_threshold)
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)
