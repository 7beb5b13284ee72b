"""Recurring themes over HTTP: reading them, and saying what is done about one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.audit_api.recurrence import service
from services.audit_api.recurrence.schemas import RecurrenceOut, RecurrencesOut, ResponseIn
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import Precondition, precondition, version_etag
from shared.free_text import screen
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/recurrences", tags=["recurrences"], route_class=StrictRoute)
_JSON = "application/json"


@router.get("", response_model=RecurrencesOut)
async def list_recurrences(
    period: Annotated[PeriodCode, Query(description="counted with as many periods before it as each rule says")],
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    unit: Annotated[Code | None, Query(description="recurring in this unit or one below it")] = None,
) -> Response:
    """Themes that recur by the rules of the framework, with the audits behind each and links to earlier findings."""
    async with database.snapshot() as session:
        answer = await service.recurrences(session, caller, period, unit, clock.now())
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.put(
    "/{period}/{rule}/{unit}/{theme}/response", response_model=RecurrenceOut, responses={201: {"model": RecurrenceOut}}
)
async def respond_to_recurrence(
    period: PeriodCode,
    rule: Annotated[Code, Path(examples=["team_theme"])],
    unit: Annotated[Code, Path(examples=["fs_weymouth"])],
    theme: Annotated[Code, Path(examples=["drift_and_delay"])],
    body: ResponseIn,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[Precondition, precondition()],
) -> Response:
    """Say what is done about a theme that recurs: 201 for the first answer, 200 (with If-Match) for another."""
    screen({"/response": body.response}, settings.free_text_identifiers)
    key = service.Key(period, rule, unit, theme)
    async with database.transaction() as session:
        answer, first = await service.respond(session, caller, key, body, match, clock.now())
    assert answer.answered is not None
    headers = {"ETag": version_etag(answer.answered.version)}
    return Response(answer.model_dump_json(), 201 if first else 200, headers, _JSON)
