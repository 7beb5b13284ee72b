"""Posting views and complaints with Litestar, msgspec and asyncpg: the same job as one would write it there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Litestar, Request, Response, get, post

from benchmarks.floors.feedback_posting import pool, store_complaint, store_view
from benchmarks.peers.judging import (
    DAYS_OFF,
    FEEDBACK_GROUND,
    PROCEDURE,
    Refused,
    caller_of,
    check_not_later,
    days_of_stage,
)
from shared.working_days import add_working_days

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern="^[a-z0-9][a-z0-9_-]*$")]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Themes = Annotated[list[Code], msgspec.Meta(max_length=10)]
Outcome = Literal["upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding"]


class Link(msgspec.Struct, forbid_unknown_fields=True):
    kind: Literal["audit", "review", "assessment", "commissioning", "training", "other"]
    ref: Reference


class View(msgspec.Struct, forbid_unknown_fields=True):
    channel: Code
    respondent_group: Code
    unit: Code
    given_on: date
    consent: Literal["shared", "anonymous", "internal_only"]
    source: Code = "direct"
    source_ref: Reference | None = None
    age_band: Literal["under 1", "1-4", "5-9", "10-15", "16+"] | None = None
    rating: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    sentiment: Literal["positive", "mixed", "negative"] | None = None
    themes: Themes = []
    what_works: Text | None = None
    what_should_change: Text | None = None
    links: list[Link] = []


class Stage(msgspec.Struct, forbid_unknown_fields=True):
    stage: Code
    started_on: date
    ended_on: date | None = None
    outcome: Outcome | None = None


class Complaint(msgspec.Struct, forbid_unknown_fields=True):
    respond_ref: Reference
    procedure: Code
    received_on: date
    unit: Code
    respondent_group: Code | None = None
    themes: Themes = []
    eligible: bool | None = None
    consent_given: bool | None = None
    stages: list[Stage] = []
    learning: Text | None = None
    improvement: Text | None = None


class StoredView(msgspec.Struct):
    id: str
    version: int
    recorded_by: str
    view: View


class StoredComplaint(msgspec.Struct):
    id: str
    version: int
    recorded_by: str
    status: str
    due_on: date
    complaint: Complaint


async def _check(connection: Any, named: set[tuple[str, str]], unit: str, on: date) -> None:
    kinds, codes = [kind for kind, _ in named], [code for _, code in named]
    known = {tuple(row) for row in await connection.fetch(FEEDBACK_GROUND, unit, on, kinds, codes)}
    if not named | {("units", unit)} <= known:
        raise Refused(422)


@post("/v1/views", status_code=201)
async def record_view(data: View, request: Request) -> StoredView:
    subject = caller_of(request.headers.get("authorization", ""), "feedback:write")
    check_not_later(data.given_on, datetime.now(UTC).date())
    named = {("channels", data.channel), ("respondent_groups", data.respondent_group)}
    named |= {("themes", theme) for theme in data.themes}
    async with (await pool()).acquire() as connection:
        await _check(connection, named, data.unit, data.given_on)
    return StoredView(str(await store_view(msgspec.to_builtins(data), subject)), 1, subject, data)


@post("/v1/complaints", status_code=201)
async def record_complaint(data: Complaint, request: Request) -> StoredComplaint:
    subject = caller_of(request.headers.get("authorization", ""), "feedback:write")
    check_not_later(data.received_on, datetime.now(UTC).date())
    named = {("complaint_procedures", data.procedure), *(("themes", theme) for theme in data.themes)}
    named |= {("respondent_groups", data.respondent_group)} if data.respondent_group else set()
    async with (await pool()).acquire() as connection:
        await _check(connection, named, data.unit, data.received_on)
        content = await connection.fetchval(PROCEDURE, data.procedure)
        off = frozenset(row[0] for row in await connection.fetch(DAYS_OFF))
    due = add_working_days(data.received_on, days_of_stage(content, data.stages[0].stage), off)
    found = await store_complaint(msgspec.to_builtins(data), due, subject)
    return StoredComplaint(str(found), 1, subject, "closed", due, data)


def refused(_: Request, error: Refused) -> Response[dict[str, int]]:
    return Response({"status": error.status}, status_code=error.status)


@get("/livez")
async def live() -> dict[str, str]:
    return {}


app = Litestar([record_view, record_complaint, live], openapi_config=None, exception_handlers={Refused: refused})
