"""A questionnaire as one respondent is shown it: the group's questions, one language, easy words or formal."""

from __future__ import annotations

from collections.abc import Iterable

from services.feedback_api.surveys.schemas import FieldOut, FormOut, OptionOut, PictureOut
from shared.schemas.framework.surveys import ENGLISH, Choice, Picture, Question, QuestionKind, Survey, Words


def asked_of(survey: Survey, month: int, group: str | None) -> list[Question]:
    """The questions of a part that a group is asked; without a group, all of the part."""
    return [
        question
        for question in survey.questions
        if (not question.months or month in question.months) and (not group or group in (question.groups or (group,)))
    ]


def form_of(survey: Survey, month: int, group: str | None, language: str, *, easy: bool) -> FormOut:
    """The form in that language; what has no words in it is in English."""
    return FormOut(
        survey=survey.code,
        version=survey.version,
        language=language,
        title=_in(survey.title, language),
        introduction=_in(survey.introduction, language) if survey.introduction else None,
        ask_age_band=survey.ask_age_band,
        pair_code=len(survey.months) > 1,
        fields=[_field(survey, question, language, easy=easy) for question in asked_of(survey, month, group)],
    )


def _in(words: Words, language: str) -> str:
    return words.get(language) or words[ENGLISH]


def _picture(picture: Picture | None, language: str) -> PictureOut | None:
    return PictureOut(ref=picture.ref, shows=_in(picture.shows, language)) if picture else None


def _choices(choices: Iterable[Choice], language: str, *, easy: bool) -> list[OptionOut]:
    return [
        OptionOut(
            value=one.code,
            label=_in((one.easy_label if easy else None) or one.label, language),
            picture=_picture(one.picture, language),
        )
        for one in choices
    ]


def _field(survey: Survey, question: Question, language: str, *, easy: bool) -> FieldOut:
    if question.kind in (QuestionKind.scale, QuestionKind.matrix):
        options = [
            OptionOut(value=one.value, label=_in(one.label, language), picture=_picture(one.picture, language))
            for one in survey.scale_of(question).points
        ]
    else:
        options = _choices(question.options, language, easy=easy)
    return FieldOut(
        code=question.code,
        kind=question.kind.value,
        label=_in((question.easy_label if easy else None) or question.label, language),
        picture=_picture(question.picture, language),
        multiple=question.multiple,
        options=options,
        rows=_choices(question.rows, language, easy=easy),
    )
