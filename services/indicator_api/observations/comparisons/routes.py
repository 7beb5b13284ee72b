"""This month's load beside the last, over HTTP, before it goes anywhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from services.indicator_api.observations.comparisons.schemas import LoadComparisonOut
from services.indicator_api.observations.comparisons.service import compare
from services.indicator_api.observations.files.media import kind_of
from services.indicator_api.observations.files.spool import spooled
from services.indicator_api.observations.files.workbooks import unpacked
from services.indicator_api.observations.rows.rulebook import rulebook
from services.indicator_api.observations.schemas import IMPORT_BODY
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.openapi import READS_ONLY
from shared.resources import DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/observations/comparisons", tags=["observations"], route_class=StrictRoute)


@router.post("", response_model=LoadComparisonOut, status_code=200, openapi_extra=IMPORT_BODY | READS_ONLY)
async def compare_observations(
    request: Request,
    caller: Annotated[Caller, may("indicator:write")],
    _: Annotated[Caller, may(FIGURES_SCOPE)],
    database: DatabaseOf,
    settings: SettingsOf,
) -> Response:
    """Set a file of figures beside the period before, storing nothing: which places are missing or new, what moved
    most, which rules it breaks, and which stored figures it would change. Each indicator is compared for its latest
    period in the file. Needs `indicator:figures` as well: the answer tells what is stored."""
    kind = kind_of(request)
    async with (
        spooled(request, settings) as body,
        unpacked(kind, body, settings) as spool,
        database.transaction() as session,
    ):
        checker = await rulebook(request).checker(session, caller)
        found = await compare(session, caller, checker, spool, kind)
    return Response(LoadComparisonOut.model_validate(found).model_dump_json(), media_type="application/json")
