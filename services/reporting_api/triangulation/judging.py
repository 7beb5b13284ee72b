"""What a voice says of a theme, and whether the voices agree. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Says = Literal["strength", "concern", "mixed", "no_clear_view", "silent", "not_told"]
Verdict = Literal["agree", "disagree", "divided", "too_little"]

RULE = (
    "A voice says `strength` or `concern` where at least two thirds of what it says of the theme points one way, and"
    " `mixed` where less does; figures must all point one way. Voices disagree where one says strength and another"
    " concern."
)
# A view that rests on fewer findings, views or records is told with a word of warning.
FEW = 5


def weigh(better: int, worse: int, both: int = 0) -> Says:
    """Two thirds one way are a view; anything less is mixed. `both` is what points both ways by itself."""
    every = better + worse + both
    if every == 0:
        return "no_clear_view"
    if 3 * better >= 2 * every:
        return "strength"
    return "concern" if 3 * worse >= 2 * every else "mixed"


def weigh_figures(better: int, worse: int) -> Says:
    """One bad figure is not outweighed by good ones."""
    if better and worse:
        return "mixed"
    return weigh(better, worse)


def verdict_on(said: Iterable[Says]) -> Verdict:
    """Whether those who have a view have the same one."""
    views = [one for one in said if one in ("strength", "concern", "mixed")]
    if {"strength", "concern"} <= set(views):
        return "disagree"
    if len(views) < 2:
        return "too_little"
    return "divided" if "mixed" in views else "agree"
