"""What is sent and returned when an exception is answered."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import ConfigDict, Field

from shared.schemas.base import LocalDate, OutModel, StrictModel, Text


class AnswerIn(StrictModel):
    """The owner's explanation; never a name or a number that could identify a child."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "explanation": "Two teams were without a manager in September; both posts are filled.",
                    "action": "Weekly check by the head of service until the figure is back within its limits.",
                    "expected_until": "2026-12-31",
                }
            ]
        }
    )

    explanation: Text = Field(description="why the figure is as it is")
    action: Text | None = Field(default=None, description="what is done about it")
    expected_until: LocalDate | None = Field(
        default=None, description="when it should be over: until then the answer holds; a quarter if not given"
    )


class AnswerOut(OutModel):
    """An answer as it was given; `inputs_hash` says to which figures."""

    id: str
    key: str
    direction: str
    period: str
    inputs_hash: str | None = Field(description="null where it could tell of a figure that is hidden from the caller")
    explanation: str | None = Field(description="null where it could tell of a figure that is hidden from the caller")
    action: str | None = None
    expected_until: date | None = None
    holds_until: date
    answered_by: str
    answered_at: datetime
