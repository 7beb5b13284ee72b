"""Drawing samples for moderation, and how far the two graders of moderated audits agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.agreeing import Least, Wanted, agreements
from services.audit_api.moderation import samples
from services.audit_api.moderation.rendering import moderation_row
from services.audit_api.moderation.sample_schemas import (
    CandidateOut,
    SampleIn,
    SampleOut,
    SampleRow,
)
from services.audit_api.parameters import span_of
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.framework.store import check_codes
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.audit_summary import AgreementBy, AgreementsOut
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["moderation"], route_class=StrictRoute)
Manager = Annotated[Caller, may("audit:manage")]
_JSON = "application/json"


@router.post("/moderation-samples", response_model=SampleOut, status_code=201)
async def draw_moderation_sample(
    request: Request, body: SampleIn, caller: Manager, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Draw submitted audits of a period for a second grading, spread over their auditors, and begin it."""
    async with once(request, database, caller) as deed:
        days = settings.moderation_working_days
        sample = await samples.draw_sample(deed.session, caller, body, days, clock.now())
        answer = _sample(*await samples.read_sample(deed.session, caller, sample), caller, clock)
        headers = {"Location": f"/v1/moderation-samples/{sample}"}
        return deed.answer(answer, headers=headers, subject=("moderation_sample", str(sample)))


@router.get("/moderation-samples", response_model=Page[SampleRow])
async def list_moderation_samples(
    request: Request, caller: Manager, database: DatabaseOf, at: Annotated[Cursor, cursor(str)]
) -> Response:
    """The samples drawn, the newest first."""
    async with database.snapshot() as session:
        rows = await samples.list_samples(session, caller, at)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[SampleRow](items=[SampleRow(**_row(row)) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/moderation-samples/{sample_id}", response_model=SampleOut)
async def get_moderation_sample(sample_id: UUID, caller: Manager, database: DatabaseOf, clock: ClockOf) -> Response:
    """A sample with everything it could draw, in the order of the draw, so that anyone can draw it again."""
    async with database.snapshot() as session:
        answer = _sample(*await samples.read_sample(session, caller, sample_id), caller, clock)
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/moderation/agreement", response_model=AgreementsOut)
async def get_moderation_agreement(
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    settings: SettingsOf,
    by: Annotated[AgreementBy, Query(description="auditors see themselves only, managers of audits see all")] = "tool",
    period: Annotated[PeriodCode | None, Query(description="month, quarter or year the audits count for")] = None,
    tool: Annotated[Code | None, Query()] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    origin: Annotated[
        Literal["any", "sample"], Query(description="`sample` leaves out what somebody asked for, as a dispute")
    ] = "any",
) -> Response:
    """Quadratic weighted kappa, percent exact and percent within one of first and second grades."""
    span = None if period is None else span_of(period)
    least = Least(settings.agreement_least_pairs, settings.agreement_least_pairs_auditor)
    async with database.snapshot() as session:
        if tool is not None:
            await check_codes(session, "tools", {"/query/tool": tool})
        units = None if unit is None else await units_asked_for(session, caller, unit)
        wanted = Wanted(by, span, tool, units, drawn_only=origin == "sample")
        answer = await agreements(session, caller, wanted, period, least)
    return Response(answer.model_dump_json(), media_type=_JSON)


def _row(row: Any) -> dict[str, Any]:
    named = ("tool", "programme", "unit", "period", "percent", "seed", "passed_over", "drawn_by", "drawn_at")
    return {name: getattr(row, name) for name in named} | {"id": str(row.id), "count": row.number}


def _sample(row: Any, candidates: Sequence[Any], begun: Sequence[Any], caller: Caller, clock: Clock) -> SampleOut:
    return SampleOut(
        **_row(row),
        eligible=len(candidates),
        drawn=sum(one.drawn for one in candidates),
        candidates=[
            CandidateOut(
                place=one.place, audit=str(one.audit_id), auditor=one.auditor, sampled_before=one.sampled_before,
                drawn=one.drawn,
            )
            for one in candidates
        ],
        moderations=[moderation_row(one, caller, clock.today()) for one in begun],
    )  # fmt: skip
