"""Posting an audit with Litestar, msgspec and asyncpg: typed and validated by it, stored as the floor stores it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Litestar, get, post

from benchmarks.floors.audit_posting import store

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


@post("/v1/audits", status_code=201)
async def add_audit(data: Audit) -> Stored:
    return Stored(str(await store(msgspec.to_builtins(data))))


@get("/livez")
async def live() -> dict[str, str]:
    return {}


app = Litestar([add_audit, live], openapi_config=None)
