"""The draw itself, a pure function of pool and seed that anybody can redo in any language."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

ALGORITHM = (
    "Within each stratum, order the cases by the SHA-256 of the UTF-8 bytes of seed, colon, case reference, as"
    " lower-case hexadecimal digits, and take as many from the front as the stratum has places."
)
SEED = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may be drawn."""

    case_reference: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """How many cases a stratum has and how many of them are drawn."""

    stratum: str
    cases: int
    places: int


def digest(seed: str, text: str) -> str:
    """The lot of one case, or of one auditor."""
    return hashlib.sha256(f"{seed}:{text}".encode()).hexdigest()


def pool_hash(pool: Iterable[Candidate]) -> bytes:
    """SHA-256 of the pool: a line of reference, tab, stratum and line feed for each case, in order of reference."""
    lines = sorted((one.case_reference, one.stratum) for one in pool)
    return hashlib.sha256("".join(f"{case}\t{stratum}\n" for case, stratum in lines).encode()).digest()


def in_order(seed: str, pool: Iterable[Candidate]) -> list[Candidate]:
    """The cases by their lots, whatever order they came in."""
    return sorted(pool, key=lambda one: (digest(seed, one.case_reference), one.case_reference))


def draw(
    seed: str, pool: Sequence[Candidate], count: int, weights: Mapping[str, int]
) -> tuple[list[Candidate], list[Stratum]]:
    """The cases drawn, by their lots, and how the places were shared among the strata."""
    by_stratum: dict[str, list[Candidate]] = defaultdict(list)
    for one in in_order(seed, pool):
        by_stratum[one.stratum].append(one)
    sizes = {name: len(cases) for name, cases in by_stratum.items()}
    places = shares(sizes, count, weights)
    drawn = [one for name, cases in by_stratum.items() for one in cases[: places[name]]]
    return in_order(seed, drawn), [Stratum(name, sizes[name], places[name]) for name in sorted(sizes)]


def following(seed: str, pool: Sequence[Candidate], stratum: str, taken: Collection[str]) -> list[Candidate]:
    """What would be drawn next from the stratum, in order, once what is taken is gone."""
    return [one for one in in_order(seed, pool) if one.stratum == stratum and one.case_reference not in taken]


def shares(sizes: Mapping[str, int], count: int, weights: Mapping[str, int]) -> dict[str, int]:
    """How many places each stratum gets: in proportion to size times weight, and never more than it has cases."""
    free, settled = dict(sizes), dict[str, int]()
    while True:
        left = min(count, sum(sizes.values())) - sum(settled.values())
        given = _largest_remainder({name: size * weights.get(name, 1) for name, size in free.items()}, left)
        full = {name: free[name] for name, places in given.items() if places > free[name]}
        if not full:
            return settled | given
        settled |= full
        free = {name: size for name, size in free.items() if name not in full}


def _largest_remainder(sizes: Mapping[str, int], places: int) -> dict[str, int]:
    """Whole parts first, then one more for the largest remainders; equal ones by name. In whole numbers throughout."""
    total = sum(sizes.values())
    if total == 0:
        return dict.fromkeys(sizes, 0)
    found = {name: places * size // total for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (-(places * sizes[name] % total), name))
    for name in by_remainder[: places - sum(found.values())]:
        found[name] += 1
    return found
