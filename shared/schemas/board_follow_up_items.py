"""Rows of a board report on what others owe it: what contributors sent, what boards decided, how reports kept time."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.board_report_items import Shown
from shared.schemas.figures import Measure


class ContributionItem(OutModel):
    """What one unit or agency was asked to send, and whether it came (R85)."""

    type: Literal["contribution"] = "contribution"
    contributor: str
    name: str
    due_on: date
    standing: str = Field(description="asked, not_asked, received, received_late, overdue, missing or waived")
    standing_label: str
    received_on: date | None = None
    chased: int = Field(default=0, description="how often it was reminded or chased")
    last_chased_on: date | None = None
    nothing_to_report: list[str] = Field(default=[], description="the parts for which it said that there is nothing")
    waived_reason: str | None = None


class ContributedFigureItem(Shown):
    """A figure that a contributor sent (R85)."""

    type: Literal["contributed_figure"] = "contributed_figure"
    contributor: str
    name: str
    part: str
    part_title: str
    label: str
    measure: Measure


class ContributedTextItem(OutModel):
    """What a contributor wrote (R85)."""

    type: Literal["contributed_text"] = "contributed_text"
    contributor: str
    name: str
    part: str
    part_title: str
    text: str


class MatterItem(OutModel):
    """What a board decided on an earlier report: a matter arising until it is done."""

    type: Literal["matter"] = "matter"
    id: str
    board: str
    board_name: str
    decided_on: date
    report_title: str
    period_label: str
    text: str
    owner: str | None = Field(description="who sees to it, in words")
    originally_due_on: date | None = Field(description="the measure of being overdue, whatever was agreed since")
    due_on: date | None
    status: Literal["open", "done", "cancelled"]
    overdue: bool
    progress: str | None = Field(description="what was last said of it")
    progress_on: date | None = None


class TimelinessItem(OutModel):
    """How the reports of one board, owner, report or earlier period kept their time (R70)."""

    type: Literal["timeliness"] = "timeliness"
    group: Literal["board", "owner", "contributor", "period"]
    code: str
    title: str
    expected: int
    on_time: int
    late: int
    open_late: int
    missed: int


FollowUpItem = ContributionItem | ContributedFigureItem | ContributedTextItem | MatterItem | TimelinessItem
