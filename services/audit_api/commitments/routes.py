"""Commitments to audit so many cases a year, and how far each has come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.audit_api.commitments import service
from services.audit_api.commitments.errors import FinancialYearNeeded
from services.audit_api.commitments.schemas import CommitmentOut, CommitmentRow
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Page
from shared.problems import Fault
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode, PeriodKind
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/commitments", tags=["commitments"], route_class=StrictRoute)


@router.get("", response_model=Page[CommitmentRow])
async def list_commitments(caller: Annotated[Caller, may("audit:read")], database: DatabaseOf) -> Response:
    """The commitments of the applied framework, in order of code, whole."""
    async with database.snapshot() as session:
        answer = Page[CommitmentRow](items=await service.list_commitments(session), next=None)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/{code}", response_model=CommitmentOut)
async def get_commitment(
    code: Code,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    year: Annotated[PeriodCode | None, Query(description="FY2026-27; the present one where none is given")] = None,
) -> Response:
    """Target, cases done, forecast and how that stands, by quarter, with the audits within reach that count."""
    today = Period.containing(PeriodKind.financial_year, clock.today())
    asked = today if year is None else Period.parse(year)
    if asked.kind is not PeriodKind.financial_year:
        fault = Fault("/query/year", "financial_year", "give a financial year, as in FY2026-27")
        raise FinancialYearNeeded("The commitment is one of financial years.", errors=[fault])
    async with database.snapshot() as session:
        answer = await service.read_commitment(session, caller, code, asked, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")
