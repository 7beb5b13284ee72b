"""The route of the summary that reports are made of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.feedback_api.approved_words import Wanted, read_learning
from services.feedback_api.references import units_above, units_in_view
from services.feedback_api.summary.differencing import Cell, cells, telling_cells, wider_scopes
from services.feedback_api.summary.protection import Open, Shield
from services.feedback_api.summary.queries import (
    Scope,
    count_complaints,
    count_views,
    read_names,
    read_stages,
)
from services.feedback_api.summary.service import build_summary
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.problems import Fault, Malformed
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.periods import Period, PeriodCode, TermDatesUnknown, parse_period
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["summary"], route_class=StrictRoute)
CodeFilter = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]


def _with_dates(code: str) -> Period:
    period = parse_period(code)
    try:
        period.dates()
    except TermDatesUnknown:
        fault = Fault("/query/period", "period", "give a month, quarter or year: terms have no dates in this service")
        raise Malformed("The period has no dates here; see errors.", errors=[fault]) from None
    return period


@router.get("/summary", response_model=FeedbackSummary)
async def get_feedback_summary(
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    theme: CodeFilter = None,
) -> Response:
    """Whose voices were heard and not heard, and complaints and compliments, as they stand now.

    Callers with `feedback:figures` see true figures; to others small numbers are hidden, and what would leave one
    when it is taken from the same figure of more units, of all themes or of a longer period.
    """
    span = _with_dates(period)
    true_figures = caller.may("feedback:figures")
    telling: set[Cell] = set()
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, unit)
        scope = Scope(span.start, span.end, units, theme, clock.today())
        views = await count_views(session, scope)
        complaints = await count_complaints(session, scope)
        names = await read_names(session, span.start, span.end)
        titles = await read_stages(session)
        wanted = Wanted(span.start, span.end, units, theme, clock.today())
        learning = [row.text for row in await read_learning(session, wanted, settings.small_number_threshold)]
        own = cells(views, complaints)
        above = [] if true_figures else await units_above(session, unit or caller.unit)
        for wider in [] if true_figures else wider_scopes(scope, span, above):
            more = cells(await count_views(session, wider), await count_complaints(session, wider))
            telling |= set(telling_cells(own, more, settings.small_number_threshold))
    narrowed = units is not None or theme is not None
    shield = Open() if true_figures else Shield(settings.small_number_threshold, narrowed, frozenset(telling))
    answer = build_summary(
        span,
        unit,
        theme,
        views,
        complaints,
        names,
        titles,
        shield,
        learning,
        clock.now(),
        protected=not true_figures,
    )
    return Response(answer.model_dump_json(), media_type="application/json")
