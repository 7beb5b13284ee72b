"""The routes without a login: say what you think, with a token, and whom to call now."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response

from services.feedback_api.contacts import contacts_for, telling_whom_to_call
from services.feedback_api.forgiving import read_object, read_written
from services.feedback_api.limits import PublicLimitsOf, anyone_within_limits
from services.feedback_api.parameters import CodeFilter
from services.feedback_api.public.schemas import ContactsOut, PublicViewIn, ReceivedOut
from services.feedback_api.public.service import anyone, take
from services.feedback_api.public.understanding import Sent, understand
from shared.batches import models_of_rows
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/public", tags=["public"], route_class=StrictRoute)
_NO_STORE = {"Cache-Control": "no-store"}
_LONG = 10_000
models_of_rows.append(PublicViewIn)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{PublicViewIn.__name__}"}}},
    }
}


def _read(raw: bytes) -> Sent:
    return understand(read_object(raw))


@router.post("/views", response_model=ReceivedOut, status_code=202, openapi_extra=_BODY)
async def submit_view(
    request: Request,
    _: Annotated[None, anyone_within_limits()],
    limits: PublicLimitsOf,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Say what you think, without a login, with a token that is good once. It is never refused for what it says.

    What cannot be understood is kept beside the rest. The answer says whom to call now; so does every refusal but that
    of too much at once.
    """
    caller = anyone(getattr(request.state, "request_id", None))
    async with telling_whom_to_call(database, limits):
        raw = await read_written(request, settings.public_max_body_bytes)
        # To look through a long text takes as long as many requests.
        sent = await asyncio.to_thread(_read, raw) if len(raw) > _LONG else _read(raw)
        async with limits.place(), database.writing() as work:
            unit = await take(work, caller, sent, clock.now())
            answer = ReceivedOut(call_now=await contacts_for(await work.begin(), unit))
    return Response(answer.model_dump_json(), 202, _NO_STORE, "application/json")


@router.get("/contacts", response_model=ContactsOut)
async def list_contacts(
    _: Annotated[None, anyone_within_limits()],
    limits: PublicLimitsOf,
    database: DatabaseOf,
    unit: CodeFilter = None,
) -> Response:
    """Whom to call now, for a page to show before anything is written; of an unknown unit those for everybody."""
    async with limits.place(), database.writing() as work:
        answer = ContactsOut(call_now=await contacts_for(await work.begin(), unit))
    return Response(answer.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-cache"})
