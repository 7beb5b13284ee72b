"""What people wrote in a survey: for those who may read cases, and of staff only in company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.cases import require_cases
from services.feedback_api.models import SurveyWords, table_of
from services.feedback_api.parameters import CodeFilter
from services.feedback_api.references import units_in_view
from services.feedback_api.surveys.errors import WordsOfStaff
from services.feedback_api.surveys.protection import WHOLE
from services.feedback_api.surveys.result_routes import tell_wave
from services.feedback_api.surveys.wave_queries import Held, find_wave
from services.feedback_api.surveys.wave_schemas import status_of
from shared.activity.record import record_activity, record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.problems import Forbidden, NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import OutModel
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["surveys"], route_class=StrictRoute)
_WORDS = table_of(SurveyWords)


class AnswerWordsOut(OutModel):
    """What somebody wrote. It stands by itself: nothing leads to what else the same person answered."""

    id: UUID
    question: str = Field(description="`left_over`: it was sent without a login and stood under no question")
    unit: str | None = Field(description="null in a wave of staff")
    respondent_group: str | None = Field(description="null in a wave of staff")
    language: str
    words: str
    state: Literal["quarantined", "released"] = Field(description="sent without a login and not looked at yet, or not")
    safeguarding_flag: bool
    version: int
    allowed_actions: list[str]


def _out(row: Mapping[str, Any], held: Held, caller: Caller) -> AnswerWordsOut:
    staff = held.wave["of_staff"]
    may_release = row["quarantined"] and caller.may("feedback:write") and caller.may("feedback:figures")
    return AnswerWordsOut(
        **{name: row[name] for name in ("id", "question", "language", "words", "version")},
        unit=None if staff else row["unit"],
        respondent_group=None if staff else row["respondent_group"],
        state="quarantined" if row["quarantined"] else "released",
        safeguarding_flag=bool(row["flag_reasons"]),
        allowed_actions=["release"] if may_release else [],
    )


@router.get("/survey-waves/{wave_id}/words", response_model=Page[AnswerWordsOut])
async def list_survey_words(
    request: Request,
    wave_id: UUID,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str)],
    question: CodeFilter = None,
    unit: Annotated[CodeFilter, Field(description="this unit and those below")] = None,
    respondent_group: CodeFilter = None,
    state: Annotated[
        Literal["quarantined", "released"], Query(description="quarantined ones need feedback:figures")
    ] = "released",
) -> Response:
    """What was written in a wave, in no order; that it was read is logged. Without feedback:figures it needs a unit's
    token. Of staff it is told of the whole wave alone, once that has closed with more answers than the threshold."""
    require_cases(caller)
    if state == "quarantined" and not caller.may("feedback:figures"):
        raise Forbidden("Words in quarantine need feedback:figures.", needed_scope="feedback:figures")
    async with database.transaction() as session:
        held = await find_wave(session, caller, wave_id)
        if held.wave["of_staff"]:
            told = await tell_wave(session, held, settings.small_number_threshold)
            running = status_of(held.wave, clock.today()) != "closed"
            if running or held.scope or unit or respondent_group or question or WHOLE in told.hidden:
                raise WordsOfStaff()
        rows = await _rows(session, caller, held, at, state, (question, unit, respondent_group))
        await record_read(session, caller, "list_survey_words", "survey_wave", wave_id)
    page, following = cut_page(rows, at, lambda row: (str(row["id"]),))
    answer = Page[AnswerWordsOut](items=[_out(row, held, caller) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


async def _rows(
    session: AsyncSession, caller: Caller, held: Held, at: Cursor, state: str,
    narrowed: tuple[str | None, str | None, str | None],
) -> Sequence[Mapping[str, Any]]:  # fmt: skip
    question, unit, group = narrowed
    words = _WORDS.c
    statement = sa.select(_WORDS).where(words.wave_id == held.id, words.quarantined.is_(state == "quarantined"))
    units = await units_in_view(session, caller, unit or held.scope)
    if units is not None:
        statement = statement.where(words.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if question is not None:
        statement = statement.where(words.question == question)
    if group is not None:
        statement = statement.where(words.respondent_group == group)
    if at.after is not None:
        statement = statement.where(words.id > cursor_key(at.after, UUID)[0])
    rows = await session.execute(statement.order_by(words.id).limit(at.fetch))
    return [dict(row) for row in rows.mappings()]


@router.post("/survey-words/{words_id}/release", response_model=AnswerWordsOut, status_code=200)
async def release_survey_words(
    request: Request,
    words_id: UUID,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Let words that came without a login stand among the others, once somebody has looked at them."""
    if not caller.may("feedback:figures"):
        raise Forbidden("Words in quarantine need feedback:figures.", needed_scope="feedback:figures")
    async with once(request, database, caller) as deed:
        statement = sa.select(_WORDS).where(_WORDS.c.id == words_id).with_for_update()
        row = (await deed.session.execute(statement)).mappings().one_or_none()
        if row is None:
            raise NotFound()
        held = await find_wave(deed.session, caller, row["wave_id"])
        if not held.own:
            raise NotFound()
        match.check(row["version"])
        after = dict(row)
        if row["quarantined"]:
            after |= {"quarantined": False, "version": row["version"] + 1}
            changes = {name: after[name] for name in ("quarantined", "version")}
            await deed.session.execute(sa.update(_WORDS).where(_WORDS.c.id == words_id).values(changes))
            await record_activity(
                deed.session, caller, "survey_words.released", "survey_words", words_id, unit=held.wave["unit"]
            )
        headers = {"ETag": version_etag(after["version"])}
        return deed.answer(_out(after, held, caller), 200, headers, ("survey_words", str(words_id)))
