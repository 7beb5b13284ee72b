"""Exception reporting over HTTP (R50)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic_core import to_json

from services.indicator_api.days import last_complete_month
from services.indicator_api.definitions import COMMENT_SCOPE, read_definitions
from services.indicator_api.exceptions import answering
from services.indicator_api.exceptions.finding import find_exception, find_places
from services.indicator_api.exceptions.frame import scope_of
from services.indicator_api.exceptions.listing import Moment, list_all
from services.indicator_api.exceptions.rows import read_key
from services.indicator_api.exceptions.schemas import AnswerIn, AnswerOut
from services.indicator_api.exceptions.showing import Filter, Showing
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from services.indicator_api.series.places import read_map
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, decode_cursor, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.exceptions import ExceptionOut, ExceptionsOut, Status, Trigger
from shared.schemas.figures import ThemedArea
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/exceptions", tags=["exceptions"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
MAX_ROWS = 2_000
_PERIOD = "a month, quarter or year that has begun; the last complete month if none"
_AREA = "ONS codes or codes of units, repeated or separated by commas; the council's own area if none"
_UNITS = "with all units below each of the places that the caller may see"
_STATUS = "new, standing or resolved, repeated; resolved ones come in a list of their own"
_ANSWERED = "whether an answer of the owner holds now"
_AS_AT = (
    "as it was seen then, from the figures, definitions, targets and comparator sets of that time: a time with its"
    " offset, or a date, which means the end of it"
)
_KEY = "as `key` of a row says"
AsAt = Annotated[str | None, Query(max_length=40, description=_AS_AT)]
Key = Annotated[
    str, Path(max_length=200, description=_KEY, examples=["rereferrals.E06000059.RY2025.OUT_OF_STEP_NATIONAL"])
]


def _wanted(
    trigger: Annotated[list[Trigger], Query(max_length=20, description="only these, repeated")] = [],  # noqa: B006
    indicator: Annotated[list[Code], Query(max_length=500, description="only these, repeated")] = [],  # noqa: B006
    themed_area: Annotated[list[ThemedArea], Query(max_length=10, description="only these, repeated")] = [],  # noqa: B006
    favourable: Annotated[bool | None, Query(description="only good news, or only concerns")] = None,
    status: Annotated[list[Status], Query(max_length=10, description=_STATUS)] = [],  # noqa: B006
    answered: Annotated[bool | None, Query(description=_ANSWERED)] = None,
) -> Filter:
    return Filter(trigger, indicator, themed_area, favourable, status, answered)


def _cursor(
    after: Annotated[str | None, Query(max_length=2000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = MAX_ROWS,
) -> Cursor:
    return Cursor(None if after is None else decode_cursor(after, (str, int, str, int)), limit)


@router.get("", response_model=ExceptionsOut)
async def list_exceptions(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    wanted: Annotated[Filter, Depends(_wanted)],
    at: Annotated[Cursor, Depends(_cursor)],
    period: Annotated[PeriodCode | None, Query(description=_PERIOD)] = None,
    area: Annotated[list[str], Query(max_length=200, description=_AREA)] = [],  # noqa: B006
    units: Annotated[bool, Query(description=_UNITS)] = False,
    as_at: AsAt = None,
) -> Response:
    """What changed significantly or stands out of step: each indicator's latest figure of a period that had ended.

    Bands and ranks never raise an exception. The same figures give the same rows with the same `inputs_hash`. What
    stood at the end of the period before and does so no more is in `resolved`. A past period is told from the figures
    as they stand today, with `as_at` as it was seen then.
    """
    moment = asked.read_moment(as_at)
    codes = asked.area_codes(area)
    today = clock.today()
    chosen = asked.begun("period", Period.parse(period), today) if period else last_complete_month(today)
    scope = scope_of(chosen, today, Veil.for_caller(caller, settings.small_number_threshold))
    async with database.snapshot() as session:
        known = await find_places(session, caller, codes, units=units)
        listing = await list_all(session, known, scope, Moment(chosen, today, moment))
        answers = await answering.latest_answers(session, list(known.places))
    showing = Showing(caller, listing, answers, today, wanted, past=_is_past(moment, clock))
    items, following = showing.page(at)
    places = list(known.places.values())
    head = {
        "period": chosen.code,
        "area": places[0].code,
        "as_at": moment or clock.now(),
        "indicators_examined": sum(listing.examined.values()),
        "areas": [
            {"area": one.code, "name": one.name, "indicators_examined": listing.examined[one.code]} for one in places
        ],
        "next": following,
    }
    resolved = b",".join(showing.resolved() if at.after is None else ())
    body = b'%b,"items":[%b],"resolved":[%b]}' % (to_json(head)[:-1], b",".join(items), resolved)
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/{key}", response_model=ExceptionOut)
async def read_exception(
    key: Key, caller: Reader, database: DatabaseOf, clock: ClockOf, settings: SettingsOf, as_at: AsAt = None
) -> Response:
    """One exception by its key, computed again; `new` is told of the last complete month. 404 where it does not stand,
    or no longer does."""
    moment = asked.read_moment(as_at)
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        listing = await find_exception(session, caller, key, clock.today(), veil, moment)
        answers = await answering.latest_answers(session, list(listing.examined))
    found = listing.standing(key)
    if found is None:
        raise NotFound()
    showing = Showing(caller, listing, answers, clock.today(), Filter(), past=_is_past(moment, clock))
    return Response(showing.written(found), media_type="application/json")


def _is_past(moment: datetime | None, clock: Clock) -> bool:
    return moment is not None and moment < clock.now()


@router.post("/{key}/answers", response_model=AnswerOut, status_code=201)
async def answer_exception(
    request: Request,
    key: Key,
    body: AnswerIn,
    caller: Annotated[Caller, may(COMMENT_SCOPE)],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Answer an exception that stands, as the owner of its indicator. The answer holds while the same trigger stands
    in the same direction, until `holds_until`; nothing is taken back, a later answer stands beside it."""
    screen({"/explanation": body.explanation, "/action": body.action}, settings.free_text_identifiers)
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with once(request, database, caller) as deed:
        listing = await find_exception(deed.session, caller, key, clock.today(), veil, None)
        row = listing.standing(key)
        if row is None:
            raise NotFound()
        standing, definition = ExceptionOut.model_validate_json(row.text), listing.definitions[row.indicator]
        kept = await answering.answer(deed.session, caller, definition, standing, body, clock.now())
        out = AnswerOut.model_validate({name: kept[name] for name in AnswerOut.model_fields} | {"id": str(kept["id"])})
        return deed.answer(out, 201, subject=("exception_answer", out.id))


