"""What of a quarter may be told to those who may not see true figures: one set of tables, safe taken together. Pure.

Tables share only margins, and are protected one after another, each with the margins that were shown before it: the
total of a kind of record; its lists, and its tree of units; of these records those with a theme; each theme; each
theme by service and by group. Nothing else of the quarter is ever told, so there is nothing else to subtract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.feedback_api.counting import Counted
from services.feedback_api.summary.crossing import Counts, Crossing, Mask, hide_crossing
from services.feedback_api.summary.trees import ALL, Shown, Unit, path, protect_tree
from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

SEGMENT = "service"
# Records of units that belong to no service.
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class KindShown:
    """What is told of one kind of record; a theme that is not told has no rows, and neither has a hidden pair."""

    records: int | None
    own: Shown
    whole: Shown
    themed: int | None
    themed_units: Shown
    themed_groups: Shown
    themes: Shown
    by_unit: Mapping[str, Shown]
    by_group: Mapping[str, Shown]
    pairs: Sequence[tuple[str, str, int]]


@dataclass(frozen=True)
class Frame:
    """What the tables are spread over: every unit, theme and group there is, so that silence and hiding look alike."""

    units: Mapping[str, Unit]
    themes: Sequence[str]
    groups: Sequence[str]


def protect_kind(counts: Counted, frame: Frame, total: int | None, groups: Shown | None, threshold: int) -> KindShown:
    """The tables of one kind; `total` and `groups` are what was shown of all its records, with or without themes."""
    units = frame.units
    if groups is None:
        groups = _list(dict.fromkeys(frame.groups, 0) | counts.all_groups, total, threshold)
    tree = protect_tree(dict.fromkeys(units, 0) | counts.all_units, units, total, threshold)
    themed = _part(counts.themed, counts.records, total, threshold)
    segments = [*sorted(code for code, unit in units.items() if unit.kind == SEGMENT), ELSEWHERE]
    in_segment = {code: segment_of(code, units) for code in units}
    shown_segments = {code: tree.whole.get(code) for code in segments[:-1]}
    shown_segments[ELSEWHERE] = _elsewhere(total, list(shown_segments.values()))
    all_segments = _regroup(counts.all_units, in_segment)
    by_segment = _regroup(counts.units, in_segment)
    themed_units = _rest(by_segment, all_segments, shown_segments, themed, threshold)
    themed_groups = _rest(counts.groups, counts.all_groups, groups, themed, threshold)
    themes = _themes(counts, sorted({*frame.themes, *counts.themes}), themed, threshold)
    crossed: dict[tuple[str, str], int] = {}
    for (theme, unit), count in counts.by_unit.items():
        key = theme, in_segment.get(unit, ELSEWHERE)
        crossed[key] = crossed.get(key, 0) + count
    return KindShown(
        records=total,
        own=tree.own,
        whole=tree.whole,
        themed=themed,
        themed_units=themed_units,
        themed_groups=themed_groups,
        themes=themes,
        by_unit=_cross(crossed, themes, themed_units, by_segment, threshold),
        by_group=_cross(counts.by_group, themes, themed_groups, counts.groups, threshold),
        pairs=_pairs(counts, themes, themed, threshold),
    )


def segment_of(code: str, units: Mapping[str, Unit]) -> str:
    return next((at for at in path(code, units) if units[at].kind == SEGMENT), ELSEWHERE)


def _regroup(counts: Mapping[str, int], into: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, count in counts.items():
        place = into.get(code, ELSEWHERE)
        found[place] = found.get(place, 0) + count
    return found


def _elsewhere(total: int | None, segments: Sequence[int | None]) -> int | None:
    """What a reader of all the segments knows of the rest: all of it, or nothing."""
    if total is None or None in segments:
        return None
    return total - sum(one or 0 for one in segments)


def _part(count: int, of: int, shown: int | None, threshold: int) -> int | None:
    """A count within a whole that is shown."""
    if shown is None or is_small(count, threshold) or is_small(of - count, threshold):
        return None
    return count


def _list(counts: Mapping[str, int], total: int | None, threshold: int) -> Shown:
    if total is None:
        return dict.fromkeys(counts)
    whole: dict[str, int | None] = {**counts, ALL: total}
    hidden = hidden_in_sums(whole, [Sum(ALL, tuple(counts))], threshold=threshold, official=[ALL])
    return {code: None if code in hidden else count for code, count in counts.items()}


def _rest(
    themed: Mapping[str, int], whole: Mapping[str, int], shown: Mapping[str, int | None], total: int | None,
    threshold: int,
) -> Shown:  # fmt: skip
    """Of each column how many of its records have a theme; beside those that have none."""
    names = sorted({*shown, *whole})
    if total is None or not names:
        return dict.fromkeys(names)
    wholes = np.array([whole.get(name, 0) for name in names])
    inside = np.array([themed.get(name, 0) for name in names])
    unknown = np.array([shown.get(name) is None for name in names])
    table = Crossing(np.stack([inside, wholes - inside]), wholes, np.array([False, False]), unknown)
    hidden = hide_crossing(table, threshold)
    return {name: None if hidden[0, at] else int(inside[at]) for at, name in enumerate(names)}


def _themes(counts: Counted, codes: Sequence[str], themed: int | None, threshold: int) -> Shown:
    """Each theme's records. How often themes are named in all could be guessed, so that sum is taken as known."""
    if themed is None:
        return dict.fromkeys(codes)
    rest = {code for code, count in counts.themes.items() if is_small(counts.themed - count, threshold)}
    if is_small(counts.themes.total() - counts.themed, threshold):
        rest.add(min(counts.themes, key=lambda code: (counts.themes[code], code)))
    named: dict[str, int | None] = {**counts.themes, ALL: counts.themes.total()}
    sums = [Sum(ALL, tuple(counts.themes))]
    hidden = hidden_in_sums(named, sums, threshold=threshold, also=rest, official=[ALL])
    return {code: None if code in hidden else counts.themes[code] for code in codes}


