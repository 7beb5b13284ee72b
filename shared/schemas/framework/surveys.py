"""Questionnaires in several languages, and the surveys that are owed every year."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Text
from shared.schemas.framework.fields import Item, Part, Reference, repeated
from shared.schemas.periods import PeriodKind

ENGLISH = "en"
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


def _has_english(words: dict[str, str]) -> dict[str, str]:
    if ENGLISH not in words:
        raise SafeValueError("give the English words under `en`; other languages stand beside them")
    return words


# Words by language; a language that is left out is answered with the English ones.
Words = Annotated[dict[Language, Text], Field(min_length=1, max_length=40), AfterValidator(_has_english)]


class QuestionKind(StrEnum):
    """How a question is answered: a point of a scale, codes of options, a point for each row of a matrix, words."""

    scale = "scale"
    choice = "choice"
    matrix = "matrix"
    text = "text"


class Picture(Part):
    """A picture by the name under which the front end keeps it, never by an address, with what it shows."""

    ref: Code
    shows: Words


class Point(Part):
    """One point of a scale and what it is called."""

    value: Annotated[int, Field(ge=0, le=10)]
    label: Words
    picture: Picture | None = None


class AnswerScale(Part):
    """Points in order; `high_is_good` says which end is the good one, `top` which points count as favourable."""

    code: Code
    points: Annotated[tuple[Point, ...], Field(min_length=2, max_length=11)]
    high_is_good: bool = True
    top: Annotated[tuple[int, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        values = [point.value for point in self.points]
        if values != sorted(set(values)):
            raise SafeValueError("the points of a scale rise, each value once")
        if len(set(self.top)) != len(self.top) or not set(self.top) < set(values):
            raise SafeValueError("top names some of the scale's points, each once, and not all of them")
        good = values[-len(self.top) :] if self.high_is_good else values[: len(self.top)]
        if set(self.top) != set(good):
            raise SafeValueError("top is the good end of the scale; see high_is_good")
        return self


class Choice(Part):
    """One option of a choice or one row of a matrix."""

    code: Code
    label: Words
    easy_label: Words | None = None
    picture: Picture | None = None


class Question(Part):
    """One question: the formal words, the easy ones that children are shown, and how it is answered."""

    code: Code
    label: Words
    easy_label: Words | None = None
    picture: Picture | None = None
    kind: QuestionKind
    scale: Code | None = None
    options: Annotated[tuple[Choice, ...], Field(max_length=40)] = ()
    multiple: bool = False
    rows: Annotated[tuple[Choice, ...], Field(max_length=30)] = ()
    # Whom and when it is asked: all groups, and at all the months after, unless it says so.
    groups: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    months: Annotated[tuple[Annotated[int, Field(ge=0, le=36)], ...], Field(max_length=6)] = ()
    indicator: Code | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        kind = self.kind
        if (kind in (QuestionKind.scale, QuestionKind.matrix)) != (self.scale is not None):
            raise SafeValueError("a question of kind scale or matrix has a scale, and no other has one")
        if (kind is QuestionKind.choice) != (len(self.options) >= 2) or (self.options and kind.value != "choice"):
            raise SafeValueError("a question of kind choice has two options or more, and no other has any")
        if (kind is QuestionKind.matrix) != bool(self.rows):
            raise SafeValueError("a question of kind matrix has rows, and no other has any")
        if self.multiple and kind is not QuestionKind.choice:
            raise SafeValueError("multiple is for questions of kind choice")
        if self.indicator and kind is not QuestionKind.scale:
            raise SafeValueError("an indicator is made of a question of kind scale")
        codes = [one.code for one in (*self.options, *self.rows)]
        if repeated(codes) or len(set(self.groups)) != len(self.groups) or len(set(self.months)) != len(self.months):
            raise SafeValueError("a code of the options, rows, groups or months stands twice; give each once")
        return self


class Survey(Item):
    """A versioned questionnaire; once published a version never changes, an edit is a new version."""

    version: Annotated[int, Field(ge=1, le=9999)]
    title: Words
    introduction: Words | None = None
    status: Literal["draft", "published", "retired"] = "draft"
    channel: Code
    respondent_groups: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    # The parts of an evaluation, in months after the course; a survey that is not repeated has the one at 0.
    months: Annotated[tuple[Annotated[int, Field(ge=0, le=36)], ...], Field(min_length=1, max_length=6)] = (0,)
    about_a_course: bool = False
    ask_age_band: bool = False
    scales: Annotated[tuple[AnswerScale, ...], Field(max_length=20)] = ()
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=100)]

    def references(self) -> Iterator[Reference]:
        yield Reference("channels", self.channel, "/channel")
        for place, group in enumerate(self.respondent_groups):
            yield Reference("respondent_groups", group, f"/respondent_groups/{place}")
        for place, question in enumerate(self.questions):
            if question.indicator:
                yield Reference("indicators", question.indicator, f"/questions/{place}/indicator")

    def scale_of(self, question: Question) -> AnswerScale:
        """The scale a question is answered on; only for one of kind scale or matrix."""
        return next(scale for scale in self.scales if scale.code == question.scale)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which every question has its words, English first."""
        spoken = [set(question.label) for question in self.questions] + [set(self.title)]
        return (ENGLISH, *sorted(set.intersection(*spoken) - {ENGLISH}))

    @model_validator(mode="after")
    def _is_of_one_piece(self) -> Self:
        if repeated([question.code for question in self.questions]):
            raise SafeValueError("two questions have the same code; answers are stored by it, so give each its own")
        if repeated([question.indicator for question in self.questions if question.indicator]):
            raise SafeValueError("two questions are made into the same indicator; one of them is")
        scales = [scale.code for scale in self.scales]
        if repeated(scales) or {question.scale for question in self.questions} - {None} - set(scales):
            raise SafeValueError("each scale stands once under scales, and a question names one of them")
        if repeated(list(self.respondent_groups)) or list(self.months) != sorted(set(self.months)):
            raise SafeValueError("each group stands once, and months rise")
        for question in self.questions:
            if not set(question.groups) <= set(self.respondent_groups) or not set(question.months) <= set(self.months):
                raise SafeValueError("a question names a group or a month that the survey does not have")
        return self


class SurveyDuty(Item):
    """A survey that services owe every year, of which groups, and by how many days after its end (R63)."""

    title: Text
    survey: Code
    units: Annotated[tuple[Code, ...], Field(min_length=1, max_length=200)]
    respondent_groups: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    year: Literal[PeriodKind.calendar_year, PeriodKind.financial_year, PeriodKind.academic_year]
    due_lag_days: Annotated[int, Field(ge=0, le=365)] = 0

    def references(self) -> Iterator[Reference]:
        yield Reference("surveys", self.survey, "/survey")
        for place, unit in enumerate(self.units):
            yield Reference("units", unit, f"/units/{place}")
        for place, group in enumerate(self.respondent_groups):
            yield Reference("respondent_groups", group, f"/respondent_groups/{place}")
