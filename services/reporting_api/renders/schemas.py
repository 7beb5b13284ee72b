"""The charts of a report on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel


class ChartOut(OutModel):
    """One chart and what it shows in words, for whoever cannot see it."""

    code: str = Field(examples=["key_indicators.rereferrals.trend"])
    section: str
    kind: Literal["trend", "teams", "grades"]
    title: str
    description: str
    svg: str = Field(description="where it is drawn")


class ChartsOut(OutModel):
    """The charts of a report, in its order."""

    items: list[ChartOut]
