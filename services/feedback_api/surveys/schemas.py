"""Questionnaires on the wire: the whole of a version, and the form of it in one language."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from services.feedback_api.surveys.editions import read_survey
from shared.auth.caller import Caller
from shared.schemas.base import OutModel
from shared.schemas.framework.surveys import AnswerScale, Question, Words

Status = Literal["published", "retired"]


class SurveyRow(OutModel):
    code: str
    version: int
    status: Status = Field(description="of a retired survey no new wave begins")
    title: str
    channel: str
    respondent_groups: list[str]
    languages: list[str]
    months: list[int] = Field(description="the parts of an evaluation, in months after the course; [0] is asked once")
    published_at: datetime

    @classmethod
    def of(cls, row: Any) -> Self:
        survey = read_survey(row)
        return cls(
            code=row.survey, version=row.version, status=row.status, title=row.title, channel=row.channel,
            respondent_groups=list(survey.respondent_groups), languages=list(survey.languages),
            months=list(survey.months), published_at=row.published_at,
        )  # fmt: skip


class SurveyOut(SurveyRow):
    """One published version; its content never changes."""

    versions: list[int] = Field(description="every version ever published")
    titles: Words
    introduction: Words | None
    about_a_course: bool
    ask_age_band: bool
    scales: list[AnswerScale]
    questions: list[Question]
    allowed_actions: list[str]

    @classmethod
    def of_edition(cls, row: Any, caller: Caller) -> Self:
        survey = read_survey(row)
        usable = row.status == "published" and caller.may("feedback:write")
        return cls(
            **SurveyRow.of(row).model_dump(),
            versions=sorted(row.versions),
            titles=survey.title,
            introduction=survey.introduction,
            about_a_course=survey.about_a_course,
            ask_age_band=survey.ask_age_band,
            scales=list(survey.scales),
            questions=list(survey.questions),
            allowed_actions=["start_wave"] if usable else [],
        )


class PictureOut(OutModel):
    """A picture the front end keeps under this name, and what it shows, for who cannot see it."""

    ref: str
    shows: str


class OptionOut(OutModel):
    value: str | int = Field(description="what is sent as the answer")
    label: str
    picture: PictureOut | None


class FieldOut(OutModel):
    """One question to draw; its answer goes under `answers/<code>`."""

    code: str
    kind: Literal["scale", "choice", "matrix", "text"]
    label: str
    picture: PictureOut | None
    multiple: bool
    options: list[OptionOut] = Field(description="the points of a scale or the options of a choice")
    rows: list[OptionOut] = Field(description="of a matrix, each answered with a point")


class FormOut(OutModel):
    """What one respondent is shown, in one language."""

    survey: str
    version: int
    language: str
    title: str
    introduction: str | None
    ask_age_band: bool
    pair_code: bool = Field(description="whether to ask for a code of the respondent's own, to be given again later")
    fields: list[FieldOut]