@router.get("/{key}/answers", response_model=Page[AnswerOut])
async def list_exception_answers(
    request: Request,
    key: Key,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str)],
) -> Response:
    """Every answer to this trigger of the series, those to earlier periods too, the latest first. Where small numbers
    are hidden from the caller only answers to the exception itself, and none where it does not stand for them."""
    named = read_key(key)
    if named is None:
        raise NotFound()
    indicator, area, _, trigger = named
    async with database.snapshot() as session:
        places = (await read_map(session, caller, [area])).places
        known = (await read_definitions(session, [indicator], retired=True)).get(indicator)
        whole, one = known is None or answering.may_read(caller, known), None
        if not whole:
            veil = Veil.for_caller(caller, settings.small_number_threshold)
            one = (await find_exception(session, caller, key, clock.today(), veil, None)).standing(key)
        sign = (indicator, next(iter(places)), trigger)
        rows = await answering.list_answers(session, sign, at) if whole else []
        if one is not None:
            rows = await answering.list_answers(session, sign, at, key=key, direction=one.direction)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    items = [
        AnswerOut.model_construct(
            **{name: row._mapping[name] for name in AnswerOut.model_fields}
            | {"id": str(row.id)}
            | ({} if whole else answering.WITHHELD)
        )
        for row in page
    ]
    body = Page[AnswerOut](items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))
