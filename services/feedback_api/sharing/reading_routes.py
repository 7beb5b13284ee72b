"""Approved words over HTTP, for reports and for whoever wants to hear what people say."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.approved_words import Wanted, count_voices, read_approved
from services.feedback_api.cases import reads_cases
from services.feedback_api.references import units_in_view
from services.feedback_api.sharing.queries import read_families
from services.feedback_api.sharing.rendering import approved_words
from services.feedback_api.sharing.schemas import ApprovedWords, Audience
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Fault, Forbidden, Malformed
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode, PeriodKind, parse_period
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/approved-words", tags=["sharing"], route_class=StrictRoute)
_WHOLE_QUARTERS = (PeriodKind.financial_quarter, PeriodKind.financial_year, PeriodKind.calendar_year)


def _quarters_or_more(code: str) -> Period:
    period = parse_period(code)
    if period.kind not in _WHOLE_QUARTERS:
        fault = Fault("/query/period", "period", "give a financial quarter or year, or a calendar year")
        raise Malformed("Words are told by whole quarters; see errors.", errors=[fault])
    return period


@router.get("", response_model=Page[ApprovedWords])
async def list_approved_words(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str)],
    period: Annotated[PeriodCode, Query(description="a quarter or a year of whole quarters")],
    unit: Annotated[Code | None, Query(description="this unit and those below")] = None,
    theme: Code | None = None,
    audience: Annotated[Audience, Query(description="who is going to read them")] = "boards",
) -> Response:
    """Words approved for this audience or a wider one, in no order that says when or whose.

    There are none of a quarter in which no more people spoke than the threshold, within the units and theme asked for.
    """
    span = _quarters_or_more(period)
    if audience in ("team", "service") and not reads_cases(caller):
        words = "Words for teams and services need a token for a unit, or the scope feedback:figures."
        raise Forbidden(words, needed_scope="feedback:figures")
    threshold = settings.small_number_threshold
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, unit)
        wanted = Wanted(span.start, span.end, units, theme, clock.today(), audience)
        voices = await count_voices(session, wanted)
        after = None if at.after is None else at.after[0]
        rows = await read_approved(session, wanted, voices.quarters(threshold), after, at.fetch)
        families = await read_families(session)
    page, following = cut_page(rows, at, lambda row: (row.place,))
    items = [approved_words(row, voices, families, threshold) for row in page]
    answer = Page[ApprovedWords](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
