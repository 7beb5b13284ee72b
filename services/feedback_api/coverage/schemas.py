"""The wire of coverage: which channels were silent, which teams use one method, which stages involved nobody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel

Hidden = Literal["c"]
Standing = Literal["several", "single", "none"]
Movement = Literal["newly_covered", "still_covered", "newly_uncovered", "still_uncovered"]


class TeamMethods(OutModel):
    """The different ways in which one team involved children and families."""

    unit: str
    title: str
    methods: list[str] = Field(description="methods of activities, and channels of views, that are sure to be told")
    standing: Standing | None = Field(description="null where telling it would tell of a small number")
    value_status: Hidden | None = None


class DiversityOut(OutModel):
    """Different methods by team (R10). A method that is also a channel counts once."""

    period: str
    start: date
    end: date
    unit: str | None
    protected: bool
    teams: list[TeamMethods]
    single: list[str] = Field(description="teams with one method only: they are to use others too")
    none: list[str] = Field(description="teams that involved nobody")
    not_told: int = Field(description="teams whose standing is hidden")
    methods: dict[str, int] = Field(description="activities by method, of these units")
    as_at: datetime


class ChannelOut(OutModel):
    """A channel in a quarter and in the one before."""

    code: str
    title: str
    family: str
    heard: bool | None = Field(description="null where it is hidden")
    movement: Movement | None = Field(description="since the quarter before; null where it is hidden or was not in use")
    asked_to_act: str | None = Field(description="the role asked to act while it is silent")


class CommissioningStageOut(OutModel):
    """A stage of commissioning in a quarter and in the one before."""

    code: str
    title: str
    activities: int
    movement: Movement
    asked_to_act: str | None


class AskOut(OutModel):
    """Who is asked to act on what: a role, or the team itself."""

    about: Literal["channel", "team", "stage"]
    code: str
    title: str
    role: str | None
    unit: str | None
    words: str


class CoverageOut(OutModel):
    """What a quarter left out (R13, R10, R14), and what has moved since the quarter before."""

    period: str
    start: date
    end: date
    previous: str
    ended: bool = Field(description="false while the quarter runs: what is silent may still be heard")
    unit: str | None
    protected: bool
    channels: list[ChannelOut]
    silent_channels: list[str]
    silent_channels_status: Hidden | None = Field(description="`c`: of a part of the council it is not told")
    single_method_teams: list[str]
    no_method_teams: list[str]
    newly_single_or_none: list[str] = Field(description="teams that used several methods in the quarter before")
    teams_not_told: int
    stages: list[CommissioningStageOut]
    uncovered_stages: list[str]
    asks: list[AskOut]
    as_at: datetime


class UnitCoverage(OutModel):
    """One team in a quarter: the channels of children and families it did not hear, its methods, its stages."""

    unit: str
    title: str
    silent_channels: list[str]
    silent_channels_status: Hidden | None
    standing: Standing | None
    methods: list[str]
    stages: list[str] = Field(description="stages of commissioning in which it involved people")


class UnitsCoverageOut(OutModel):
    """Every team of a quarter, in order of code, whole."""

    period: str
    start: date
    end: date
    unit: str | None
    protected: bool
    items: list[UnitCoverage]
    as_at: datetime
