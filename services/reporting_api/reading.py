"""A published report in one statement: whether the caller may read it, which copy, and its bytes unless he has them."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Request, Response
from sqlalchemy.dialects.postgresql import ARRAY

from services.reporting_api import editions
from services.reporting_api.copies import Copy, snapshot_table
from shared.auth.caller import Caller
from shared.database import Database
from shared.organisation.units import codes_below
from shared.statements import Statement

_newer = editions.table.alias("newer")


@cache
def _statement(*, in_unit: bool) -> Statement:
    """Compiled once. What the caller holds is compared in the database, so that those bytes are never touched."""
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
    given: dict[str, Any] = {
        "report": report, "held": [tag.strip('"') for tag in tags if tag.startswith('"')],
        "wanted": "public" if copy == "public" else "full" if editions.sees_full(caller) else "protected",
    }  # fmt: skip
    if caller.unit is not None:
        given["unit"] = caller.unit
    rows = await database.fetch(_statement(in_unit=caller.unit is not None), given)
    if not rows:
        return None
    tag, body, newer = rows[0]
    headers = {"ETag": f'"{tag}"'}
    if newer is not None:
        # Where the edition that took its place is; the old one keeps its bytes.
        headers["Link"] = f'</v1/reports/{newer}>; rel="successor-version"'
    if body is None or "*" in tags:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
