"""What a caller without the scope for true figures is shown of the figures about people, whatever was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition
from services.indicator_api.memo import Memo
from services.indicator_api.places import is_ons_code
from services.indicator_api.small_numbers.cover import hidden_in_last
from services.indicator_api.small_numbers.figures import Counts, Figure
from services.indicator_api.small_numbers.queries import Family, read_tree, read_versions
from services.indicator_api.small_numbers.sums import Key, Tree, sums_of
from shared.schemas.figures import Measure, ValueStatus
from shared.suppression import Cell, Policy, must_hide

# Value, numerator and denominator as they stand in the store.
Numbers = tuple[float | None, float | None, float | None]
Shown = Mapping[Family, Mapping[Key, Numbers]]
_Version = tuple[Key, Numbers, ValueStatus | None]
_Versions = tuple[_Version, ...]
# A family, and the areas outside the council whose figures were read with it.
_Place = tuple[Family, frozenset[str]]

# Beyond these (the second is figures times acts that stored them) a family is not worked through, which would take
# longer than a second: all its numbers that are not nought are hidden.
MOST_FIGURES, MOST_WORK = 1_000, 60_000
_STATUSES: dict[str | None, ValueStatus | None] = {None: None} | {status.value: status for status in ValueStatus}


async def read_shown(
    session: AsyncSession,
    definitions: Mapping[str, Definition],
    touched: Iterable[tuple[str, str, str]],
    threshold: int,
) -> Shown:
    """The figures shown of each family touched by an answer (indicator, area, period), where it protects any there.

    It follows from all that is stored of the family and ever was, so the same figure is shown in every answer or in
    none. A figure that stood at another time is shown only if it is the very one shown now.
    """
    areas: set[str] = set()
    families: set[Family] = set()
    for indicator, area, period in touched:
        if definitions[indicator].protects(area):
            families.add((indicator, period))
            areas.add(area)
    if not families:
        return {}
    tree = await read_tree(session)
    areas.update(tree.below)
    acts: dict[Family, dict[Any, list[_Version]]] = {}
    for row in await read_versions(session, families, areas):
        indicator, period, area, breakdown, status, value, numerator, denominator, act = row
        version = ((area, breakdown), (value, numerator, denominator), _STATUSES[status])
        acts.setdefault((indicator, period), {}).setdefault(act, []).append(version)
    beyond = frozenset(areas.difference(tree.below))
    rules = {code: _Rule.of(definitions[code], threshold) for code, _ in families}
    return {
        family: _shown((family, beyond), rules[family[0]], tuple(map(_in_order, found.values())), tree)
        for family, found in acts.items()
    }


def _in_order(versions: list[_Version]) -> tuple[_Version, ...]:
    return tuple(sorted(versions, key=itemgetter(0)))


@dataclass(frozen=True)
class _Rule:
    """What of a definition decides what is hidden."""

    policy: Policy
    published: bool
    unit_dimensions: frozenset[str]

    @classmethod
    def of(cls, definition: Definition, threshold: int) -> Self:
        dimensions = definition.content.get("dimensions", ())
        units = frozenset(one["code"] for one in dimensions if one["values_from"] == "units")
        return cls(definition.policy(threshold), definition.published_by is not None, units)

    def figure(self, area: str, numbers: Numbers, status: ValueStatus | None) -> Figure:
        official = self.published and is_ons_code(area)
        cell = Cell(numbers[0], status, numbers[1], numbers[2], official=official)
        small = status is not ValueStatus.c and must_hide(cell, self.policy)
        return Figure(self._counts(numbers), small, official, status is ValueStatus.c)

    def _counts(self, numbers: Numbers) -> Counts:
        """What adds up: those counted and the rest of the denominator, or the denominator where it is no whole."""
        value, numerator, denominator = numbers
        measure = self.policy.measure
        if measure is Measure.rate:
            return numerator, denominator
        if measure not in (Measure.count, Measure.percentage):
            return None, denominator
        count = value if measure is Measure.count and numerator is None else numerator
        if count is None or denominator is None or denominator < count:
            return count, None
        return count, denominator - count


# The same families are asked for again and again, and nothing but the rule, the acts and the tree has a say. Of each a
# digest of these is kept and what was hidden, not the figures. A key takes about 200 bytes, a family beside its keys
# as much as three: 80 MB when full.
_hidden: Memo[frozenset[Key]] = Memo(400_000, weigh=lambda hidden: 3 + len(hidden))


def _shown(place: _Place, rule: _Rule, acts: Sequence[_Versions], tree: Tree) -> Mapping[Key, Numbers]:
    """The figures of one family that are shown as it stands now."""
    digest = hashlib.blake2b(repr((rule, acts)).encode() + tree.digest, digest_size=16).digest()
    hidden = _hidden.made(place, digest, lambda: _find_hidden(rule, acts, tree))
    last = {key: (given, status) for act in acts for key, given, status in act}
    return {key: given for key, (given, status) in last.items() if key not in hidden and status is not ValueStatus.c}


def _find_hidden(rule: _Rule, acts: Sequence[_Versions], tree: Tree) -> frozenset[Key]:
    state: dict[Key, Figure] = {}
    states: list[dict[Key, Figure]] = []
    for act in acts:
        state |= {key: rule.figure(key[0], given, status) for key, given, status in act}
        states.append(dict(state))
    if len(state) > MOST_FIGURES or len(state) * len(acts) > MOST_WORK:
        return frozenset(
            key for key, figure in state.items() if (any(figure.counts) and not figure.official) or figure.small
        )
    return hidden_in_last(
        states, lambda keys: sums_of(keys, tree, rule.unit_dimensions), threshold=rule.policy.threshold
    )
