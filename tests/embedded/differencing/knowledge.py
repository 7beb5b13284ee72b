"""All that one reader was told, as one linear system: which small number follows, by linear programming (HiGHS).

The reader knows of every figure which records it counts, that no count is below nought, and nothing else. Percentages,
means and inequalities come in as bounds. Records that stand in the same figures are one unknown.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from shared.suppression import is_small

Atom = Hashable
_NEAR = 1e-6


@dataclass(frozen=True)
class Found:
    """A small number and what a reader knows of it."""

    name: str
    count: int
    low: int
    high: int | None


@dataclass(frozen=True)
class _Row:
    factors: Mapping[Atom, float]
    low: float
    high: float


@dataclass
class Knowledge:
    """How many records there truly are of each sort, what was told of them, and what was not."""

    truth: Mapping[Atom, int]
    rows: list[_Row] = field(default_factory=list)
    hidden: dict[str, frozenset[Atom]] = field(default_factory=dict)
    figures: int = 0

    def hear(self, name: str, atoms: Iterable[Atom], figure: int | None) -> None:
        """A figure that counts these records; where it is hidden it is something to find."""
        counted = frozenset(atoms)
        if figure is None:
            self.hidden[name] = counted
        else:
            self.bounds(name, dict.fromkeys(counted, 1.0), figure, figure)

    def bounds(self, name: str, factors: Mapping[Atom, float], low: float, high: float) -> None:
        """That so many records, each taken so many times, lie between two numbers."""
        whole = sum(times * self.truth.get(atom, 0) for atom, times in factors.items())
        assert low - _NEAR <= whole <= high + _NEAR, f"a wrong figure: {name} is {low} to {high} and not {whole}"
        self.figures += 1
        if factors:
            self.rows.append(_Row(factors, low, high))

    def found(self, *more: tuple[str, frozenset[Atom]]) -> list[Found]:
        """Every small number among what was hidden, and more, that can be only one."""
        return [one for one in self.ranges(*more) if one.low == one.high]

    def ranges(self, *more: tuple[str, frozenset[Atom]]) -> list[Found]:
        """Lowest and highest of each small number among what was hidden, and more."""
        sought: dict[frozenset[Atom], str] = {}
        for name, atoms in (*self.hidden.items(), *more):
            if is_small(sum(self.truth.get(atom, 0) for atom in atoms)):
                sought.setdefault(atoms, name)
        system = _System.of(self, list(sought))
        return [self._range(system, name, atoms) for atoms, name in sought.items()]

    def _range(self, system: _System, name: str, atoms: frozenset[Atom]) -> Found:
        count = sum(self.truth.get(atom, 0) for atom in atoms)
        low, high = system.reach(atoms)
        assert low <= count and (high is None or count <= high), f"the programme itself is wrong: {name}"
        return Found(name, count, low, high)


@dataclass(frozen=True)
class _System:
    """The rows over groups of records that no figure and no question tells apart."""

    places: Mapping[Atom, int]
    equal: tuple[coo_matrix, np.ndarray]
    most: tuple[coo_matrix, np.ndarray]
    size: int

    @classmethod
    def of(cls, known: Knowledge, sought: list[frozenset[Atom]]) -> _System:
        none = [row.factors for row in known.rows if row.high == 0 and min(row.factors.values()) > 0]
        nought = {atom for factors in none for atom in factors}
        marks: dict[Atom, list[tuple[int, float]]] = defaultdict(list)
        for at, row in enumerate(known.rows):
            for atom, times in row.factors.items():
                if atom not in nought:
                    marks[atom].append((at, times))
        for at, atoms in enumerate(sought):
            for atom in atoms - nought:
                marks[atom].append((-1 - at, 1.0))
        alike: dict[tuple[tuple[int, float], ...], int] = {}
        places = {atom: alike.setdefault(tuple(where), len(alike)) for atom, where in marks.items()}
        exact, loose = [], []
        for row in known.rows:
            factors = {places[atom]: times for atom, times in row.factors.items() if atom in places}
            if row.low == row.high:
                exact.append((factors, row.high))
            else:
                loose.append((factors, row.high + _NEAR))
                loose.append(({at: -times for at, times in factors.items()}, _NEAR - row.low))
        return cls(places, _matrix(exact, len(alike)), _matrix(loose, len(alike)), len(alike))

    def reach(self, atoms: frozenset[Atom]) -> tuple[int, int | None]:
        goal = np.zeros(self.size)
        for place in {self.places[atom] for atom in atoms if atom in self.places}:
            goal[place] = 1
        if not goal.any():
            return 0, 0
        low, high = self._best(goal), self._best(-goal)
        assert low is not None
        return math.ceil(low - _NEAR * 10), None if high is None else math.floor(-high + _NEAR * 10)

    def _best(self, goal: np.ndarray) -> float | None:
        """The least that the goal comes to, or None where it has no end."""
        (equal, sums), (most, bounds) = self.equal, self.most
        answer = linprog(
            goal, A_eq=equal if len(sums) else None, b_eq=sums if len(sums) else None,
            A_ub=most if len(bounds) else None, b_ub=bounds if len(bounds) else None,
        )  # fmt: skip
        if answer.status == 3:
            return None
        assert answer.status == 0, answer.message
        return float(answer.fun)


def _matrix(rows: list[tuple[dict[int, float], float]], width: int) -> tuple[coo_matrix, np.ndarray]:
    cells = [(at, place, times) for at, (factors, _) in enumerate(rows) for place, times in factors.items()]
    across, down, times = (list(one) for one in zip(*cells, strict=True)) if cells else ([], [], [])
    table = coo_matrix((times, (across, down)), shape=(len(rows), width))
    return table, np.array([bound for _, bound in rows])
