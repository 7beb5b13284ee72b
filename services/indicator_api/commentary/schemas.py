"""Commentary and requests for it on the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.schemas.base import Code, Label, LocalDate, OutModel, StrictModel, Text
from shared.schemas.figures import ValueStatus
from shared.schemas.periods import PeriodCode


class RequestStatus(StrEnum):
    """Where a request stands; what is overdue is open too."""

    open = "open"
    overdue = "overdue"
    answered = "answered"


class CommentaryIn(StrictModel):
    """What the owner says of a figure, in words a board can read and without anything personal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "Fewer came back because family hubs took them up; the share will stay near 15%."}]
        }
    )

    text: Text


class WarningOut(OutModel):
    pointer: str
    code: str
    detail: str


class SpokenOfOut(OutModel):
    """The figure as it stood when it was commented on."""

    value: float | None
    value_status: ValueStatus | None
    display: str


class CommentaryOut(OutModel):
    """What the owner says of one figure, with the figure it speaks of."""

    key: str = Field(examples=["rereferrals.E06000059.RY2025"])
    indicator: str
    title: str
    area: str
    area_name: str | None
    period: str
    version: int
    text: str | None = Field(description="null where it is withheld")
    withheld: bool = Field(description="the figure is hidden from the caller, so what is said of it is too")
    figure: SpokenOfOut | None = Field(
        description="the figure it speaks of; null where there was none, or it is hidden"
    )
    figure_changed_since: bool | None = Field(
        description="whether the figure is another now, or came only later; null where it is hidden"
    )
    written_by: str
    written_at: datetime
    allowed_actions: list[str] = Field(description="what this caller may do now", examples=[["comment"]])


class WrittenCommentaryOut(CommentaryOut):
    warnings: list[WarningOut] = Field(description="what in the text looks as if it could identify a person")


class CommentaryVersionOut(OutModel):
    """One version of what was said."""

    version: int
    text: str | None
    withheld: bool
    figure: SpokenOfOut | None
    written_by: str
    written_at: datetime


class RequestIn(StrictModel):
    """A request to the owner of an indicator for a comment on one figure."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "indicator": "rereferrals", "area": "E06000059", "period": "RY2025", "due_on": "2027-01-15",
                    "message": "For the January meeting: why is it so far below England?",
                }
            ]
        }
    )  # fmt: skip

    indicator: Code
    area: Annotated[str, Field(min_length=1, max_length=80, description="an ONS code or the code of a unit")]
    period: PeriodCode
    due_on: LocalDate
    message: Label | None = None


class RequestOut(OutModel):
    """A comment that is owed, or was."""

    key: str = Field(examples=["rereferrals.E06000059.RY2025"])
    indicator: str
    title: str
    area: str
    area_name: str | None
    period: str
    owner_role: str
    automatic: bool = Field(description="asked for by the indicator's definition rather than by a person")
    message: str | None
    asked_by: str | None
    asked_at: datetime
    due_on: LocalDate
    status: Literal["open", "overdue", "answered"]
    days_overdue: int
    chased: int = Field(description="how often")
    last_chased_by: str | None
    last_chased_at: datetime | None
    answered_at: datetime | None
    allowed_actions: list[str] = Field(description="what this caller may do now", examples=[["chase", "comment"]])
