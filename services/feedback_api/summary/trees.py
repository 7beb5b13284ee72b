"""Counts over the tree of units: each unit's own records, and its own with those of all below it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.suppression_sums import Sum, hidden_in_sums

# Stands above the highest units.
ALL = ""
Shown = dict[str, int | None]


@dataclass(frozen=True)
class Unit:
    """A unit as the tree and the levels need it."""

    code: str
    name: str
    kind: str
    parent: str | None


def roll_up(own: Mapping[str, int], units: Mapping[str, Unit]) -> dict[str, int]:
    """The records at and below each unit, and of all."""
    whole = dict.fromkeys([*units, ALL], 0)
    for code, count in own.items():
        for at in (*path(code, units), ALL):
            whole[at] += count
    return whole


def path(code: str, units: Mapping[str, Unit]) -> list[str]:
    """The unit and those above it, itself first."""
    found: list[str] = []
    at: str | None = code
    while at is not None and at in units and at not in found:
        found.append(at)
        at = units[at].parent
    return found


@dataclass(frozen=True)
class TreeShown:
    """What may be shown of the counts of a tree."""

    own: Shown
    whole: Shown


def protect_tree(
    own: Mapping[str, int], units: Mapping[str, Unit], total: int | None, threshold: int,
    also: Collection[tuple[str, str]] = (),
) -> TreeShown:  # fmt: skip
    """Each count of the tree, or None where it is hidden; all are where the total is not shown."""
    whole = roll_up(own, units)
    if total is None:
        return TreeShown(dict.fromkeys(own), dict.fromkeys(whole))
    below: dict[str, list[str]] = {code: [] for code in (*units, ALL)}
    for unit in units.values():
        below[unit.parent if unit.parent is not None and unit.parent in units else ALL].append(unit.code)
    counts: dict[tuple[str, str], int | None] = {("whole", code): whole[code] for code in (*units, ALL)}
    sums = []
    for code, children in below.items():
        if children:
            counts["own", code] = own.get(code, 0)
            sums.append(Sum(("whole", code), (("own", code), *(("whole", child) for child in children))))
    hidden = hidden_in_sums(counts, sums, threshold=threshold, also=also, official=[("whole", ALL)])
    shown = {key: None if key in hidden else count for key, count in counts.items()}
    return TreeShown(
        {code: shown.get(("own", code), shown.get(("whole", code))) for code in own},
        {code: shown["whole", code] for code in whole},
    )
