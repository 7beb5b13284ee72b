"""What a quarter left out, beside the quarter before, and who is asked to act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.coverage import queries
from services.feedback_api.coverage.diversity import of_standing, team_methods, ways_used
from services.feedback_api.coverage.queries import Entry, Span
from services.feedback_api.coverage.schemas import (
    AskOut,
    ChannelOut,
    CommissioningStageOut,
    CoverageOut,
    Movement,
    TeamMethods,
    UnitCoverage,
)
from services.feedback_api.voices import count_answers, count_besides_views, count_views
from shared.clock import local_date
from shared.schemas.periods import Period

_MOVEMENTS: Mapping[tuple[bool, bool], Movement] = {
    (True, True): "still_covered",
    (True, False): "newly_covered",
    (False, True): "newly_uncovered",
    (False, False): "still_uncovered",
}


@dataclass(frozen=True)
class View:
    """How far this caller sees: the units asked for, and whether small numbers are hidden from them."""

    unit: str | None
    units: list[str] | None
    protected: bool
    threshold: int

    @property
    def silence_hidden(self) -> bool:
        """Of a part of the council the silence of a channel would tell none from a few."""
        return self.protected and self.units is not None


@dataclass(frozen=True)
class Quarter:
    """Everything counted of one quarter."""

    period: Period
    heard: Set[tuple[str, str]]  # channels with the units that heard them
    channels: Mapping[str, Entry]
    methods: Sequence[TeamMethods]
    stages: Mapping[tuple[str, str], int]

    @property
    def channels_heard(self) -> set[str]:
        return {channel for channel, _ in self.heard}

    def activities_in(self, stage: str) -> int:
        return sum(count for (code, _), count in self.stages.items() if code == stage)


async def read_quarter(session: AsyncSession, period: Period, view: View) -> Quarter:
    """Count one quarter of the units in view."""
    span = Span(period.start, period.end, view.units)
    views = await count_views(session, period.start, period.end, view.units)
    others = await count_besides_views(session, period.start, period.end, view.units)
    channels = await queries.read_entries(session, "channels", period.start, period.end)
    teams = await queries.teams_of(session, span)
    answers = await count_answers(session, period.start, period.end, view.units)
    ways = ways_used([views, answers], channels, await queries.ways_of_activities(session, span))
    return Quarter(
        period=period,
        heard=views.keys() | others.keys(),
        channels=channels,
        methods=team_methods(teams, ways, view.threshold, protected=view.protected),
        stages=await queries.count_stages(session, span),
    )


async def read_coverage(session: AsyncSession, period: Period, view: View, now: datetime) -> CoverageOut:
    """The quarter beside the one before."""
    quarter = await read_quarter(session, period, view)
    before = await read_quarter(session, period.predecessor, view)
    known = await queries.read_entries(session, "commissioning_stages", period.start, period.end)
    channels = _channels(quarter, before, hidden=view.silence_hidden)
    stages = _stages(known.values(), quarter, before)
    single, none = of_standing(quarter.methods, "single"), of_standing(quarter.methods, "none")
    several_before = set(of_standing(before.methods, "several"))
    return CoverageOut(
        period=period.code,
        start=period.start,
        end=period.end,
        previous=before.period.code,
        ended=period.end < local_date(now),
        unit=view.unit,
        protected=view.protected,
        channels=channels,
        silent_channels=[one.code for one in channels if one.heard is False],
        silent_channels_status="c" if view.silence_hidden else None,
        single_method_teams=single,
        no_method_teams=none,
        newly_single_or_none=[unit for unit in sorted([*single, *none]) if unit in several_before],
        teams_not_told=len(of_standing(quarter.methods, None)),
        stages=stages,
        uncovered_stages=[one.code for one in stages if not one.activities],
        asks=[*_asks_of_channels(channels), *_asks_of_teams(quarter.methods), *_asks_of_stages(stages)],
        as_at=now,
    )


def _channels(quarter: Quarter, before: Quarter, *, hidden: bool) -> list[ChannelOut]:
    found = []
    now_heard, then_heard = quarter.channels_heard, before.channels_heard
    for entry in quarter.channels.values():
        if not entry.in_force:
            continue
        heard = entry.code in now_heard
        then = before.channels.get(entry.code)
        moved = not hidden and then is not None and then.in_force
        found.append(
            ChannelOut(
                code=entry.code, title=entry.title, family=entry.family or "", heard=None if hidden else heard,
                movement=_MOVEMENTS[heard, entry.code in then_heard] if moved else None,
                asked_to_act=None if hidden or heard else entry.owner_role,
            )
        )  # fmt: skip
    return found


def _stages(entries: Iterable[Entry], quarter: Quarter, before: Quarter) -> list[CommissioningStageOut]:
    found = []
    for entry in entries:
        count, then = quarter.activities_in(entry.code), before.activities_in(entry.code)
        if entry.in_force:
            found.append(
                CommissioningStageOut(
                    code=entry.code, title=entry.title, activities=count, movement=_MOVEMENTS[count > 0, then > 0],
                    asked_to_act=None if count else entry.owner_role,
                )
            )  # fmt: skip
    return found


def _asks_of_channels(channels: Iterable[ChannelOut]) -> list[AskOut]:
    words = "Nobody was heard through this channel."
    return [
        AskOut(about="channel", code=one.code, title=one.title, role=one.asked_to_act, unit=None, words=words)
        for one in channels
        if one.heard is False
    ]


def _asks_of_teams(teams: Iterable[TeamMethods]) -> list[AskOut]:
    words = {"single": "Only one method was used.", "none": "Nobody was involved."}
    return [
        AskOut(about="team", code=one.unit, title=one.title, role=None, unit=one.unit, words=words[one.standing])
        for one in teams
        if one.standing in words
    ]


def _asks_of_stages(stages: Iterable[CommissioningStageOut]) -> list[AskOut]:
    words = "Nobody was involved at this stage of commissioning."
    return [
        AskOut(about="stage", code=one.code, title=one.title, role=one.asked_to_act, unit=None, words=words)
        for one in stages
        if not one.activities
    ]


def unit_rows(quarter: Quarter, *, protected: bool) -> list[UnitCoverage]:
    """Each team by itself; which channels a team did not hear is told only to those who read its records."""
    expected = [one.code for one in quarter.channels.values() if one.in_force and one.family == "children_and_families"]
    return [
        UnitCoverage(
            unit=team.unit,
            title=team.title,
            silent_channels=[] if protected else [one for one in expected if (one, team.unit) not in quarter.heard],
            silent_channels_status="c" if protected else None,
            standing=team.standing,
            methods=team.methods,
            stages=sorted(stage for stage, unit in quarter.stages if unit == team.unit),
        )
        for team in quarter.methods
    ]
