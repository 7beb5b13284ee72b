"""The wire of the theme analysis."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.feedback_summary import Hidden, IndividualOut, Level, SentimentOut

Of = Literal["together", "views", "complaints", "compliments"]
Word = Literal["better", "worse", "more", "less", "no_clear_change"]


class ThemeWithinOut(OutModel):
    """An estimate between its 95% limits."""

    value: float
    lower: float
    upper: float


class ThemedOut(OutModel):
    """How many records of a kind there are, and how many of them have a theme that was given or confirmed."""

    records: int | None
    themed: int | None
    value_status: Hidden | None


class ThemeCountsOut(OutModel):
    """Records of a theme by kind; a null is hidden."""

    views: int | None
    complaints: int | None
    compliments: int | None
    together: int | None


class MovementOut(OutModel):
    """The same share in an earlier period, and what became of it since."""

    period: str
    count: int | None
    themed: int | None
    share: ThemeWithinOut | None = Field(description="of the records with a theme; Wilson's limits")
    difference: ThemeWithinOut | None = Field(
        description="the present share less this one, with Newcombe's hybrid score limits"
    )
    word: Word | None = Field(
        description="what the difference says if its limits leave 0 out: `worse` where a theme takes a larger share of "
        "complaints, `better` where of compliments, else `more` or `less`"
    )


class ThemeOut(OutModel):
    """A theme in the period, as a share of the records that have any theme, and its way there."""

    theme: str
    title: str
    counts: ThemeCountsOut
    share: ThemeWithinOut | None = Field(description="of the records asked about with `of`")
    value_status: Hidden | None
    sentiment: SentimentOut | None = Field(
        default=None, description="how the views on it were felt; null without feedback:figures"
    )
    movement: list[MovementOut] = Field(description="the periods before, latest first")


class PairOut(OutModel):
    """Two themes in one record. A lift above 1: oftener together than by chance."""

    themes: tuple[str, str]
    count: int
    lift: float


class ThemePartOut(OutModel):
    """The themes of one group or unit."""

    code: str
    title: str
    themed: int | None
    themes: dict[str, int | None] = Field(description="records by theme, largest first; a null is hidden")
    value_status: Hidden | None


class ThemeAnalysis(OutModel):
    """Themes of a period's records, as given or confirmed by people; suggestions count nothing."""

    period: str
    start: date
    end: date
    unit: str | None
    family: str | None
    of: Of
    level: Level | None
    protected: bool = Field(description="the caller lacks feedback:figures: told as the summary is")
    records: dict[Of, ThemedOut]
    themes: list[ThemeOut] = Field(description="largest first, those that nobody named last")
    pairs: list[PairOut] = Field(description="themes that stand together, oftenest first, at most 100")
    groups: list[ThemePartOut] = Field(description="by respondent group")
    units: list[ThemePartOut] = Field(description="by service (segment) or team (local_office), where a level is given")
    individuals: list[IndividualOut] = Field(description="at the individual level: the newest records, at most 200")
    withheld: str | None
    told_from: date | None
    as_at: datetime
