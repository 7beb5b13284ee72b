"""A read-only feed of published figures and the schedule in OData 4.0, at its minimal level, for Power BI and Excel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.flat_tables import ENTITY_SETS, PUBLISHED_FIGURES, count_rows, read_block, rows_for
from shared.activity.sealer import read_head
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.extracts import odata
from shared.extracts.errors import NotOffered
from shared.extracts.filters import read_filter
from shared.extracts.options import (
    PAGE,
    Options,
    OptionsOf,
    chosen_columns,
    feed_address,
    metadata_response,
    next_link,
    odata_response,
)
from shared.extracts.tables import Table
from shared.paging import cursor_key, decode_cursor, encode_cursor, long_number
from shared.problems import NotFound
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

NAMESPACE = "qapf.reporting"
router = APIRouter(prefix="/v1/odata", tags=["odata"], route_class=StrictRoute)
Reader = Annotated[Caller, may("reporting:read")]


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
    entity_set: Annotated[str, Path(max_length=40, examples=["PublishedFigures"])],
    options: OptionsOf,
    caller: Reader,
    database: DatabaseOf,
) -> Response:
    """The entities of a set, of the reports and copies this caller may read, page by page; `@odata.nextLink` leads on.

    A filter is put to the caller's own copy: what is hidden from him is not in it.
    """
    table = ENTITY_SETS.get(entity_set)
    if table is None:
        raise NotFound()
    if options.orderby is not None:
        raise NotOffered("$orderby is not offered")
    chosen = chosen_columns(table, options.select)
    condition = None if options.filter is None else read_filter(options.filter, table)
    before = _place(table, options.token) if options.token else None
    async with database.snapshot() as session:
        source = await rows_for(session, caller, table)
        head = before.head if before else (await read_head(session)).position
        where = [] if condition is None else [condition.condition(dict(source.c))]
        if table is PUBLISHED_FIGURES:
            # Every page is of the same moment, which the token carries.
            where.append(source.c.at <= head)
        count = await count_rows(session, source, where) if options.count else None
        rows = await _rows(session, source, where, options, before)
    page = rows[: _limit(options)]
    full = len(rows) > PAGE and (options.top is None or options.top > PAGE)
    token = encode_cursor((str(head), str(page[-1]["at"]), page[-1]["key"])) if full else None
    following = next_link(request, entity_set, options, len(page), token) if token else None
    return odata_response(odata.entities(feed_address(request), table, page, chosen, following, count))


@dataclass(frozen=True)
class _Place:
    """Where a page begins: after a row, in a reading that began at this head of the activity log."""

    head: int
    after: tuple[Any, ...]


def _place(table: Table, token: str) -> _Place:
    kind = int if table is PUBLISHED_FIGURES else str
    *numbers, key = decode_cursor(token, (str, str, kind))
    head, at = cursor_key(numbers, long_number, long_number)
    return _Place(head, (at, key))


def _limit(options: Options) -> int:
    return PAGE if options.top is None else min(PAGE, options.top)


async def _rows(
    session: AsyncSession, source: sa.Subquery, where: Sequence[sa.ColumnElement[bool]], options: Options,
    before: _Place | None,
) -> Sequence[Any]:  # fmt: skip
    if options.top == 0:
        return []
    skipped = 0 if before else options.skip
    return await read_block(session, source, where, before.after if before else None, _limit(options) + 1, skipped)
