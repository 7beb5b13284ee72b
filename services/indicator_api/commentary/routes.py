"""Commentary over HTTP: what owners say of their figures, version by version."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from services.indicator_api.commentary import queries, service
from services.indicator_api.commentary.queries import Wanted
from services.indicator_api.commentary.schemas import (
    CommentaryIn,
    CommentaryOut,
    CommentaryVersionOut,
    WrittenCommentaryOut,
)
from services.indicator_api.commentary.subjects import Key, check_period, find_subject, require_owner
from services.indicator_api.days import first_day, last_day, periods_ending
from services.indicator_api.places import present_codes
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from services.indicator_api.series.places import read_map
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import Precondition, precondition, version_etag
from shared.free_text import Found, fault_of, screen
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["commentary"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
AreaInPath = Annotated[str, Path(max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", examples=["E06000059"])]
CodeInPath = Annotated[Code, Path(examples=["rereferrals"])]
PeriodInPath = Annotated[PeriodCode, Path(examples=["RY2025"])]
_AREA = "ONS codes or codes of units, repeated or separated by commas"
Areas = Annotated[list[Annotated[str, Query(max_length=4_000)]], Query(max_length=200, description=_AREA)]
_FIGURE = "/indicators/{code}/commentary/{area}/{period}"


def wanted_of(indicator: list[str], area: list[str], period: str | None) -> Wanted:
    """The filters of a list; a period stands for every period that ends in it."""
    chosen = Period.parse(period) if period else None
    periods = {one.code for one in periods_ending(first_day(chosen), last_day(chosen))} if chosen else None
    return Wanted(indicator, asked.area_codes(area), periods)


@router.get("/commentary", response_model=Page[CommentaryOut])
async def list_commentary(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str, str, str)],
    period: Annotated[PeriodCode | None, Query(description="figures of every period that ends in this one")] = None,
    area: Areas = [],  # noqa: B006
    indicator: Annotated[list[Code], Query(max_length=50, description="one or several")] = [],  # noqa: B006
) -> Response:
    """What owners say of their figures as it stands, for a board pack: by indicator, area and period."""
    wanted, veil = wanted_of(indicator, area, period), Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        rows = await queries.list_current(session, caller, wanted, at)
        page, following = cut_page(rows, at, queries.key_of)
        items = await service.told(session, caller, page, veil)
    answer = Page[CommentaryOut](items=[CommentaryOut.model_validate(one) for one in items], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


async def _readable_key(session: Any, caller: Caller, code: str, area: str, period: str) -> Key:
    """The figure under the code its place is stored by; raises NotFound for a place this caller cannot see."""
    await read_map(session, caller, [area])
    return code, (await present_codes(session, [area]))[0], period


@router.get(_FIGURE, response_model=CommentaryOut)
async def read_commentary(
    request: Request,
    code: CodeInPath,
    area: AreaInPath,
    period: PeriodInPath,
    caller: Reader,
    database: DatabaseOf,
    settings: SettingsOf,
) -> Response:
    """What the owner says of one figure, with the figure it speaks of and whether that was changed since."""
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        row = await queries.find_current(session, await _readable_key(session, caller, code, area, period))
        if row is None:
            raise NotFound()
        (found,) = await service.told(session, caller, [row], veil)
    body = CommentaryOut.model_validate(found).model_dump_json()
    return Response(body, media_type="application/json", headers={"ETag": version_etag(row["version"])})


@router.get(_FIGURE + "/history", response_model=Page[CommentaryVersionOut])
async def list_commentary_history(
    request: Request,
    code: CodeInPath,
    area: AreaInPath,
    period: PeriodInPath,
    caller: Reader,
    database: DatabaseOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(int)],
) -> Response:
    """Everything that was said of one figure, the latest first, each version with the figure it spoke of."""
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        key = await _readable_key(session, caller, code, area, period)
        rows = await queries.list_versions(session, key, at)
        page, following = cut_page(rows, at, lambda row: (row["version"],))
        items = await service.told_versions(session, caller, page, veil)
    answer = Page[CommentaryVersionOut](
        items=[CommentaryVersionOut.model_validate(one) for one in items], next=following
    )
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.put(_FIGURE, response_model=WrittenCommentaryOut, responses={201: {"model": WrittenCommentaryOut}})
async def write_commentary(
    code: CodeInPath,
    area: AreaInPath,
    period: PeriodInPath,
    body: CommentaryIn,
    caller: Annotated[Caller, may("indicator:comment")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[Precondition, precondition()],
) -> Response:
    """Comment on a figure as its indicator's owner; what was said already is changed with `If-Match`. What was said
    before is kept, an open request is answered. 201 where it is new; the same words of the same figure change
    nothing."""
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.transaction() as session:
        subject = await find_subject(session, caller, (code, area, period))
        require_owner(caller, subject.definition)
        check_period(subject, clock, "/path/period")
        doubts = screen({"/text": body.text}, settings.free_text_identifiers)
        row, new = await service.write(session, caller, subject, body.text, match, clock)
        (found,) = await service.told(session, caller, [row], veil)
    answer = WrittenCommentaryOut.model_validate(found | {"warnings": warnings(doubts)})
    status = 201 if new and row["version"] == 1 else 200
    headers = {"ETag": version_etag(row["version"])}
    return Response(answer.model_dump_json(), status, headers, "application/json")


def warnings(doubts: list[Found]) -> list[dict[str, str]]:
    faults = [fault_of(one) for one in doubts]
    return [{"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in faults]
