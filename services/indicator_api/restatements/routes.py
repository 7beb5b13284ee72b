"""Restatements over HTTP: what changed since a day, from what to what, by whom and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.indicator_api.restatements import service
from services.indicator_api.restatements.queries import Wanted
from services.indicator_api.restatements.schemas import RESTATED, RestatementKind, RestatementOut
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/restatements", tags=["restatements"], route_class=StrictRoute)
_SINCE = "changes from then on: a date, or a time with its offset; all there ever were if none"
_UNTIL = "changes before then: a date, or a time with its offset"
_AREA = "ONS codes or codes of units, repeated or separated by commas"
_KINDS = "only these, repeated; value, status and parts if none: figures whose numbers or symbol changed"


@router.get("", response_model=Page[RestatementOut])
async def list_restatements(
    request: Request,
    caller: Annotated[Caller, may("indicator:read")],
    database: DatabaseOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str, str, str, str, str, int)],
    since: Annotated[str | None, Query(max_length=40, description=_SINCE, examples=["2026-10-01"])] = None,
    until: Annotated[str | None, Query(max_length=40, description=_UNTIL)] = None,
    indicator: Annotated[list[Code], Query(max_length=50, description="one or several")] = [],  # noqa: B006
    area: Annotated[list[Annotated[str, Query(max_length=4_000)]], Query(max_length=200, description=_AREA)] = [],  # noqa: B006
    period: PeriodCode | None = None,
    kind: Annotated[list[RestatementKind], Query(max_length=10, description=_KINDS)] = [],  # noqa: B006
) -> Response:
    """Figures that were changed, the latest change first, each with what it was, what it is, who changed it and why.

    A change of a figure that is hidden from the caller, before or after, is left out.
    """
    wanted = Wanted(
        asked.read_beginning("since", since), asked.read_beginning("until", until), indicator,
        asked.area_codes(area), period, kind or RESTATED,
    )  # fmt: skip
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        rows = await service.list_restatements(session, caller, wanted, at, veil)
    page, following = cut_page(rows, at, service.key_of)
    items = [RestatementOut.model_validate({name: row[name] for name in RestatementOut.model_fields}) for row in page]
    body = Page[RestatementOut](items=items, next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))
