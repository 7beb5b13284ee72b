"""Random tables with margins attacked by linear programming: no hidden figure is known to within the threshold."""

from __future__ import annotations

import random
from collections.abc import Hashable, Mapping
from typing import Any

import pytest

from shared.suppression import THRESHOLD, is_small
from shared.suppression_sums import Sum, hidden_in_sums
from tests.doses import dose, tell
from tests.shared.solver import ranges

Key = Hashable
Table = tuple[dict[Key, int | None], list[Sum[Key]]]


def a_list(chance: random.Random) -> Table:
    counts: dict[Key, int | None] = {part: a_count(chance) for part in range(chance.randint(2, 12))}
    parts = tuple(counts)
    return {**counts, "all": total_of(counts, parts)}, [Sum("all", parts)]


def a_two_way_table(chance: random.Random) -> Table:
    height, width = chance.randint(2, 6), chance.randint(2, 6)
    counts: dict[Key, int | None] = {(r, c): a_count(chance) for r in range(height) for c in range(width)}
    sums: list[Sum[Key]] = []
    for r in range(height):
        sums.append(Sum((r, "all"), tuple((r, c) for c in range(width))))
        counts[r, "all"] = total_of(counts, sums[-1].parts)
    for c in (*range(width), "all"):
        sums.append(Sum(("all", c), tuple((r, c) for r in range(height))))
        counts["all", c] = total_of(counts, sums[-1].parts)
    sums.append(Sum(("all", "all"), tuple(("all", c) for c in range(width))))
    # A margin here and there is not published, as where a period has not been told.
    for key in [key for key in counts if isinstance(key, tuple) and "all" in key and chance.random() < 0.1]:
        del counts[key]
    return counts, sums


def a_tree(chance: random.Random) -> Table:
    """Teams in services in a council, each level published."""
    counts: dict[Key, int | None] = {}
    sums: list[Sum[Key]] = []
    services = tuple(f"service {number}" for number in range(chance.randint(2, 5)))
    for service in services:
        teams = tuple(f"{service} team {number}" for number in range(chance.randint(1, 5)))
        counts |= {team: a_count(chance) for team in teams}
        counts[service] = total_of(counts, teams)
        sums.append(Sum(service, teams))
    counts["council"] = total_of(counts, services)
    return counts, [*sums, Sum("council", services)]


def a_count(chance: random.Random) -> int:
    return chance.choice((0, chance.randint(1, 5), chance.randint(1, 8), chance.randint(0, 30), chance.randint(6, 400)))


def total_of(counts: Mapping[Key, int | None], parts: tuple[Key, ...]) -> int:
    return sum(counts[part] or 0 for part in parts)


TABLES: dict[str, Any] = {"list": a_list, "two-way table": a_two_way_table, "tree": a_tree}


def attacked(kind: str, seed: int) -> tuple[int, list[tuple[Key, int, int]]]:
    """How many figures of one table are hidden, and which a reader knows to within the threshold."""
    counts, sums = TABLES[kind](random.Random(f"{kind} {seed}"))
    hidden = hidden_in_sums(counts, sums)
    assert all(key in hidden for key, count in counts.items() if is_small(count)), (kind, seed)
    assert not any(counts[key] == 0 for key in hidden), (kind, seed)
    known = ranges(counts, sums, hidden, lowest=1, beyond=THRESHOLD + 1)
    for key, (low, high) in known.items():
        assert low <= (counts[key] or 0) <= high, "the programme itself is wrong"
    return len(hidden), [(key, low, high) for key, (low, high) in known.items() if high - low <= THRESHOLD]


@pytest.mark.parametrize("kind", TABLES)
def test_no_hidden_figure_of_a_random_table_is_found_by_linear_programming(kind: str) -> None:
    tables, hidden = dose(60, 5_000), 0
    for seed in range(tables):
        more, found = attacked(kind, seed)
        hidden += more
        assert found == [], f"{kind} {seed}"
    assert hidden > tables
    tell(tables=tables, hidden=hidden)


@pytest.mark.parametrize("kind", TABLES)
def test_the_attack_finds_figures_where_only_small_ones_are_hidden(kind: str) -> None:
    found = 0
    for seed in range(30):
        counts, sums = TABLES[kind](random.Random(f"{kind} {seed}"))
        small = frozenset(key for key, count in counts.items() if is_small(count))
        known = ranges(counts, sums, small & counts.keys(), lowest=1, beyond=THRESHOLD + 1)
        found += any(high - low <= THRESHOLD for low, high in known.values())
    assert found > 10
