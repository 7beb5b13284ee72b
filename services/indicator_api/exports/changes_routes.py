"""The feed of changed figures over HTTP, for whoever keeps a copy."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic_core import to_json

from services.indicator_api.exports.changes import Mark, changes_after, position_since
from services.indicator_api.exports.schemas import ChangesOut
from services.indicator_api.series import asked
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import decode_cursor, encode_cursor
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/observations/changes", tags=["exports"], route_class=StrictRoute)
_KINDS = (int, str, str, str, str)
_AFTER = "`next` of the answer before, whether there was more or not"
_SINCE = "where there is no `after` yet: a date, that day included, or a time with its offset; from now on if neither"


@router.get("", response_model=ChangesOut)
async def list_observation_changes(
    caller: Annotated[Caller, may("indicator:figures")],
    database: DatabaseOf,
    after: Annotated[str | None, Query(max_length=2_000, description=_AFTER)] = None,
    since: Annotated[str | None, Query(max_length=40, description=_SINCE)] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 1_000,
) -> Response:
    """Figures that were recorded, changed or withdrawn, as they stand, each told once more whenever it changes again.

    Take a full copy (`/v1/exports/figures.csv`) after asking here once without `after`, then keep asking with `next`.
    `removed` is a tombstone: the figure was withdrawn, and a copy lets it go.
    """
    moment = asked.read_beginning("since", since)
    async with database.snapshot() as session:
        if after is None:
            mark = Mark(await position_since(session, moment), ())
        else:
            position, *key = decode_cursor(after, _KINDS)
            mark = Mark(position, tuple(key) if any(key) else ())
        rows, mark, more = await changes_after(session, caller, mark, limit)
    following = encode_cursor((mark.position, *(mark.key or ("", "", "", ""))))
    answer = {
        "items": [{**row, "breakdown": row["breakdown"] or None} for row in rows],
        "next": following,
        "more": more,
    }
    return Response(to_json(answer), media_type="application/json")
