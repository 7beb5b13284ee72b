"""A read-only feed in OData 4.0, at its minimal level, for Power BI and Excel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.exports import odata
from services.indicator_api.exports.dimensions import dimension_rows
from services.indicator_api.exports.errors import NotOffered, UnreadableQuery
from services.indicator_api.exports.facts import Extract, count_figures, key_of, read_block
from services.indicator_api.exports.filters import Filter, read_filter
from services.indicator_api.exports.tables import ENTITY_SETS, FIGURES, Table
from services.indicator_api.models import figures
from services.indicator_api.series.asked import read_instant
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.paging import decode_cursor, encode_cursor
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/odata", tags=["odata"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
PAGE, MOST_SKIPPED = 5_000, 100_000
_HEADERS = {"OData-Version": "4.0"}
_JSON = "application/json;odata.metadata=minimal"
_NUMBER = {"ge": 0, "le": 2**31 - 1}
# What a filter may be made on where small numbers are hidden: anything else would tell what they are.
_OPEN_TO_ALL = {"indicator", "place", "period", "breakdown"}


def _base(request: Request) -> str:
    """The feed's own address, under whatever prefix a gateway or a larger application serves this one."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}/v1/odata"


@dataclass(frozen=True)
class Options:
    """The query options of a request."""

    filter: str | None
    select: str | None
    top: int | None
    skip: int
    count: bool
    token: str | None
    given: Mapping[str, str]


def _options(
    request: Request,
    filter_: Annotated[str | None, Query(alias="$filter", max_length=4_000)] = None,
    select: Annotated[str | None, Query(alias="$select", max_length=1_000)] = None,
    top: Annotated[int | None, Query(alias="$top", **_NUMBER)] = None,
    skip: Annotated[int, Query(alias="$skip", **_NUMBER)] = 0,
    count: Annotated[bool, Query(alias="$count")] = False,
    token: Annotated[str | None, Query(alias="$skiptoken", max_length=2_000)] = None,
    format_: Annotated[str | None, Query(alias="$format", max_length=100)] = None,
    orderby: Annotated[str | None, Query(alias="$orderby", max_length=1_000)] = None,
    expand: Annotated[str | None, Query(alias="$expand", max_length=1_000)] = None,
    search: Annotated[str | None, Query(alias="$search", max_length=1_000)] = None,
    apply: Annotated[str | None, Query(alias="$apply", max_length=1_000)] = None,
    compute: Annotated[str | None, Query(alias="$compute", max_length=1_000)] = None,
) -> Options:
    missing = {"$orderby": orderby, "$expand": expand, "$search": search, "$apply": apply, "$compute": compute}
    for name, value in missing.items():
        if value is not None:
            raise NotOffered(f"{name} is not offered")
    if format_ is not None and format_.partition(";")[0] not in ("json", "application/json"):
        raise NotOffered("$format offers JSON only")
    if skip > MOST_SKIPPED:
        raise NotOffered(f"$skip goes to {MOST_SKIPPED}; follow @odata.nextLink for more")
    return Options(filter_, select, top, skip, count, token, dict(request.query_params))


OptionsOf = Annotated[Options, Depends(_options)]


@router.get("", response_class=Response)
async def get_odata_service(request: Request, caller: Reader) -> Response:
    """The feed's service document: its entity sets."""
    return Response(to_json(odata.service_document(_base(request))), media_type=_JSON, headers=_HEADERS)


@router.get("/$metadata", response_class=Response)
async def get_odata_metadata(caller: Reader) -> Response:
    """The feed's schema in CSDL."""
    return Response(odata.metadata_document(), media_type="application/xml", headers=_HEADERS)


@router.get("/{entity_set}", response_class=Response)
async def get_odata_entities(
    request: Request,
    entity_set: Annotated[str, Path(max_length=40, examples=["Figures"])],
    options: OptionsOf,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """The entities of a set in the order of their key, page by page; `@odata.nextLink` leads on."""
    table = ENTITY_SETS.get(entity_set)
    if table is None:
        raise NotFound()
    chosen = _chosen(table, options.select)
    condition = None if options.filter is None else read_filter(options.filter, table)
    async with database.snapshot() as session:
        if table is FIGURES:
            page = await _figures(session, caller, options, condition, clock, settings.small_number_threshold)
        else:
            page = _cut(await dimension_rows(session, caller, table, clock.today()), options, condition)
    following = None if page.token is None else _next_link(request, entity_set, options, page)
    answer = odata.entities(_base(request), table, page.rows, chosen, following, page.count)
    return Response(to_json(answer), media_type=_JSON, headers=_HEADERS)


@dataclass(frozen=True)
class _Page:
    rows: Sequence[Mapping[str, Any]]
    token: str | None
    count: int | None


def _chosen(table: Table, select: str | None) -> Sequence[str]:
    names = [part.strip() for part in (select or "*").split(",")]
    if "*" in names:
        return table.names
    if any(table.column(name) is None for name in names):
        raise UnreadableQuery("$select names a property that this entity does not have")
    return tuple(dict.fromkeys(names))


def _cut(rows: list[dict[str, Any]], options: Options, condition: Filter | None) -> _Page:
    found = rows if condition is None else [row for row in rows if condition.holds(row)]
    start = decode_cursor(options.token, (int,))[0] if options.token else options.skip
    wanted = found[start:] if options.top is None else found[start : start + options.top]
    token = encode_cursor((start + PAGE,)) if len(wanted) > PAGE else None
    return _Page(wanted[:PAGE], token, len(found) if options.count else None)


async def _figures(
    session: AsyncSession, caller: Caller, options: Options, condition: Filter | None, clock: Clock, threshold: int
) -> _Page:
    if condition is not None and not caller.may(FIGURES_SCOPE) and not condition.columns() <= _OPEN_TO_ALL:
        raise NotOffered("without indicator:figures $filter offers indicator, place, period and breakdown")
    # Every page is of the same moment, which the token carries.
    after, moment = None, clock.now()
    if options.token is not None:
        *parts, when = decode_cursor(options.token, (str, str, str, str, str))
        after, moment = tuple(parts), _moment(when)
    source = figures(moment)
    named = {name: source.c[name] for name in FIGURES.names if name in source.c} | {"place": source.c.area}
    if condition is not None and "period_end" in condition.columns():
        raise NotOffered("$filter does not offer period_end; take period, or period_end in the client")
    extract = Extract(source, threshold, sa.true() if condition is None else condition.condition(named))
    skipped = options.skip if after is None else 0
    limit = PAGE if options.top is None else min(PAGE, options.top)
    rows = await read_block(session, caller, extract, after, limit + 1, skipped) if limit else []
    count = await count_figures(session, caller, extract) if options.count else None
    full = len(rows) > limit == PAGE and (options.top is None or options.top > PAGE)
    token = encode_cursor((*key_of(rows[limit - 1]), moment.isoformat())) if full else None
    return _Page(rows[:limit], token, count)


def _moment(text: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError:
        raise UnreadableQuery("$skiptoken is not one of this feed's") from None


def _next_link(request: Request, entity_set: str, options: Options, page: _Page) -> str:
    query = {name: value for name, value in options.given.items() if name not in ("$skip", "$skiptoken", "$top")}
    if options.top is not None:
        query["$top"] = str(options.top - len(page.rows))
    return f"{_base(request)}/{entity_set}?{urlencode(query | {'$skiptoken': page.token})}"
