"""Small numbers in the results of a wave: what is hidden so that nobody is recognised by what they answered. Pure.

What may be asked for is fixed: the wave as a whole, each group of it, each unit of it with those below. What is hidden
is found from the whole wave, so it is the same whatever is asked, and a filter tells nothing that another does not.
Closed waves alone are told, and they do not change (METHODS 2.11).

Covered exactly: how many answered, over groups and the tree of units; the answers to one question in one part; one
answer over groups and units. Not covered: several of these sums taken together. How many left a question out is not
hidden by itself, for they said nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.feedback_api.surveys.counting import Cell, Counted, Item
from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

# A part of a wave: of what sort ("all", "group", "unit", or "own": a unit without those below), and its code.
Part = tuple[str, str]
WHOLE: Part = ("all", "")
ANSWERED, TOP, REST = "\x00answered", "\x00top", "\x00rest"
Distribution = dict[str, int]


@dataclass(frozen=True)
class Parts:
    """The parts of a wave: which cells each is made of, and which part is the sum of which others."""

    cells: Mapping[Part, tuple[Cell, ...]]
    sums: tuple[Sum[Part], ...]


def parts_of(counted: Counted, top: str, groups: Sequence[str]) -> Parts:
    """The wave as a whole, its groups, its units with those below, and those that answered for a unit itself."""
    cells = tuple(counted.responses.keys() | counted.populations.keys())
    # Those whose group nobody knows are a group too.
    groups = [*groups, *sorted({cell.group for cell in cells} - set(groups))]
    below: dict[str, set[Cell]] = {top: set(cells)}
    for cell in cells:
        unit: str | None = cell.unit
        while unit is not None and unit != top:
            below.setdefault(unit, set()).add(cell)
            unit = counted.parents.get(unit)
    found: dict[Part, tuple[Cell, ...]] = {WHOLE: cells}
    found |= {("group", group): tuple(cell for cell in cells if cell.group == group) for group in groups}
    sums = [Sum(WHOLE, tuple(("group", group) for group in groups))]
    for unit, inside in below.items():
        own = tuple(cell for cell in inside if cell.unit == unit)
        children: list[Part] = [("unit", one) for one in below if one != top and counted.parents.get(one) == unit]
        found[_unit(unit, top)] = tuple(inside)
        if children and own:
            found["own", unit] = own
            children.append(("own", unit))
        if children:
            sums.append(Sum(_unit(unit, top), tuple(children)))
    return Parts(found, tuple(sums))


def _unit(unit: str, top: str) -> Part:
    return WHOLE if unit == top else ("unit", unit)


def add_up(parts: Parts, counts: Mapping[Cell, int]) -> dict[Part, int]:
    """A count of each cell, added up to each part."""
    return {part: sum(counts.get(cell, 0) for cell in cells) for part, cells in parts.cells.items()}


def distributions(parts: Parts, item: Item, cells: Mapping[Cell, Mapping[str, int]]) -> dict[Part, Distribution]:
    """How often each answer was given in each part that was asked, with the sums that are told beside."""
    found: dict[Part, Distribution] = {}
    for part, inside in parts.cells.items():
        if part[0] == "group" and part[1] not in item.groups:
            continue
        counts = {answer: sum(cells.get(cell, {}).get(answer, 0) for cell in inside) for answer in item.answers}
        whole = sum(counts.values())
        counts[ANSWERED] = whole
        if item.top:
            counts[TOP] = sum(counts[answer] for answer in item.top)
            counts[REST] = whole - counts[TOP]
        found[part] = counts
    return found


def hidden_parts(counts: Mapping[Part, int], parts: Parts, threshold: int, also: frozenset[Part]) -> frozenset[Part]:
    """The parts in which so few answered that nothing of them may be told, and those that would give them away."""
    known = {part: count for part, count in counts.items() if part in parts.cells}
    sums = [Sum(one.total, tuple(part for part in one.parts if part in known)) for one in parts.sums]
    return hidden_in_sums(known, sums, threshold=threshold, also=also & known.keys())


def hidden_answers(
    item: Item, counts: Mapping[Part, Distribution], parts: Parts, threshold: int, also: frozenset[Part]
) -> dict[Part, frozenset[str]]:
    """What to hide of an item in each part; a part that is hidden altogether has all its counts in it."""
    answered = {part: one[ANSWERED] for part, one in counts.items()}
    gone = hidden_parts(answered, parts, threshold, also)
    shown = [part for part in counts if part not in gone]
    hidden = {
        part: set(one) if part in gone else {cell for cell, count in one.items() if is_small(count, threshold)}
        for part, one in counts.items()
    }
    within = _within(item)
    across = [
        Sum(one.total, tuple(part for part in one.parts if part in counts)) for one in parts.sums if one.total in counts
    ]
    cells = [cell for cell in counts.get(WHOLE, {}) if cell != ANSWERED]
    # What was covered needs a second look only where more was hidden since.
    settled: dict[Part, frozenset[str]] = {part: frozenset() for part in shown}
    columns: dict[str, frozenset[Part]] = {}
    before = -1
    while before != (before := sum(map(len, hidden.values()))):
        for part in shown:
            if hidden[part] != settled[part]:
                hidden[part] |= hidden_in_sums(
                    counts[part], within, threshold=threshold, also=hidden[part], official=(ANSWERED,)
                )
                settled[part] = frozenset(hidden[part])
        for cell in cells:
            veiled = frozenset(part for part in counts if cell in hidden[part])
            if veiled != columns.get(cell, frozenset()):
                column = {part: one[cell] for part, one in counts.items()}
                columns[cell] = hidden_in_sums(column, across, threshold=threshold, also=veiled)
                for part in columns[cell] - veiled:
                    hidden[part].add(cell)
    return {part: frozenset(found) for part, found in hidden.items()}


def _within(item: Item) -> list[Sum[str]]:
    if not item.top:
        return [Sum(ANSWERED, item.answers)]
    rest = tuple(answer for answer in item.answers if answer not in item.top)
    return [Sum(ANSWERED, (TOP, REST)), Sum(TOP, item.top), Sum(REST, rest)]
