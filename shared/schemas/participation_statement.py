"""What the feedback service tells of a period's participation: the statement a Children's Trust report needs (R11)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import Count, OutModel

Hidden = Literal["c"]


class MethodUsed(OutModel):
    """A method with how many activities used it."""

    code: str
    title: str
    activities: Count


class GroupTook(OutModel):
    """A group of people who took part; the number is null with status `c` where it would single someone out."""

    code: str
    title: str
    family: str | None
    people: Count | None = Field(description="people, each once in an activity; in two activities twice")
    value_status: Hidden | None = None


class ChangeTold(OutModel):
    """You said, we did: words that a second person approved for sharing."""

    unit: str
    said: str
    did: str | None
    why_not: str | None
    told_back_on: date | None


class NobodyTook(OutModel):
    """A piece of work in which nobody took part, why, and what follows."""

    unit: str
    title: str
    why: str
    what_follows: str


class GapOut(OutModel):
    """Something the statement lacks, or that was not done."""

    code: str
    words: str
    of: list[str] = Field(default=[], description="the codes it is about, where it is about some")


class SourceCount(OutModel):
    """How many records of a kind the statement is made of, and when the last of them was recorded."""

    source: str
    records: Count
    as_at: datetime | None


class ParticipationRecord(OutModel):
    """How children, young people, parents and carers took part in a period, from the records alone."""

    period: str
    start: date
    end: date
    unit: str | None
    protected: bool
    ready: bool = Field(
        description="it says all that a report needs: methods, who, how many, what changed; or why none"
    )
    took_place: bool
    methods: list[MethodUsed]
    who: list[GroupTook]
    how_many: Count | None
    how_many_status: Hidden | None
    how_many_told: Count | None = Field(
        default=None,
        description="what `how_many` is to callers without true figures, whoever asks: null before it is told and where"
        " it is hidden",
    )
    told_as_at: list[date] = Field(
        default=[],
        description="the days as whose first moment each quarter is told to callers without true figures: to them `who`"
        " and `how_many` are as they stood then, and all else is as of `as_at`",
    )
    what_changed: list[ChangeTold] = Field(description="approved words only, the latest activities first; at most 50")
    commissioning_stages: list[MethodUsed]
    none_took_part: list[NobodyTook] = Field(description="the truthful records that nobody took part; at most 50")
    gaps: list[GapOut]
    sources: list[SourceCount]
    as_at: datetime
