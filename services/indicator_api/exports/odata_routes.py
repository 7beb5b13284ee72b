"""A read-only feed in OData 4.0, at its minimal level, for Power BI and Excel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_days
from services.indicator_api.exports.dimensions import dimension_rows
from services.indicator_api.exports.facts import Extract, Key, count_figures, key_of, read_block, with_ends
from services.indicator_api.exports.moments import Moment, begin_at, unseen
from services.indicator_api.exports.tables import ENTITY_SETS, FIGURES
from services.indicator_api.models import figures
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.extracts import odata
from shared.extracts.errors import NotOffered
from shared.extracts.filters import Among, Comparison, Filter, read_filter, reworded
from shared.extracts.options import (
    MOST_SKIPPED,
    PAGE,
    Options,
    OptionsOf,
    Order,
    chosen_columns,
    feed_address,
    metadata_response,
    next_link,
    odata_response,
    read_order,
)
from shared.paging import decode_cursor, encode_cursor
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/odata", tags=["odata"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
NAMESPACE = "qapf.indicators"
# What a filter or an order may be made on where small numbers are hidden: anything else would tell what they are.
_OPEN_TO_ALL = {"indicator", "place", "period", "breakdown", "period_end"}
# A client that is told a set can be sorted has all of it sorted here; of figures, only so many are.
_SORTED_BY = ENTITY_SETS.keys() - {FIGURES.entity_set}
_PERIOD = next(one for one in FIGURES.columns if one.name == "period")


# OData writes the root of a service with a slash; it is read with or without.
@router.get("", response_class=Response)
@router.get("/", response_class=Response, include_in_schema=False)
async def get_odata_service(request: Request, caller: Reader) -> Response:
    """The feed's service document: its entity sets."""
    return odata_response(odata.service_document(feed_address(request), ENTITY_SETS))


@router.get("/$metadata", response_class=Response)
async def get_odata_metadata(caller: Reader) -> Response:
    """The feed's schema in CSDL."""
    return metadata_response(odata.metadata_document(NAMESPACE, ENTITY_SETS, sorted_by=_SORTED_BY))


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
    """The entities of a set in the order of their key or of `$orderby`, page by page; `@odata.nextLink` leads on."""
    table = ENTITY_SETS.get(entity_set)
    if table is None:
        raise NotFound()
    chosen = chosen_columns(table, options.select)
    question = _Question(
        options,
        None if options.filter is None else read_filter(options.filter, table),
        read_order(table, options.orderby),
    )
    async with database.snapshot() as session:
        if table is FIGURES:
            page = await _figures(session, caller, question, clock, settings.small_number_threshold)
        else:
            page = _cut(await dimension_rows(session, caller, table, clock.today()), question)
    following = None if page.token is None else next_link(request, entity_set, options, len(page.rows), page.token)
    answer = odata.entities(feed_address(request), table, page.rows, chosen, following, page.count)
    return odata_response(answer)


@dataclass(frozen=True)
class _Question:
    """The options of a request, and what was read of them."""

    options: Options
    condition: Filter | None
    order: Sequence[Order]

    def names(self) -> set[str]:
        """The properties that decide which entities come first, or come at all."""
        filtered = set() if self.condition is None else self.condition.columns()
        return filtered | {one.column.name for one in self.order}


@dataclass(frozen=True)
class _Page:
    rows: Sequence[Mapping[str, Any]]
    token: str | None
    count: int | None


def _cut(rows: list[dict[str, Any]], question: _Question) -> _Page:
    options, condition = question.options, question.condition
    found = rows if condition is None else [row for row in rows if condition.holds(row)]
    # The weightiest last: sorting keeps what stood before among equals.
    for one in reversed(question.order):
        found = sorted(found, key=one.sorting, reverse=one.descending)
    start = decode_cursor(options.token, (int,))[0] if options.token else options.skip
    wanted = found[start:] if options.top is None else found[start : start + options.top]
    token = encode_cursor((start + PAGE,)) if len(wanted) > PAGE else None
    return _Page(wanted[:PAGE], token, len(found) if options.count else None)


async def _figures(session: AsyncSession, caller: Caller, question: _Question, clock: Clock, threshold: int) -> _Page:
    options, order = question.options, question.order
    if not caller.may(FIGURES_SCOPE) and not question.names() <= _OPEN_TO_ALL:
        raise NotOffered("without indicator:figures $filter and $orderby offer the key and period_end")
    start = await _start(session, options, sorted_anew=bool(order), now=clock.now())
    # The first page begins the moment, so that nothing it sees is late.
    source = figures(start.moment.at, await unseen(session, start.moment) if options.token else ())
    if any(one.column.name == "period_end" for one in order):
        source = with_ends(source)
    named = {name: source.c[name] for name in FIGURES.names if name in source.c} | {"place": source.c.area}
    condition: sa.ColumnElement[bool] = sa.true()
    if question.condition is not None:
        condition = reworded(question.condition, "period_end", _ending).condition(named)
    extract = Extract(source, threshold, condition)
    limit = PAGE if options.top is None else min(PAGE, options.top)
    sorting = [_sorted(named[one.column.name], one) for one in order]
    rows: list[dict[str, Any]] = []
    if limit:
        rows = await read_block(session, caller, extract, start.after, limit + 1, start.skipped, sorting)
    count = await count_figures(session, caller, extract) if options.count else None
    full = len(rows) > limit == PAGE and (options.top is None or options.top > PAGE)
    token = start.next_token(rows[limit - 1], limit, sorted_anew=bool(order)) if full else None
    return _Page(rows[:limit], token, count)


def _ending(comparison: Comparison) -> Among:
    """What is asked of the last day, asked of the codes of periods: figures are stored under these."""
    found = (code for code, day in last_days().items() if comparison.holds({"period_end": day}))
    return Among(_PERIOD, frozenset(found))


def _sorted(column: sa.ColumnElement[Any], order: Order) -> sa.ColumnElement[Any]:
    """Null is below everything, as OData has it."""
    return column.desc().nulls_last() if order.descending else column.asc().nulls_first()


@dataclass(frozen=True)
class _Start:
    """Where a page of figures begins: every page of a reading is of the same moment, which the token carries."""

    moment: Moment
    after: Key | None
    skipped: int

    def next_token(self, last: dict[str, Any], limit: int, *, sorted_anew: bool) -> str:
        if not sorted_anew:
            return encode_cursor((*key_of(last), self.moment.written()))
        return encode_cursor((self.skipped + limit, self.moment.written()))


async def _start(session: AsyncSession, options: Options, *, sorted_anew: bool, now: datetime) -> _Start:
    if options.token is None:
        return _Start(await begin_at(session, now), None, options.skip)
    if sorted_anew:
        skipped, when = decode_cursor(options.token, (int, str))
        if not 0 <= skipped <= MOST_SKIPPED:
            raise NotOffered(f"$orderby goes to {MOST_SKIPPED} figures; narrow them by $filter, or leave it out")
        return _Start(Moment.read(when), None, skipped)
    *parts, when = decode_cursor(options.token, (str, str, str, str, str))
    return _Start(Moment.read(when), tuple(parts), 0)
