"""Reading questionnaires, and the form of one for a front end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.feedback_api.surveys import editions
from services.feedback_api.surveys.form import form_of
from services.feedback_api.surveys.schemas import FormOut, SurveyOut, SurveyRow
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Fault, Malformed
from shared.resources import DatabaseOf
from shared.schemas.base import Code
from shared.schemas.framework.surveys import ENGLISH
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/surveys", tags=["surveys"], route_class=StrictRoute)
SurveyCode = Annotated[Code, Path(examples=["childrens_questionnaire"])]
Version = Annotated[int, Path(ge=1, le=9999, examples=[1])]
Language = Annotated[str, Query(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="one of the survey's languages")]


@router.get("", response_model=Page[SurveyRow])
async def list_surveys(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
) -> Response:
    """The published questionnaires, each in the version in use, in order of code."""
    async with database.snapshot() as session:
        rows = await editions.list_editions(session, at.after[0] if at.after else None, at.fetch)
    page, following = cut_page(rows, at, lambda row: (row.survey,))
    answer = Page[SurveyRow](items=[SurveyRow.of(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{code}", response_model=SurveyOut)
async def get_survey(
    request: Request, code: SurveyCode, caller: Annotated[Caller, may("feedback:read")], database: DatabaseOf
) -> Response:
    """A questionnaire in its newest published version, in every language."""
    return await _edition(request, database, caller, code, None)


@router.get("/{code}/versions/{version}", response_model=SurveyOut)
async def get_survey_version(
    request: Request,
    code: SurveyCode,
    version: Version,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
) -> Response:
    """One version of a questionnaire, as the people who answered it knew it."""
    return await _edition(request, database, caller, code, version)


@router.get("/{code}/form", response_model=FormOut)
async def get_survey_form(
    code: SurveyCode,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    version: Annotated[int | None, Query(ge=1, le=9999, description="the newest unless given")] = None,
    language: Language = ENGLISH,
    respondent_group: Annotated[Code | None, Query(description="only what this group is asked")] = None,
    easy: Annotated[bool, Query(description="the words for younger readers, where there are any")] = False,
    month: Annotated[int, Query(ge=0, le=36, description="the part of an evaluation, in months after it")] = 0,
) -> Response:
    """The form to draw, in one language: what a respondent of that group is shown."""
    async with database.snapshot() as session:
        survey = editions.read_survey(await editions.read_edition(session, code, version))
    faults = []
    if language not in survey.languages:
        faults.append(Fault("/query/language", "language", "the survey has no words in this language"))
    if respondent_group is not None and respondent_group not in survey.respondent_groups:
        faults.append(Fault("/query/respondent_group", "respondent_group", "the survey does not ask this group"))
    if month not in survey.months:
        faults.append(Fault("/query/month", "month", "the survey has no such part"))
    if faults:
        raise Malformed("There is no such form; see errors.", errors=faults)
    form = form_of(survey, month, respondent_group, language, easy=easy)
    return Response(form.model_dump_json(), media_type="application/json")


async def _edition(request: Request, database: DatabaseOf, caller: Caller, code: str, version: int | None) -> Response:
    async with database.snapshot() as session:
        row = await editions.read_edition(session, code, version)
    return as_seen(request, row.version, SurveyOut.of_edition(row, caller))
