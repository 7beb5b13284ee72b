"""Which figures of one indicator and period add up to which: up the tree of units, and over every breakdown."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from shared.suppression_sums import Sum

# Area and breakdown, as figures are stored under them.
Key = tuple[str, str]
# Of more, which nobody declares, only the nearest totals and the farthest are looked for.
MOST_DIMENSIONS = 3
_Parts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Tree:
    """What lies directly below each unit; below the council's own area lies the council."""

    links: tuple[tuple[str, tuple[str, ...]], ...]
    below: Mapping[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)
    _above: Mapping[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "below", dict(self.links))
        object.__setattr__(self, "_above", {code: above for above, found in self.links for code in found})

    @cached_property
    def digest(self) -> bytes:
        """Known again by this."""
        return hashlib.sha256(repr(self.links).encode()).digest()

    def nearest(self, code: str, has: Callable[[str], bool]) -> list[str]:
        """The units below that have something, none of them below another."""
        found: list[str] = []
        for below in self.below.get(code, ()):
            found += [below] if has(below) else self.nearest(below, has)
        return found

    def highest(self, codes: Collection[str]) -> set[str]:
        """Those of the units that lie below none of the others."""
        return {code for code in codes if not any(above in codes for above in self._all_above(code))}

    def _all_above(self, code: str) -> Iterable[str]:
        while (above := self._above.get(code)) is not None:
            yield above
            code = above


def sums_of(keys: Collection[Key], tree: Tree, unit_dimensions: Collection[str] = ()) -> list[Sum[Key]]:
    """Every sum that figures under these keys make, and every figure that stands under two of them.

    The parts of each dimension are taken to make up the total, also where nothing says that they do: at worst a
    figure more is hidden.
    """
    present = set(keys)
    parsed = {breakdown: _parts(breakdown) for _, breakdown in present}
    found = [
        *_up_the_tree(present, tree),
        *_over_breakdowns(present, parsed, tree, unit_dimensions),
        *_told_twice(present, parsed, tree, unit_dimensions),
    ]
    return list(dict.fromkeys(found))


def _parts(breakdown: str) -> _Parts:
    """Each dimension with its value; a text without a dimension is the value of a nameless one."""
    pieces = [piece.partition("=") for piece in breakdown.split(";") if piece]
    return tuple((name, value) if equals else ("", name) for name, equals, value in pieces)


def _joined(parts: Iterable[tuple[str, str]]) -> str:
    return ";".join(f"{name}={value}" if name else value for name, value in parts)


def _fewer(parts: _Parts) -> Iterable[_Parts]:
    """The parts with some of them left out."""
    sizes = [size for size in range(len(parts)) if size < MOST_DIMENSIONS or len(parts) - size <= MOST_DIMENSIONS]
    return (kept for size in sizes for kept in combinations(parts, size))


def _up_the_tree(present: Collection[Key], tree: Tree) -> Iterable[Sum[Key]]:
    areas: dict[str, set[str]] = defaultdict(set)
    for area, breakdown in present:
        areas[breakdown].add(area)
    for area, breakdown in sorted(present):
        below = tree.nearest(area, areas[breakdown].__contains__)
        if below:
            yield Sum((area, breakdown), tuple((code, breakdown) for code in below))


def _over_breakdowns(
    present: Collection[Key], parsed: Mapping[str, _Parts], tree: Tree, unit_dimensions: Collection[str]
) -> Iterable[Sum[Key]]:
    """Each total with the figures that share its parts and add the same dimensions to them."""
    groups: dict[tuple[Key, tuple[str, ...]], list[Key]] = defaultdict(list)
    for area, breakdown in sorted(present):
        parts = parsed[breakdown]
        for kept in _fewer(parts):
            total = (area, _joined(kept))
            if total in present:
                added = tuple(name for name, _ in parts if name not in dict(kept))
                groups[total, added].append((area, breakdown))
    for (total, added), members in groups.items():
        nested = [name for name in added if name in unit_dimensions]
        if not nested:
            yield Sum(total, tuple(members))
            continue
        highest = tree.highest({dict(parsed[breakdown])[nested[0]] for _, breakdown in members})
        yield Sum(total, tuple(key for key in members if dict(parsed[key[1]])[nested[0]] in highest))


def _told_twice(
    present: Collection[Key], parsed: Mapping[str, _Parts], tree: Tree, unit_dimensions: Collection[str]
) -> Iterable[Sum[Key]]:
    """A unit named in a breakdown is the unit with figures of its own, or the sum of those below it."""
    named: dict[tuple[str, str, str], dict[str, Key]] = defaultdict(dict)
    for area, breakdown in sorted(present):
        for name, unit in parsed[breakdown]:
            if name in unit_dimensions:
                rest = _joined(part for part in parsed[breakdown] if part[0] != name)
                named[area, name, rest][unit] = (area, breakdown)
    for (_, _, rest), units in named.items():
        own = {area for area, breakdown in present if breakdown == rest}
        for unit, key in units.items():
            for having in (own, units):
                parts = [unit] if having is own and unit in own else tree.nearest(unit, having.__contains__)
                if parts:
                    yield Sum(key, tuple((code, rest) if having is own else units[code] for code in parts))
