"""The results of a wave on the wire. A number that is hidden is null and has the status `c`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.base import OutModel

Hidden = Literal["c"]
NotComparable = Literal["not_asked", "kind_changed", "scale_changed", "options_changed"]


class EstimateOut(OutModel):
    """A value with its 95% interval."""

    value: float
    lower: float
    upper: float


class QuestionShareOut(OutModel):
    """A share in per cent with its 95% interval by Wilson; `estimate` is null where there is none, or it is hidden."""

    count: int | None
    of: int | None
    estimate: EstimateOut | None
    value_status: Hidden | None = None


class QuestionPartOut(OutModel):
    """How many of a part could answer and did."""

    code: str
    responses: int | None
    population: int | None
    rate: QuestionShareOut = Field(description="null where nobody said who could answer, or more answered than could")
    value_status: Hidden | None = None


class AnswerOut(OutModel):
    """How often one answer was given."""

    value: str
    label: str
    count: int | None
    value_status: Hidden | None = None
    change: EstimateOut | None = Field(default=None, description="of its share, in percentage points, by Newcombe")


class QuestionChangeOut(OutModel):
    """The difference to the wave before, where question, kind and scale are the same.

    Shares in percentage points with Newcombe's 95% interval, means in points of the scale with Welch's.
    """

    comparable: bool
    reason: NotComparable | None = Field(default=None, description="why it is not comparable")
    share: EstimateOut | None = Field(default=None, description="of the favourable answers, or of an option chosen")
    mean: EstimateOut | None = None
    clear: bool | None = Field(default=None, description="the interval of the share, or of the mean, leaves out 0")
    value_status: Hidden | None = None


class QuestionOut(OutModel):
    """What was answered to a question, a row of a matrix, or of an option where several can be chosen."""

    question: str
    item: str | None = Field(description="the row of a matrix, or the option where several can be chosen")
    kind: Literal["scale", "choice", "matrix"]
    label: str
    answered: int | None
    answers: list[AnswerOut]
    mean: float | None = Field(description="of a scale; null where any of its counts is hidden")
    favourable: QuestionShareOut | None = Field(description="the answers at the good end of a scale; null for a choice")
    change: QuestionChangeOut | None = Field(description="null where there was no wave before")
    value_status: Hidden | None = Field(default=None, description="`c`: nothing of it is told, or not all")


class PreviousOut(OutModel):
    wave: UUID
    survey_version: int
    opens_on: date
    closes_on: date


class ResultsOut(OutModel):
    """What a wave has shown: of the whole, or of one group or unit."""

    wave: UUID
    survey: str
    survey_version: int
    status: Literal["planned", "open", "closed", "cancelled"]
    unit: str | None = Field(description="the unit asked for, with those below; null is the whole wave")
    respondent_group: str | None
    protected: bool = Field(description="the caller lacks feedback:figures, or the wave is of staff")
    withheld: Literal["open"] | None = Field(description="`open`: protected results are told when the wave has closed")
    responses: int | None
    population: int | None
    rate: QuestionShareOut
    value_status: Hidden | None = None
    by_group: list[QuestionPartOut]
    by_unit: list[QuestionPartOut] = Field(description="each unit with those below it")
    questions: list[QuestionOut]
    previous: PreviousOut | None = Field(description="the wave that changes are measured from")
    set_aside: int | None = Field(description="answers that could not be read; null where results are protected")
    as_at: datetime
