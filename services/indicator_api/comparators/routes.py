"""Comparator sets over HTTP: England, the region, the neighbours of each edition."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.indicator_api.comparators import queries
from services.indicator_api.comparators.queries import Entry
from services.indicator_api.comparators.schemas import ComparatorOut, MemberOut
from services.indicator_api.days import last_day
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified, version_etag
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import DatabaseOf
from shared.schemas.base import AreaCode, Code
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/comparators", tags=["comparators"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]


def _out(entry: Entry, names: dict[str, str]) -> ComparatorOut:
    content = entry.content
    subject = content["subject"]
    return ComparatorOut(
        **{name: content[name] for name in ("code", "name", "kind", "model", "version", "note", "source")},
        subject=subject,
        subject_name=names.get(subject) if subject else None,
        applies_from=content["applies_from"],
        applies_to=content["applies_to"],
        members=[
            MemberOut(area=one["area"], name=names.get(one["area"], one["area"]), rank=one["rank"])
            for one in content["members"]
        ],
        members_unknown=content.get("members_unknown"),
        framework_version=entry.framework_version,
        allowed_actions=[],
    )


@router.get("", response_model=Page[ComparatorOut])
async def list_comparators(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    kind: ComparatorKind | None = None,
    subject: Annotated[AreaCode | None, Query(description="only sets this area may be set beside")] = None,
    period: Annotated[PeriodCode | None, Query(description="only sets that apply to this period")] = None,
) -> Response:
    """The comparator sets, by code; with `subject` and `period`, what that area was to be set beside then."""
    day = None if period is None else last_day(Period.parse(period))
    async with database.snapshot() as session:
        rows = await queries.list_sets(session, at, kind, subject, day)
        page, following = cut_page(rows, at, lambda row: (row.content["code"],))
        names = await queries.member_names(session, list(page))
    answer = Page[ComparatorOut](items=[_out(row, names) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{code}", response_model=ComparatorOut)
async def read_comparator(
    request: Request, code: Annotated[Code, Path()], caller: Reader, database: DatabaseOf
) -> Response:
    """One comparator set with its members."""
    async with database.snapshot() as session:
        entry = await queries.find_set(session, code)
        if entry is None:
            raise NotFound()
        names = await queries.member_names(session, [entry])
    etag = version_etag(entry.framework_version)
    if not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(_out(entry, names).model_dump_json(), media_type="application/json", headers={"ETag": etag})