def _cross(
    cells: Mapping[tuple[str, str], int], themes: Shown, columns: Shown, wholes: Mapping[str, int], threshold: int
) -> dict[str, Shown]:
    """Each theme by column; a theme or column that is not shown itself has no cell shown."""
    names = list(columns)
    if not themes or not names:
        return {}
    counts = np.array([[cells.get((theme, name), 0) for name in names] for theme in themes])
    whole = np.array([wholes.get(name, 0) for name in names])
    rows_hidden = np.array([count is None for count in themes.values()])
    columns_hidden = np.array([count is None for count in columns.values()])
    table = Crossing(counts, whole, rows_hidden, columns_hidden)
    hidden = hide_crossing(table, threshold, _several(counts, whole, threshold))
    return {
        theme: {name: None if hidden[row, at] else int(counts[row, at]) for at, name in enumerate(names)}
        for row, theme in enumerate(themes)
        if themes[theme] is not None
    }


def _several(counts: Counts, whole: Counts, threshold: int) -> Mask:
    """The smallest cell of each column in which few records have several themes.

    A column's themes added up, less its records, are how many of them were named beside another.
    """
    found = np.zeros_like(counts, dtype=np.bool_)
    for column in range(counts.shape[1]):
        if is_small(int(counts[:, column].sum() - whole[column]), threshold):
            smallest = np.where(counts[:, column] > 0, counts[:, column], counts.max() + 1).argmin()
            found[smallest, column] = True
    return found


def _pairs(counts: Counted, themes: Shown, themed: int | None, threshold: int) -> list[tuple[str, str, int]]:
    """Pairs that no small number follows from: neither the one without the other nor neither of them."""
    if themed is None:
        return []
    found = []
    for (one, other), both in sorted(counts.pairs.items()):
        first, second = themes[one], themes[other]
        if first is None or second is None:
            continue
        four = (both, first - both, second - both, counts.themed - first - second + both)
        if not any(is_small(count, threshold) for count in four):
            found.append((one, other, both))
    return found
