"""Areas of focus on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, OutModel, StrictModel, Text


class FocusItem(StrictModel):
    """One thing to look at: an indicator, or a focus area with all its indicators."""

    indicator: Code | None = None
    focus_area: Code | None = None
    why: Text

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if (self.indicator is None) == (self.focus_area is None):
            raise SafeValueError("name an indicator or a focus area, one of the two")
        return self


class FocusEdit(StrictModel):
    """The whole list of a period, in the order in which it is to be read; few enough to be read."""

    model_config = StrictModel.model_config | ConfigDict(
        json_schema_extra={
            "examples": [
                {"items": [{"indicator": "rereferrals", "why": "Above England and the neighbours two years running."},
                           {"focus_area": "permanence", "why": "Fewer children adopted than planned."}]}
            ]
        }
    )  # fmt: skip

    items: Annotated[list[FocusItem], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        named = [(one.indicator, one.focus_area) for one in self.items]
        if len(set(named)) != len(named):
            raise SafeValueError("the same thing stands twice; give each once")
        return self


class FocusItemOut(OutModel):
    indicator: str | None
    focus_area: str | None
    title: str
    why: str
    indicators: list[str] = Field(description="the indicators it comes down to, for the pack")


class FocusOut(OutModel):
    """What one Head of Service asks a board to look at (R49)."""

    unit: str
    unit_name: str
    period: str = Field(description="the period the list was made for")
    carried_from: str | None = Field(description="that period, where the one asked for has no list of its own yet")
    items: list[FocusItemOut]
    named_by: str
    named_at: datetime
    version: int
    allowed_actions: list[str]


class FocusListOut(OutModel):
    """All lists that hold for a period, by unit."""

    period: str
    lists: list[FocusOut]
    indicators: list[str] = Field(description="every indicator named, each once: what drives the pack")
