"""The wire of weaknesses: themes by team, and the actions against them."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from services.feedback_api.weaknesses.queries import MOST_ACTIONS
from shared.faults import SafeValueError
from shared.schemas.base import Code, OutModel, Reference, StrictModel, Text


class WeaknessCountsOut(OutModel):
    """What was heard of a theme about a unit in one period."""

    complaints: int = Field(description="received in the period")
    upheld: int = Field(description="of those, upheld or partially upheld so far")
    negative_views: int
    total: int = Field(description="complaints and negative views")


class WeaknessOut(OutModel):
    """A theme of a unit that people complained of or spoke of badly, most first."""

    unit: str
    unit_title: str
    theme: str
    theme_title: str
    now: WeaknessCountsOut
    previous: WeaknessCountsOut = Field(description="the period of the same length before")
    change: int
    actions: list[str] = Field(description=f"references of actions of the audit service, at most {MOST_ACTIONS}")
    no_action_yet: bool
    allowed_actions: list[str]


class ActionLinkIn(StrictModel):
    """An action against a theme of a unit, or against what one complaint showed."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "action_ref": "0197f3a0-5b8c-7d21-9c40-1f2e3d4c5b6a",
                    "unit": "fs_weymouth",
                    "theme": "communication",
                    "note": "The duty rota is rewritten.",
                }
            ]
        }
    }

    action_ref: Reference = Field(description="the action's id in the audit service; it is kept and not looked up")
    unit: Code | None = None
    theme: Code | None = None
    complaint: Reference | None = Field(default=None, description="a complaint's reference, instead of unit and theme")
    note: Text | None = None

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if (self.unit is None) != (self.theme is None) or (self.unit is None) == (self.complaint is None):
            raise SafeValueError("give unit and theme, or else complaint")
        return self


class ActionLinkOut(OutModel):
    """One link; which complaint it is about is told only to those who handle complaints."""

    id: UUID
    action_ref: str
    unit: str
    theme: str | None
    complaint: str | None
    note: str | None
    linked_by: str
    linked_at: datetime
    allowed_actions: list[str]
