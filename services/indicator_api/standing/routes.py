"""Positions and standings over HTTP: where figures lie beside others, and what is a strength or for attention (R48)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from services.indicator_api.standing.positions import position_of, written_position
from services.indicator_api.standing.queries import Wanted, list_definitions
from services.indicator_api.standing.reading import Question, read_subjects
from services.indicator_api.standing.schemas import PositionOut, PositionsOut, Standing, StandingsOut
from services.indicator_api.standing.service import counts_of, standing_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import content_etag, not_modified
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Fault, Malformed, NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.figures import ThemedArea
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["standing"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Codes = Annotated[str, Query(max_length=4_000)]
_AREA = "an ONS code or the code of a unit; the council's own area if none"
_AREAS = "ONS codes or codes of units, repeated or separated by commas; the council's own area if none"
_COMPARATORS = (
    "codes of comparator sets, or `all_authorities`, repeated or separated by commas; what the indicator names, in the"
    " editions that hold for the area and period, if none"
)
_INDICATORS = "only these: codes of indicators, repeated or separated by commas"
_AS_AT = "as the figures stood then: a time with its offset, or a date, which means the end of it"
_PERIOD = "a period of the indicator's own kind; the latest that has ended and has a figure if none"
_BY = "each indicator's latest figure of a period that had ended with this one, which has begun; of today if none"
_REPORTABLE = "only what an official body publishes or a plan of the council names, or only what neither does"
AsAt = Annotated[str | None, Query(max_length=40, description=_AS_AT)]
One = Annotated[str | None, Query(max_length=80, description=_AREA)]
By = Annotated[PeriodCode | None, Query(description=_BY)]
Reportable = Annotated[bool | None, Query(description=_REPORTABLE)]


@router.get("/indicators/{code}/position", response_model=PositionsOut)
async def read_position(
    code: Annotated[Code, Path(examples=["rereferrals"])],
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    area: Annotated[list[Codes], Query(max_length=200, description=_AREAS)] = [],  # noqa: B006
    period: Annotated[PeriodCode | None, Query(description=_PERIOD)] = None,
    comparators: Annotated[list[Codes], Query(max_length=20, description=_COMPARATORS)] = [],  # noqa: B006
    breakdown: Annotated[str, Query(max_length=100, description="`dimension=value`; empty for the total")] = "",
    as_at: AsAt = None,
) -> Response:
    """A figure beside England, region, neighbours, peers and all authorities, of the very same period.

    Mean and median of the members with a figure, never of the area itself; rank and quartile band among all
    authorities. Each comparison that is not made says why.
    """
    moment = asked.read_moment(as_at)
    areas, sets = asked.area_codes(area), asked.comparator_codes(comparators)
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        definition = (await read_definitions(session, [code], retired=True)).get(code)
        if definition is None:
            raise NotFound()
        chosen = _period_of(definition, period)
        day = max(clock.today(), last_day(chosen)) if chosen else clock.today()
        question = Question([definition], areas, day, chosen, sets, asked.breakdown(breakdown), moment)
        found = await read_subjects(session, caller, question, veil)
    answer = PositionsOut(as_at=moment or clock.now(), items=[position_of(one) for one in found.subjects])
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/positions", response_model=Page[PositionOut])
async def list_positions(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str)],
    indicator: Annotated[list[Codes], Query(max_length=100, description=_INDICATORS)] = [],  # noqa: B006
    period: By = None,
    area: One = None,
    themed_area: ThemedArea | None = None,
    reportable: Reportable = None,
    as_at: AsAt = None,
) -> Response:
    """The table of a whole period: one row per indicator by code, as `/indicators/{code}/position` gives it."""
    moment, places, codes = asked.read_moment(as_at), _one(area), asked.indicator_codes(indicator)
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        rows = await list_definitions(session, Wanted(themed_area, reportable, codes), at)
        page, following = cut_page(rows, at, lambda one: (one.code,))
        question = Question(page, places, _day(period, clock.today()), as_at=moment)
        found = await read_subjects(session, caller, question, veil)
    items = b",".join(map(written_position, found.subjects))
    body = b'{"items":[' + items + b'],"next":' + to_json(following) + b"}"
    headers = {"ETag": content_etag(body), **link_header(request, following)}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.get("/standing", response_model=StandingsOut)
async def list_standing(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str)],
    period: By = None,
    area: One = None,
    themed_area: ThemedArea | None = None,
    reportable: Reportable = None,
    standing: Annotated[Standing | None, Query(description="only these")] = None,
    indicator: Annotated[list[Code], Query(max_length=300, description="one or several; all if none")] = [],  # noqa: B006
    as_at: AsAt = None,
) -> Response:
    """Each indicator's latest value as a strength, for attention or neutral, with every reason in words (R48).

    One bad sign outweighs good ones. Neutral says why: nothing stands out, or no judgement is possible.
    """
    moment, places = asked.read_moment(as_at), _one(area)
    day = _day(period, clock.today())
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        definitions = await list_definitions(session, Wanted(themed_area, reportable, indicator))
        found = await read_subjects(session, caller, Question(definitions, places, day, as_at=moment), veil)
    every = [standing_of(one, day) for one in found.subjects]
    after = at.after[0] if at.after else ""
    rows = [one for one in every if one.indicator > after and (standing is None or one.standing is standing)]
    page, following = cut_page(rows[: at.fetch], at, lambda one: (one.indicator,))
    answer = StandingsOut(
        area=found.places[0].code,
        area_name=found.places[0].name,
        as_at=moment or clock.now(),
        counts=counts_of(every),
        items=list(page),
        next=following,
    )
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


def _period_of(definition: Definition, code: str | None) -> Period | None:
    if code is None:
        return None
    period = Period.parse(code)
    if period.kind is not definition.period_kind:
        kind = definition.period_kind.replace("_", " ")
        fault = Fault("/query/period", "period_kind", f"this indicator is measured by the {kind}; give one of those")
        raise Malformed("The period is of another kind than the indicator's.", errors=[fault])
    return period


def _one(area: str | None) -> list[str]:
    code = asked.one_area(area)
    return [code] if code else []


def _day(period: str | None, today: date) -> date:
    return min(last_day(asked.begun("period", Period.parse(period), today)), today) if period else today
