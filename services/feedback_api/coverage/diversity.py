"""How many different ways a team uses; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from services.feedback_api.coverage.queries import Entry
from services.feedback_api.coverage.schemas import Standing, TeamMethods


@dataclass(frozen=True)
class Way:
    """One way in which a unit involved children and families: how many spoke, and whether in an activity."""

    unit: str
    code: str
    voices: int
    by_activity: bool


def ways_used(
    voices: Iterable[Mapping[tuple[str, str], int]], channels: Mapping[str, Entry], activities: Set[tuple[str, str]]
) -> list[Way]:
    """The ways of each unit, from voices by channel and unit and from its activities; those of staff are none."""
    heard: Counter[tuple[str, str]] = Counter()
    for counts in voices:
        for (channel, unit), count in counts.items():
            if channel in channels and channels[channel].family == "children_and_families":
                heard[unit, channel] += count
    both = sorted(heard.keys() | activities)
    return [Way(unit, code, heard[unit, code], (unit, code) in activities) for unit, code in both]


def team_methods(
    teams: Mapping[str, str], ways: Iterable[Way], threshold: int, *, protected: bool
) -> list[TeamMethods]:
    """Each team's ways. Protected, a channel tells only of more voices than the threshold, and silence is not told."""
    sure: dict[str, list[str]] = {unit: [] for unit in teams}
    for way in ways:
        if way.unit in sure and (way.by_activity or not protected or way.voices > threshold):
            sure[way.unit].append(way.code)
    found = []
    for unit, title in teams.items():
        standing = _standing(len(sure[unit]))
        # A few voices through another channel would make one way two, and none one: neither is told.
        hidden = protected and standing != "several"
        found.append(
            TeamMethods(
                unit=unit, title=title, methods=sure[unit], standing=None if hidden else standing,
                value_status="c" if hidden else None,
            )
        )  # fmt: skip
    return found


def _standing(ways: int) -> Standing:
    return "several" if ways > 1 else "single" if ways else "none"


def of_standing(teams: Iterable[TeamMethods], *standings: str | None) -> list[str]:
    """The teams that stand so, by code."""
    return [team.unit for team in teams if team.standing in standings]
