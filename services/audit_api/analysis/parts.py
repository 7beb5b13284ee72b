"""Findings by theme, voices and levels of an analysis (R15, R24, R28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from services.audit_api.analysis.domains import percent_of
from services.audit_api.analysis.groups import Tally
from services.audit_api.words import Level
from shared.schemas.audit_summary import FindingsOut, LevelCount, ThemeCount, VoicesOut

_VOICES = ("child", "parent_carer", "icrs")
# The reviewing service are professionals: only the others' reasons are about somebody's own life.
_OF_FAMILIES = ("child", "parent_carer")
_LEVELS = get_args(Level)


def findings(tally: Tally, names: Mapping[str, str]) -> FindingsOut:
    """How many findings of each kind, and of each theme, the most frequent theme first."""
    kinds, by_theme = tally.keyed("finding"), tally.keyed("theme")
    ordered = sorted(by_theme, key=lambda theme: (-by_theme[theme], theme))
    return FindingsOut(
        strengths=kinds.get("strength", 0),
        areas_for_improvement=kinds.get("area_for_improvement", 0),
        concerns=kinds.get("concern", 0),
        themes=[_theme(tally, theme, by_theme[theme], names) for theme in ordered],
    )


def _theme(tally: Tally, theme: str, count: int, names: Mapping[str, str]) -> ThemeCount:
    kinds = tally.of("theme")
    return ThemeCount(
        theme=theme or None,
        title=names.get(theme, theme) or "No theme given",
        count=count,
        strengths=kinds.get((theme, "strength"), 0),
        areas_for_improvement=kinds.get((theme, "area_for_improvement"), 0),
        concerns=kinds.get((theme, "concern"), 0),
        audits=tally.of("theme_audits").get((theme, "")),
    )


def voices(tally: Tally, true_numbers: bool) -> list[VoicesOut]:
    """Whose views were heard and, where not, why.

    Audits are counted, which no rule protects; but why a child or parent was not heard tells of one of them. Without
    true numbers no reason is told: one audit that comes, or goes, between two readings would tell its own.
    """
    found = []
    for view_of in _VOICES:
        given = {value: number for (key, value), number in tally.of("view").items() if key == view_of}
        heard = given.pop("", 0)
        not_heard = sum(given.values())
        hidden = not true_numbers and view_of in _OF_FAMILIES and not_heard > 0
        found.append(
            VoicesOut(
                view_of=view_of,
                heard=heard,
                not_heard=not_heard,
                reasons={} if hidden else dict(sorted(given.items())),
                reasons_hidden=hidden,
                percent=percent_of(heard, heard + not_heard),
            )
        )
    return found


def levels(tally: Tally) -> list[LevelCount]:
    """Every level, those that took no part too."""
    counts = tally.keyed("level")
    return [
        LevelCount(level=level, audits=counts.get(level, 0), missing=bool(tally.audits) and level not in counts)
        for level in _LEVELS
    ]
