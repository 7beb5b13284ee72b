"""Figures that answers to a survey make, in the form in which the indicator service takes them (R27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.parameters import CodeFilter
from services.feedback_api.spans import span_of
from services.feedback_api.surveys.protection import ANSWERED, TOP, WHOLE, Part
from services.feedback_api.surveys.result_routes import is_protected, tell_wave
from services.feedback_api.surveys.told import Told
from services.feedback_api.surveys.wave_queries import find_wave
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import visible_units
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import OutModel
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["surveys"], route_class=StrictRoute)


class FigureOut(OutModel):
    """One figure, as an item of an import of observations; `c` without numbers where it would tell of few people."""

    indicator: str
    area: str = Field(description="a unit; for a wave of the whole council or a directorate the council's ONS code")
    period: str
    numerator: int | None = Field(description="favourable answers")
    denominator: int | None = Field(description="answers")
    value_status: Literal["c"] | None
    source_ref: str


class FiguresOut(OutModel):
    """The body of `POST /indicator/v1/observations/imports`."""

    items: list[FigureOut]


# The last wave of each survey and unit that closed in the period.
_WAVES = sa.text(
    """
    SELECT DISTINCT ON (w.survey, w.unit) w.id
    FROM survey_wave w JOIN survey_version v ON v.survey = w.survey AND v.version = w.survey_version
    WHERE w.month = 0 AND NOT w.cancelled AND (w.closed_at IS NOT NULL OR w.closes_on < :today)
      AND w.closes_on BETWEEN :first AND :last
      AND v.content->'questions' @@ '$[*].indicator != null'
      AND (CAST(:units AS text[]) IS NULL OR w.unit = ANY(CAST(:units AS text[])))
    ORDER BY w.survey, w.unit, w.closes_on DESC, w.id DESC
    """
)
_AREAS = sa.text(
    """
    SELECT unit.code, coalesce(unit.content->>'ons_code', above.content->>'ons_code') AS area
    FROM framework_item unit LEFT JOIN framework_item above
      ON above.kind = 'units' AND above.code = unit.content->>'parent' AND unit.content->>'kind' = 'directorate'
    WHERE unit.kind = 'units' AND coalesce(unit.content->>'ons_code', above.content->>'ons_code') IS NOT NULL
    """
)


@router.get("/survey-indicators", response_model=FiguresOut)
async def get_survey_indicators(
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode, Query(description="in which the waves closed", examples=["FY2026-27"])],
    indicator: CodeFilter = None,
) -> Response:
    """The indicators that questions of closed waves are made into, for each wave and the units below it.

    The answer is the body of an import of observations as it stands. Of staff, a figure of few is never told.
    """
    span = span_of(period)
    items: list[FigureOut] = []
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        units = None if allowed is None else sorted(allowed)
        bound = {"first": span.start, "last": span.end, "today": clock.today(), "units": units}
        waves = (await session.execute(_WAVES, bound)).scalars().all()
        areas = await _areas(session)
        for wave in waves:
            held = await find_wave(session, caller, wave)
            threshold = settings.small_number_threshold if is_protected(held, caller) else None
            told = await tell_wave(session, held, threshold)
            items += [one for one in _figures(told, span, areas) if indicator in (None, one.indicator)]
    return Response(FiguresOut(items=items).model_dump_json(), media_type="application/json")


async def _areas(session: AsyncSession) -> dict[str, str]:
    """The ONS code of the council, for itself and for its directorates; the other units go by their own code."""
    rows: Sequence[Any] = (await session.execute(_AREAS)).all()
    return {row.code: row.area for row in rows}


def _figures(told: Told, period: Period, areas: dict[str, str]) -> Iterator[FigureOut]:
    wave = told.held.wave
    asked = [item for item in told.items if item.question.indicator]
    parts: list[Part] = [WHOLE, *sorted(part for part in told.parts.cells if part[0] == "unit")]
    for item in asked:
        for part in parts:
            counts, hidden = told.item(item, part)
            hide = part in told.hidden or bool({TOP, ANSWERED} & hidden)
            if not hide and counts[ANSWERED] == 0:
                continue
            unit = wave["unit"] if part == WHOLE else part[1]
            yield FigureOut(
                indicator=item.question.indicator or "",
                area=areas.get(unit, unit),
                period=period.code,
                numerator=None if hide else counts[TOP],
                denominator=None if hide else counts[ANSWERED],
                value_status="c" if hide else None,
                source_ref=f"{wave['survey']} {wave['survey_version']}, closed {wave['closes_on'].isoformat()}",
            )
