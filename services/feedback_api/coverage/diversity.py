"""How many different ways a team uses; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.feedback_api.coverage.queries import Way
from services.feedback_api.coverage.schemas import Standing, TeamMethods


def team_methods(
    teams: Mapping[str, str], ways: Iterable[Way], threshold: int, *, protected: bool
) -> list[TeamMethods]:
    """Each team's ways. Protected, a channel tells only of more views than the threshold, and silence is not told."""
    sure: dict[str, list[str]] = {unit: [] for unit in teams}
    for way in ways:
        if way.unit in sure and (way.by_activity or not protected or way.views > threshold):
            sure[way.unit].append(way.code)
    found = []
    for unit, title in teams.items():
        standing = _standing(len(sure[unit]))
        # A few views through another channel would make one way two, and none one: neither is told.
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
