"""Posting an audit with Litestar, msgspec and asyncpg: typed and validated by it, stored as the floor stores it.

As one would write the same job there: the token verified, the scope held, unit, tool, themes and own case looked up,
the answers held to the tool, and the audit sent back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from litestar import Litestar, Request, Response, get, post

from benchmarks.floors.audit_posting import RANKS, pool, store
from benchmarks.peers.judging import AUDIT_GROUND, QUESTIONS, Refused, caller_of, check_answers, questions_of

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern="^[a-z0-9_]+$")]


class View(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    feedback: str | None = None
    reason: Literal["declined", "unsafe", "not_contactable", "no_reply", "too_young", "not_applicable"] | None = None


class Finding(msgspec.Struct, forbid_unknown_fields=True):
    kind: Literal["strength", "area_for_improvement", "concern"]
    domain: Code
    title: Annotated[str, msgspec.Meta(min_length=3, max_length=120)]
    text: Text | None = None
    themes: list[Code] = []


class Audit(msgspec.Struct, forbid_unknown_fields=True):
    unit: Code
    tool: Code
    case_reference: Annotated[str, msgspec.Meta(min_length=3, max_length=80)]
    auditor_unit: Code
    answers: dict[Code, Text | int]
    views: dict[Literal["child", "parent_carer", "icrs"], View]
    findings: list[Finding]
    submit: bool


class Stored(msgspec.Struct):
    id: str
    status: str
    tool_version: int
    auditor: str
    audit: Audit


GRADES = frozenset(RANKS) - {"yes", "no"}
_editions: dict[tuple[str, int], str] = {}


async def _judge(data: Audit, subject: str) -> int:
    """The edition of the tool; raises Refused where something named cannot be used or an answer does not fit."""
    themes = [theme for finding in data.findings for theme in finding.themes]
    if data.auditor_unit == data.unit:
        raise Refused(409)
    async with (await pool()).acquire() as connection:
        unit, auditor_unit, known, version, own_case = await connection.fetchrow(
            AUDIT_GROUND, data.unit, data.auditor_unit, data.tool, themes, datetime.now(UTC).date(),
            data.case_reference, subject,
        )  # fmt: skip
        if not unit or not auditor_unit or version is None or known != len(set(themes)):
            raise Refused(422)
        if own_case:
            raise Refused(409)
        if (data.tool, version) not in _editions:
            _editions[data.tool, version] = await connection.fetchval(QUESTIONS, data.tool, version)
    check_answers(questions_of(_editions[data.tool, version]), data.answers, GRADES)
    return int(version)


@post("/v1/audits", status_code=201)
async def add_audit(data: Audit, request: Request) -> Stored:
    subject = caller_of(request.headers.get("authorization", ""), "audit:write")
    version = await _judge(data, subject)
    found = await store(msgspec.to_builtins(data), subject)
    return Stored(str(found), "submitted", version, subject, data)


def refused(_: Request, error: Refused) -> Response[dict[str, int]]:
    return Response({"status": error.status}, status_code=error.status)


@get("/livez")
async def live() -> dict[str, str]:
    return {}


app = Litestar([add_audit, live], openapi_config=None, exception_handlers={Refused: refused})
