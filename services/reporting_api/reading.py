"""A published report in one statement: whether the caller may read it, which copy, and its bytes unless they are here.

The bytes read last are kept. Whether they may be read, and that they are still there, is asked each time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from sqlalchemy.dialects.postgresql import ARRAY

from services.reporting_api import editions
from services.reporting_api.copies import Copy, snapshot_table
from shared.auth.caller import Caller
from shared.database import Database
from shared.organisation.units import codes_below
from shared.room import Room
from shared.statements import Statement

# So many bytes of reports are kept: a board opens its newest ones again and again.
_KEPT_BYTES = 32 * 1024 * 1024
_newer = editions.table.alias("newer")


class Published(NamedTuple):
    """The tag and the bytes of a published report."""

    tag: str
    body: bytes


# By report and what was wanted of it.
Kept = Room[tuple[UUID, str], Published]


@asynccontextmanager
async def keep_published(app: FastAPI) -> AsyncIterator[None]:
    """Put what is kept of published reports on `app.state.published`."""
    app.state.published = Kept(_KEPT_BYTES, lambda report: len(report.body))
    yield


@cache
def _statement(*, in_unit: bool) -> Statement:
    """Compiled once. What is held already is compared in the database, so that those bytes are never touched."""
    r, s = editions.c, snapshot_table.c
    wanted = sa.bindparam("wanted", type_=sa.Text())
    level = sa.case(
        (wanted == "public", "public"), (sa.and_(wanted == "full", r.disclosure == "full"), "full"), else_="protected"
    )
    held = s.content_hash == sa.any_(sa.bindparam("held", type_=ARRAY(sa.Text())))
    newer = sa.select(_newer.c.id).where(_newer.c.supersedes == r.id, r.status == "superseded").scalar_subquery()
    statement = (
        sa.select(s.content_hash, sa.case((held, None), else_=s.body).label("body"), newer.label("newer"))
        .join_from(editions.table, snapshot_table, sa.and_(s.report == r.id, s.disclosure == level))
        .where(r.id == sa.bindparam("report", type_=sa.Uuid()), r.published_at.is_not(None))
    )
    if in_unit:
        statement = statement.where(r.unit.in_(codes_below(sa.bindparam("unit", type_=sa.Text()))))
    return Statement(statement)


async def fetch_published(
    database: Database, request: Request, caller: Caller, report: UUID, copy: Copy = "own"
) -> Response | None:
    """The answer with a published report or a 304; None where this caller finds none published."""
    held = request.headers.get("if-none-match", "")
    tags = [part.strip().removeprefix("W/") for part in held.split(",")] if held else []
    known = {tag.strip('"') for tag in tags if tag.startswith('"')}
    wanted = "public" if copy == "public" else "full" if editions.sees_full(caller) else "protected"
    published: Kept = request.app.state.published
    kept = published.get((report, wanted))
    given: dict[str, Any] = {"report": report, "held": [*known, kept.tag] if kept else [*known], "wanted": wanted}
    if caller.unit is not None:
        given["unit"] = caller.unit
    rows = await database.fetch(_statement(in_unit=caller.unit is not None), given)
    if not rows:
        published.drop((report, wanted))
        return None
    tag, body, newer = rows[0]
    headers = {"ETag": f'"{tag}"'}
    if newer is not None:
        # Where the edition that took its place is; the old one keeps its bytes.
        headers["Link"] = f'</v1/reports/{newer}>; rel="successor-version"'
    if tag in known or "*" in tags:
        return Response(status_code=304, headers=headers)
    if body is None:
        assert kept is not None
        body = kept.body
    elif kept is None or kept.tag != tag:
        published.put((report, wanted), Published(tag, body))
    return Response(body, media_type="application/json", headers=headers)
