"""Reading the audit tools, and their form for a front end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.audit_api.questionnaires import tool_of
from services.audit_api.tools import service
from services.audit_api.tools.answers_schema import answers_schema
from services.audit_api.tools.form import FormOut, form_of
from services.audit_api.tools.schemas import ToolOut, ToolRow
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen, not_modified
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import DatabaseOf
from shared.schemas.base import Code
from shared.schemas.framework.audit import Tool
from shared.strict import StrictRoute


class SchemaResponse(JSONResponse):
    """A JSON Schema, under its own media type."""

    media_type = "application/schema+json"


router = APIRouter(prefix="/v1/tools", tags=["tools"], route_class=StrictRoute)
Version = Annotated[int, Path(ge=1, le=9999)]
VersionQuery = Annotated[int | None, Query(ge=1, le=9999, description="the newest edition unless given")]


@router.get("", response_model=Page[ToolRow])
async def list_tools(
    request: Request,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
) -> Response:
    """The published tools, each in the edition in use, in order of code."""
    async with database.snapshot() as session:
        rows = await service.list_editions(session, at.after[0] if at.after else None, at.fetch)
    page, following = cut_page(rows, at, lambda row: (row.tool,))
    items = [
        ToolRow(
            code=row.tool, version=row.version, status=row.status, title=row.title,
            audit_types=row.audit_types, published_at=row.published_at,
        )
        for row in page
    ]  # fmt: skip
    answer = Page[ToolRow](items=items, next=following)
    headers = link_header(request, following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.get("/{code}", response_model=ToolOut)
async def get_tool(
    request: Request, code: Code, caller: Annotated[Caller, may("audit:read")], database: DatabaseOf
) -> Response:
    """A tool in its newest published edition."""
    return await _edition(request, database, caller, code, None)


@router.get("/{code}/versions/{version}", response_model=ToolOut)
async def get_tool_version(
    request: Request,
    code: Code,
    version: Version,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
) -> Response:
    """One edition of a tool, as the audits made with it knew it."""
    return await _edition(request, database, caller, code, version)


@router.get("/{code}/form", response_model=FormOut)
async def get_tool_form(
    request: Request,
    code: Code,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    version: VersionQuery = None,
) -> Response:
    """The form to draw: sections and fields in order, with widgets, choices and conditions."""
    return await _drawn(request, database, code, version, lambda tool: form_of(tool).model_dump_json(), "json")


@router.get("/{code}/schema", response_model=dict[str, Any], response_class=SchemaResponse)
async def get_tool_schema(
    request: Request,
    code: Code,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    version: VersionQuery = None,
) -> Response:
    """The JSON Schema (2020-12) of a complete audit's `answers`; its `x-` keys carry order, domains and weights."""
    return await _drawn(request, database, code, version, _schema_text, "schema+json")


def _schema_text(tool: Tool) -> str:
    return json.dumps(answers_schema(tool), ensure_ascii=False)


async def _drawn(
    request: Request, database: DatabaseOf, code: str, version: int | None, draw: Callable[[Tool], str], kind: str
) -> Response:
    async with database.snapshot() as session:
        row = await service.read_edition(session, code, version)
    etag = f'"{kind}-{row.hash.hex()[:32]}"'
    if not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(draw(tool_of(row.content)), media_type=f"application/{kind}", headers={"ETag": etag})


async def _edition(request: Request, database: DatabaseOf, caller: Caller, code: str, version: int | None) -> Response:
    async with database.snapshot() as session:
        row = await service.read_edition(session, code, version)
    return as_seen(request, row.version, ToolOut.of(row, caller))
