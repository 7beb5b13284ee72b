"""Assembling a report now, in the name of a caller who sees the whole council."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api import editions
from services.reporting_api.assembly.brief import Brief, end_of, read_brief
from services.reporting_api.assembly.history import AssembledOut, assembled
from services.reporting_api.assembly.material import gather_material
from services.reporting_api.assembly.service import (
    find_occurrence,
    open_edition,
    store_assembly,
)
from services.reporting_api.whole_council import check_whole_council
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import version_etag
from shared.idempotency import once
from shared.problems import Fault, Malformed, NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/occurrences", tags=["assembly"], route_class=StrictRoute)

_CUT_OFF = (
    "tell the indicators' figures as they stood at the end of this day, so that one caught up late tells what it would"
    " have told in time; as they stand now if none"
)


@router.post("/{occurrence}/assemblies", response_model=AssembledOut, status_code=201)
async def assemble_report(
    request: Request,
    occurrence: UUID,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    cut_off: Annotated[LocalDate | None, Query(description=_CUT_OFF)] = None,
) -> Response:
    """Assemble the report from the other services, or refresh its draft; what cannot be read is listed as missing.

    A refreshed draft says what moved since it was last assembled; what people wrote stays.
    """
    check_whole_council(caller)
    # With a key the first answer may have to be given again, whatever has become of the report since.
    early = "idempotency-key" not in request.headers
    asked = Asked(occurrence, cut_off, early)
    brief = await _brief(database, caller, asked, clock, settings.small_number_threshold)
    # Before the transaction: nothing waits for a neighbour while holding a row.
    material = await gather_material(database, request.app.state.neighbours, brief, caller.bearer)
    async with once(request, database, caller) as deed:
        row = await find_occurrence(deed.session, caller, occurrence, lock=True)
        report = await store_assembly(deed.session, caller, row, material, clock.today())
        found = await editions.read_edition(deed.session, caller, report)
        assert found is not None
        headers = {"Location": f"/v1/reports/{report}", "ETag": version_etag(found.version)}
        answer = await assembled(deed.session, caller, found, editions.edition_out(found, brief.known, [], caller))
        return deed.answer(answer, headers=headers, subject=("report", str(report)))


@dataclass(frozen=True)
class Asked:
    """What a caller asks to be assembled, and whether to refuse early what could not be stored."""

    occurrence: UUID
    cut_off: date | None
    early: bool


async def _brief(database: Database, caller: Caller, asked: Asked, clock: Clock, threshold: int) -> Brief:
    """Read what is asked for; raises Malformed for a cut-off before the period is over."""
    async with database.snapshot() as session:
        row = await find_occurrence(session, caller, asked.occurrence)
        if asked.early:
            await open_edition(session, row, clock.today())
        if asked.cut_off is not None and asked.cut_off < row.period_end:
            fault = Fault("/query/cut_off", "before_period_end", "give a day on which the period was over")
            raise Malformed("A report tells of its whole period.", errors=[fault])
        cut_off = end_of(asked.cut_off) if asked.cut_off else None
        brief = await read_brief(session, row, clock.now(), clock.today(), threshold, cut_off)
    if brief is None:
        raise NotFound()
    return brief
