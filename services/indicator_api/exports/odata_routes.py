"""A read-only feed in OData 4.0, at its minimal level, for Power BI and Excel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.exports.dimensions import dimension_rows
from services.indicator_api.exports.facts import Extract, count_figures, key_of, read_block
from services.indicator_api.exports.tables import ENTITY_SETS, FIGURES
from services.indicator_api.models import figures
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.extracts import odata
from shared.extracts.errors import NotOffered
from shared.extracts.filters import Filter, read_filter
from shared.extracts.options import (
    PAGE,
    Options,
    OptionsOf,
    chosen_columns,
    feed_address,
    metadata_response,
    moment_of_token,
    next_link,
    odata_response,
)
from shared.paging import decode_cursor, encode_cursor
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/odata", tags=["odata"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
NAMESPACE = "qapf.indicators"
# What a filter may be made on where small numbers are hidden: anything else would tell what they are.
_OPEN_TO_ALL = {"indicator", "place", "period", "breakdown"}


# OData writes the root of a service with a slash; it is read with or without.
@router.get("", response_class=Response)
@router.get("/", response_class=Response, include_in_schema=False)
async def get_odata_service(request: Request, caller: Reader) -> Response:
    """The feed's service document: its entity sets."""
    return odata_response(odata.service_document(feed_address(request), ENTITY_SETS))


@router.get("/$metadata", response_class=Response)
async def get_odata_metadata(caller: Reader) -> Response:
    """The feed's schema in CSDL."""
    return metadata_response(odata.metadata_document(NAMESPACE, ENTITY_SETS))


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
    chosen = chosen_columns(table, options.select)
    condition = None if options.filter is None else read_filter(options.filter, table)
    async with database.snapshot() as session:
        if table is FIGURES:
            page = await _figures(session, caller, options, condition, clock, settings.small_number_threshold)
        else:
            page = _cut(await dimension_rows(session, caller, table, clock.today()), options, condition)
    following = None if page.token is None else next_link(request, entity_set, options, len(page.rows), page.token)
    answer = odata.entities(feed_address(request), table, page.rows, chosen, following, page.count)
    return odata_response(answer)


@dataclass(frozen=True)
class _Page:
    rows: Sequence[Mapping[str, Any]]
    token: str | None
    count: int | None


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
        after, moment = tuple(parts), moment_of_token(when)
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
