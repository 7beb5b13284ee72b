"""Saved mappings over HTTP: one for each form in which a source exports its figures."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.mappings import queries, service
from services.indicator_api.mappings.schemas import MappingIn, MappingOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, Precondition, as_seen, if_match, precondition, version_etag
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/mappings", tags=["mappings"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Writer = Annotated[Caller, may("indicator:write")]
MappingCode = Annotated[Code, Path(description="the mapping's code")]


def _out(row: sa.Row[Any], caller: Caller) -> MappingOut:
    changes = caller.may("indicator:write") and caller.unit is None and not row.deleted
    return MappingOut(
        code=row.code,
        version=row.version,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        mapping=MappingIn.model_validate(row.content),
        allowed_actions=["change", "delete"] if changes else [],
    )


async def _answer(session: AsyncSession, caller: Caller, code: str, status: int = 200) -> Response:
    row = await queries.find_mapping(session, code)
    assert row is not None
    headers = {"ETag": version_etag(row.version)}
    if status == 201:
        headers["Location"] = f"/v1/mappings/{code}"
    return Response(_out(row, caller).model_dump_json(), status, headers, "application/json")


@router.get("", response_model=Page[MappingOut])
async def list_mappings(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    source_system: Annotated[Code | None, Query(description="the code of a source system")] = None,
) -> Response:
    """The mappings files can be read through, in order of code."""
    async with database.snapshot() as session:
        rows = await queries.list_mappings(session, source_system, at)
    page, following = cut_page(rows, at, lambda row: (row.code,))
    answer = Page[MappingOut](items=[_out(row, caller) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{code}", response_model=MappingOut)
async def get_mapping(
    request: Request,
    code: MappingCode,
    caller: Reader,
    database: DatabaseOf,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="as it was in this version")] = None,
) -> Response:
    """One mapping as it is, or as it was in a version an import names."""
    async with database.snapshot() as session:
        now = await queries.find_mapping(session, code)
        row = now if version is None else await queries.find_version(session, code, version)
    if row is None or (version is None and row.deleted):
        raise NotFound()
    answer = _out(row, caller)
    if now is None or now.deleted or now.version != row.version:
        answer.allowed_actions = []
    return as_seen(request, row.version, answer)


@router.put("/{code}", response_model=MappingOut, responses={201: {"model": MappingOut}})
async def save_mapping(
    request: Request,
    code: MappingCode,
    body: MappingIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    seen: Annotated[Precondition, precondition()],
) -> Response:
    """Save a mapping: 201 where there was none; a change needs If-Match and starts a new version."""
    async with database.transaction() as session:
        is_new = await service.save_mapping(session, caller, code, body, seen, clock.now())
        answer = await _answer(session, caller, code, 201 if is_new else 200)
    if is_new:
        answer.headers["Location"] = request.scope.get("root_path", "") + answer.headers["Location"]
    return answer


@router.delete("/{code}", status_code=204)
async def delete_mapping(
    code: MappingCode, caller: Writer, database: DatabaseOf, clock: ClockOf, seen: Annotated[IfMatch, if_match()]
) -> Response:
    """Delete a mapping; its versions stay readable, for imports name them."""
    async with database.transaction() as session:
        await service.delete_mapping(session, caller, code, seen, clock.now())
    return Response(status_code=204)
