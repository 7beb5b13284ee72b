"""The route of the summary that reports are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.approved_words import Wanted, read_learning
from services.feedback_api.parameters import CodeFilter
from services.feedback_api.protection import Open
from services.feedback_api.references import units_in_view
from services.feedback_api.spans import span_of
from services.feedback_api.summary import protected
from services.feedback_api.summary.individuals import read_individuals, require_individual
from services.feedback_api.summary.levels import at_level
from services.feedback_api.summary.queries import (
    Scope,
    count_complaints,
    count_views,
    read_names,
    read_stages,
    read_units,
)
from services.feedback_api.summary.releases import quarters_of, read_release
from services.feedback_api.summary.service import Names, build_summary
from services.feedback_api.summary.trees import Unit, roll_up
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import local_date
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.feedback_summary import FeedbackSummary, Level
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["summary"], route_class=StrictRoute)
LevelOf = Annotated[
    Level | None,
    Query(description="tell apart services (segment), teams (local_office), nobody, or single records by role (R17)"),
]


@router.get("/summary", response_model=FeedbackSummary)
async def get_feedback_summary(
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    theme: CodeFilter = None,
    level: LevelOf = None,
) -> Response:
    """Whose voices were heard and not heard, and complaints and compliments.

    Callers with `feedback:figures` see true figures as they stand now. Others are told whole quarters and years: each
    quarter once, a month after its end and as it stood then, without small numbers and without anything that several
    such answers taken from one another would leave; one that cannot be kept just now is withheld. Each record shown at
    the individual level is logged as read.
    """
    span = span_of(period)
    if level == "individual":
        require_individual(caller)
    now = clock.now()
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, unit)
        scope = Scope(span.start, span.end, units, theme, clock.today())
        names, tree = await read_names(session, span.start, span.end), await read_units(session)
        wanted = Wanted(span.start, span.end, units, theme, clock.today())
        learning = [row.text for row in await read_learning(session, wanted, settings.small_number_threshold)]
        if caller.may("feedback:figures"):
            answer = await _true(session, span, unit, scope, level, names, tree, learning, now)
    if level == "individual":
        async with database.transaction() as session:
            answer.individuals = await read_individuals(session, caller, scope, "get_feedback_summary")
    if not caller.may("feedback:figures"):
        answer = protected.blank(span, unit or caller.unit, theme, level, names, now)
        threshold, read_only = settings.small_number_threshold, settings.read_only
        release = await read_release(database, quarters_of(span), now, threshold, caller.subject, read_only=read_only)
        told = release and protected.told(answer, release, tree, names, learning)
        answer = told or protected.withheld(answer, span, local_date(now))
    return Response(answer.model_dump_json(), media_type="application/json")


async def _true(
    session: AsyncSession, span: Period, unit: str | None, scope: Scope, level: Level | None, names: Names,
    tree: Mapping[str, Unit], learning: Sequence[str], now: datetime,
) -> FeedbackSummary:  # fmt: skip
    views, complaints = await count_views(session, scope), await count_complaints(session, scope)
    shown = at_level(views.units, roll_up(views.units, tree), tree, level, None)
    titles = await read_stages(session)
    answer = build_summary(
        span, unit, scope.theme, views, complaints, names, titles, Open(), now, protected=False, units=shown,
        changed=learning,
    )  # fmt: skip
    return answer.model_copy(update={"level": level})
