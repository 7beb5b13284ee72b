"""What the neighbours tell of a theme or a team: of their answers the few fields that are needed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.schemas.feedback_summary import SentimentOut
from shared.schemas.figures import ValueStatus


class Told(BaseModel):
    """Read for the few fields needed here; a neighbour may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Reason(Told):
    code: str
    favourable: bool | None
    text: str


class Standing(Told):
    """An indicator's latest figure by the period's end, as a strength, for attention, or neither."""

    indicator: str
    title: str
    themed_area: str
    period: str | None
    value: float | None
    value_status: ValueStatus | None
    display: str
    standing: Literal["strength", "attention", "neutral"]
    reasons: list[Reason]


class Standings(Told):
    as_at: datetime
    items: list[Standing]
    next: str | None


class ThemeCounts(Told):
    views: int | None
    complaints: int | None
    compliments: int | None


class Movement(Told):
    period: str
    word: str | None


class ThemeTold(Told):
    theme: str
    title: str
    counts: ThemeCounts
    sentiment: SentimentOut | None = None
    movement: list[Movement]


class ThemesTold(Told):
    as_at: datetime
    protected: bool
    themes: list[ThemeTold]
    withheld: str | None
    told_from: date | None

    def of(self, theme: str) -> ThemeTold | None:
        return next((one for one in self.themes if one.theme == theme), None)


class About(Told):
    kind: str
    ref: str | None


class Challenge(Told):
    id: str
    raised_by_body: str
    raised_on: date
    about: About
    unit: str
    question: str
    response_due: date
    overdue: bool
    status: str


class Challenges(Told):
    items: list[Challenge]
    next: str | None


class Action(Told):
    id: str
    title: str
    unit: str
    status: str
    raised_on: date
    due_on: date
    overdue: bool
    closed_on: date | None
    impact: str | None


class Actions(Told):
    items: list[Action]
    next: str | None


class Learned(Told):
    id: str
    title: str
    unit: str
    themes: list[str]
    disseminated_on: date | None


class Learning(Told):
    items: list[Learned]
    next: str | None


class Response(Told):
    response: str


class Recurrence(Told):
    kind: Literal["concern", "good_practice"]
    theme: str
    theme_name: str
    audits: int
    sentence: str
    answered: Response | None


class Recurrences(Told):
    items: list[Recurrence]


class SaidAndDone(Told):
    id: str
    said: str
    did: str | None
    why_not: str | None
    ended_on: date


class AllSaidAndDone(Told):
    items: list[SaidAndDone]
    next: str | None


class SharedLearning(Told):
    id: str
    origin: Literal["complaint", "agency"]
    agency: str | None
    agency_title: str | None
    themes: list[str]
    learning: str
    shared_at: datetime


class AllSharedLearning(Told):
    items: list[SharedLearning]
    next: str | None


class Words(Told):
    text: str
    family: str | None
    respondent_group: str | None


class AllWords(Told):
    items: list[Words]


class Recommendation(Told):
    """What a review recommended to a unit: a serious case review, a peer review, an inspection."""

    id: str
    review_reference: str
    unit: str
    words: str
    status: str
    overdue: bool
    due_on: date


class Recommendations(Told):
    items: list[Recommendation]
    next: str | None
