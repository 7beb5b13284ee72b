"""Assembling a report now, in the name of a caller who sees the whole council."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.reporting_api import editions
from services.reporting_api.assembly.brief import Brief, read_brief
from services.reporting_api.assembly.gather import gather_evidence
from services.reporting_api.assembly.history import AssembledOut, assembled
from services.reporting_api.assembly.service import (
    find_occurrence,
    open_edition,
    store_assembly,
)
from services.reporting_api.definitions import read_definitions
from services.reporting_api.whole_council import check_whole_council
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import version_etag
from shared.idempotency import once
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/occurrences", tags=["assembly"], route_class=StrictRoute)


@router.post("/{occurrence}/assemblies", response_model=AssembledOut, status_code=201)
async def assemble_report(
    request: Request,
    occurrence: UUID,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Assemble the report from the other services, or refresh its draft; what cannot be read is listed as missing.

    A refreshed draft says what moved since it was last assembled; what people wrote stays.
    """
    check_whole_council(caller)
    # With a key the first answer may have to be given again, whatever has become of the report since.
    early = "idempotency-key" not in request.headers
    brief = await _brief(database, caller, occurrence, clock, settings.small_number_threshold, early)
    # Before the transaction: nothing waits for a neighbour while holding a row.
    evidence = await gather_evidence(request.app.state.neighbours, brief, caller.bearer)
    async with once(request, database, caller) as deed:
        row = await find_occurrence(deed.session, caller, occurrence, lock=True)
        report = await store_assembly(deed.session, caller, row, brief, evidence, clock.today())
        found = await editions.read_edition(deed.session, caller, report)
        assert found is not None
        known = await read_definitions(deed.session)
        headers = {"Location": f"/v1/reports/{report}", "ETag": version_etag(found.version)}
        answer = await assembled(deed.session, caller, found, editions.edition_out(found, known, [], caller))
        return deed.answer(answer, headers=headers, subject=("report", str(report)))


async def _brief(
    database: Database, caller: Caller, occurrence: UUID, clock: Clock, threshold: int, early: bool
) -> Brief:
    """Read what is asked for and, where wanted, refuse early what could not be stored."""
    async with database.snapshot() as session:
        row = await find_occurrence(session, caller, occurrence)
        if early:
            await open_edition(session, row, clock.today())
        brief = await read_brief(session, row, clock.now(), clock.today(), threshold)
    if brief is None:
        raise NotFound()
    return brief
