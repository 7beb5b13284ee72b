"""Withdrawing figures over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from services.indicator_api.observations.rows.rulebook import rulebook
from services.indicator_api.observations.schemas import WithdrawalsIn, WithdrawnOut
from services.indicator_api.observations.withdrawals.service import withdraw
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/observations/withdrawals", tags=["observations"], route_class=StrictRoute)


@router.post("", response_model=WithdrawnOut, status_code=200)
async def withdraw_observations(
    request: Request,
    body: WithdrawalsIn,
    caller: Annotated[Caller, may("indicator:write")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Take back figures that should not be there, such as those filed under the wrong team: each becomes `z` (not
    applicable), sums no longer count it, and what it was stays in its history with the reason. The changes tell of it
    as `removed`. To correct a figure, send the right one instead."""
    async with once(request, database, caller) as deed:
        checker = await rulebook(request).checker(deed.session, caller)
        found = await withdraw(deed.session, caller, checker, body, clock.now())
        headers = {"Location": f"/v1/observations/imports/{found.import_id}"}
        answer = WithdrawnOut(id=found.import_id, withdrawn=found.withdrawn, not_there=found.not_there)
        return deed.answer(answer, 200, headers)
