"""The routes of surveys without a login: see the questions and answer them, with a token that is good once."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.feedback_api.contacts import contacts_for, telling_whom_to_call
from services.feedback_api.forgiving import read_object, read_written
from services.feedback_api.limits import PublicLimitsOf, anyone_within_limits
from services.feedback_api.surveys import public_service as service
from services.feedback_api.surveys.answering import NOT_GIVEN
from services.feedback_api.surveys.form import form_of
from services.feedback_api.surveys.public_schemas import (
    PublicFormIn,
    PublicFormOut,
    PublicResponseIn,
    TakenOut,
    TokensIn,
    TokensOut,
)
from services.feedback_api.surveys.response_service import require_open
from services.feedback_api.surveys.wave_queries import find_own_wave
from services.feedback_api.surveys.wave_schemas import status_of
from services.feedback_api.tokens import issue
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.batches import models_of_rows
from shared.database import driver_connection
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["surveys"], route_class=StrictRoute)
_NO_STORE = {"Cache-Control": "no-store"}
_LONG = 10_000
models_of_rows += [PublicFormIn, PublicResponseIn]


def _body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post("/survey-waves/{wave_id}/tokens", response_model=TokensOut, status_code=201)
async def issue_survey_tokens(
    request: Request,
    wave_id: UUID,
    body: TokensIn,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Issue tokens for one group of a wave, each good for one set of answers. They are told in this answer alone.

    What is sent with one cannot be traced to it. They can be revoked among the token batches.
    """
    async with once(request, database, caller) as deed:
        held = await find_own_wave(deed.session, caller, wave_id)
        unit = body.unit or held.wave["unit"]
        if status_of(held.wave, clock.today()) != "planned":
            require_open(held, clock.today())
        terms = service.terms_of(held, body, unit, settings.small_number_threshold)
        made = await issue(deed.session, caller, terms, body.count, clock.now())
        told = TokensOut(
            batch=made.batch_id, wave=wave_id, unit=unit, respondent_group=body.respondent_group, issued=body.count,
            expires_at=terms.expires_at, tokens=[],
        )  # fmt: skip
        # What is kept for a repetition is the batch alone.
        deed.answer(told, 201)
    answer = told.model_copy(update={"tokens": made.secrets})
    return Response(answer.model_dump_json(), 201, _NO_STORE, "application/json")


@router.post("/public/survey-forms", response_model=PublicFormOut, status_code=200, openapi_extra=_body(PublicFormIn))
async def show_survey_form(
    request: Request,
    _: Annotated[None, anyone_within_limits()],
    limits: PublicLimitsOf,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """The questions a token is for, in the language and words asked for. The token is in the body and stays good."""
    async with telling_whom_to_call(database, limits):
        sent = service.read_sent(read_object(await read_written(request, settings.public_max_body_bytes)))
        async with limits.place(), database.snapshot() as session:
            held, spent = await service.look(session, sent, clock.now())
            contacts = await contacts_for(await driver_connection(session), spent.unit)
    group = service.group_of(held, sent, spent)
    form = form_of(
        held.survey, held.wave["month"], None if group == NOT_GIVEN else group,
        service.language_of(held, sent), easy=sent.document.get("easy") is True,
    )  # fmt: skip
    answer = PublicFormOut(languages=held.wave["languages"], form=form, call_now=contacts)
    return Response(answer.model_dump_json(), 200, _NO_STORE, "application/json")


@router.post(
    "/public/survey-responses", response_model=TakenOut, status_code=202, openapi_extra=_body(PublicResponseIn)
)
async def submit_survey_response(
    request: Request,
    _: Annotated[None, anyone_within_limits()],
    limits: PublicLimitsOf,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Answer a survey without a login. It is never refused for what it says: what cannot be read is set aside and
    counted, the rest is kept. The answer says whom to call now, and so does a refusal."""
    async with telling_whom_to_call(database, limits):
        raw = await read_written(request, settings.public_max_body_bytes)
        document = await asyncio.to_thread(read_object, raw) if len(raw) > _LONG else read_object(raw)
        sent = service.read_sent(document)
        async with limits.place(), database.transaction() as session:
            given = await service.take(session, sent, clock.now())
            contacts = await contacts_for(await driver_connection(session), given.unit)
    answer = TakenOut(set_aside=len(given.reading.faults) + given.left_over, call_now=contacts)
    return Response(answer.model_dump_json(), 202, _NO_STORE, "application/json")
