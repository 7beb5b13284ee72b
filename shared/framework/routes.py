"""The framework over HTTP: plan and apply it whole, read its items and their versions."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import Field

from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import content_etag, not_modified, version_etag
from shared.framework.state import framework_tag
from shared.framework.store import Item, Kinds, apply_framework
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Forbidden, NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import OutModel, StrictModel
from shared.strict import StrictRoute
from shared.tables import framework_item, framework_item_version
from shared.withholding import items_shown

router = APIRouter(prefix="/v1/framework", tags=["framework"], route_class=StrictRoute)
KindName = Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
ItemCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]


class ItemIn(StrictModel):
    kind: KindName
    code: ItemCode
    content: dict[str, Any] = Field(description="the item in the form of its kind (docs/framework.md)")


class ApplicationIn(StrictModel):
    """A framework, whole or in part; one atomic change per service."""

    items: list[ItemIn] = Field(max_length=5000)
    dry_run: bool = Field(default=False, description="only show the plan")
    retire_missing: bool = Field(
        default=False, description="retire held items of the kinds sent that are not among the items"
    )


class ChangeOut(OutModel):
    kind: str
    code: str
    change: Literal["create", "change", "retire", "reinstate"]
    version: int
    fields: list[str] = Field(description="the names of the fields that differ")


class PlanOut(OutModel):
    dry_run: bool
    changes: list[ChangeOut]
    unchanged: int


class ItemOut(OutModel):
    kind: str
    code: str
    version: int
    retired: bool
    content: dict[str, Any]
    hash: str = Field(description="SHA-256 of the content, for finding drift between services")


class VersionOut(OutModel):
    version: int
    retired: bool
    applied_at: str
    applied_by: str
    content: dict[str, Any]


class KindsOut(OutModel):
    kinds: list[str] = Field(description="the kinds this service holds")


def _kinds(request: Request) -> Kinds:
    kinds: Kinds = request.app.state.framework_kinds
    return kinds


@router.get("", response_model=KindsOut)
async def list_framework_kinds(request: Request, caller: Annotated[Caller, may("framework:read")]) -> KindsOut:
    """The kinds of framework item this service holds."""
    return KindsOut(kinds=sorted(_kinds(request)))


@router.post("/applications", response_model=PlanOut, status_code=200)
async def apply_framework_items(
    request: Request,
    body: ApplicationIn,
    caller: Annotated[Caller, may("framework:apply")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Plan and apply framework items in one transaction; sent again, it changes nothing."""
    if caller.unit is not None:
        # Whoever may move units in the tree may move them under the own one, and so see all of them.
        raise Forbidden("The framework is the whole council's: a token for one unit cannot change it.")
    items = [Item(one.kind, one.code, one.content) for one in body.items]
    prepare = request.app.state.service.before_applying
    async with once(request, database, caller) as deed:
        plan = await apply_framework(
            deed.session, caller, _kinds(request), items,
            retire_missing=body.retire_missing, dry_run=body.dry_run,
            before=None if prepare is None else partial(prepare, now=clock.now()),
        )  # fmt: skip
        changes = [
            ChangeOut(kind=c.kind, code=c.code, change=c.change, version=c.version, fields=list(c.fields))
            for c in plan.changes
        ]
        return deed.answer(PlanOut(dry_run=body.dry_run, changes=changes, unchanged=plan.unchanged), status=200)


@router.get("/{kind}", response_model=Page[ItemOut])
async def list_framework_items(
    request: Request,
    kind: KindName,
    caller: Annotated[Caller, may("framework:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    retired: bool = False,
) -> Response:
    """The items of one kind, in order of code; the ETag stays while nothing of the framework changes."""
    if kind not in _kinds(request):
        raise NotFound("This service does not hold that kind.")
    shown = items_shown(request, caller, framework_item)
    tag = await framework_tag(database, request.app.version) if shown.compare(sa.true()) else None
    if tag is not None and not_modified(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    statement = sa.select(framework_item).where(framework_item.c.kind == kind, shown)
    if not retired:
        statement = statement.where(~framework_item.c.retired)
    if at.after is not None:
        statement = statement.where(framework_item.c.code > at.after[0])
    async with database.snapshot() as session:
        rows = (await session.execute(statement.order_by(framework_item.c.code).limit(at.fetch))).all()
    page, following = cut_page(rows, at, lambda row: (row.code,))
    body = Page[ItemOut](items=[_item(row) for row in page], next=following).model_dump_json().encode()
    # Only a last page has the tag that is known before it is read: with any other the Link to the next has to go.
    whole = tag if following is None else None
    headers = {"ETag": whole or content_etag(body), **link_header(request, following)}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _item(row: Any) -> ItemOut:
    return ItemOut(
        kind=row.kind, code=row.code, version=row.version, retired=row.retired, content=row.content,
        hash=row.hash.hex(),
    )  # fmt: skip


@router.get("/{kind}/{code}", response_model=ItemOut)
async def get_framework_item(
    request: Request,
    kind: KindName,
    code: ItemCode,
    caller: Annotated[Caller, may("framework:read")],
    database: DatabaseOf,
) -> Response:
    """One item as it stands."""
    shown = items_shown(request, caller, framework_item)
    statement = sa.select(framework_item).where(framework_item.c.kind == kind, framework_item.c.code == code, shown)
    async with database.snapshot() as session:
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    etag = version_etag(row.version)
    if not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(_item(row).model_dump_json(), media_type="application/json", headers={"ETag": etag})


@router.get("/{kind}/{code}/versions", response_model=Page[VersionOut])
async def list_framework_item_versions(
    request: Request,
    kind: KindName,
    code: ItemCode,
    caller: Annotated[Caller, may("framework:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(int)],
) -> Response:
    """Every version of one item, newest first."""
    table = framework_item_version
    shown = items_shown(request, caller, table)
    statement = sa.select(table).where(table.c.kind == kind, table.c.code == code, shown)
    if at.after is not None:
        statement = statement.where(table.c.version < at.after[0])
    async with database.snapshot() as session:
        rows = (await session.execute(statement.order_by(table.c.version.desc()).limit(at.fetch))).all()
    if not rows and at.after is None:
        raise NotFound()
    page, following = cut_page(rows, at, lambda row: (row.version,))
    items = [
        VersionOut(
            version=row.version, retired=row.retired, applied_at=row.applied_at.isoformat(),
            applied_by=row.applied_by, content=row.content,
        )
        for row in page
    ]  # fmt: skip
    answer = Page[VersionOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
