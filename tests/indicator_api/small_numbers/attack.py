"""An attacker with a linear programme: the exact range of each hidden count, in fractions, by code of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

Row = Mapping[Any, int]


def ranges(rows: Sequence[Row], counts: Mapping[Any, int]) -> dict[Any, tuple[Fraction, Fraction | None]]:
    """Lowest and highest of each count given the sum of each row; every count is at least 1, or 0 where it is 0."""
    keys = list(counts)
    lowest = {key: min(1, counts[key]) for key in keys}
    table = []
    for row in rows:
        line = [Fraction(row.get(key, 0)) for key in keys]
        total = sum((sign * (counts[key] - lowest[key]) for key, sign in row.items()), Fraction(0))
        table.append([-cell for cell in (*line, total)] if total < 0 else [*line, Fraction(total)])
    table, basis = _feasible(table, len(keys))
    found = {}
    for at, key in enumerate(keys):
        high, low = _best(table, basis, at, 1), _best(table, basis, at, -1)
        assert low is not None
        found[key] = lowest[key] - low, None if high is None else lowest[key] + high
    return found


def _feasible(table: list[list[Fraction]], width: int) -> tuple[list[list[Fraction]], list[int]]:
    rows = len(table)
    for at, line in enumerate(table):
        line[-1:-1] = [Fraction(at == other) for other in range(rows)]
    basis = [width + at for at in range(rows)]
    cost = [Fraction(0)] * width + [Fraction(-1)] * rows
    table, basis, best = _solve(table, basis, cost)
    assert best == 0
    for at in range(rows):
        if basis[at] >= width:
            column = next((c for c in range(width) if table[at][c]), None)
            if column is not None:
                _pivot(table, basis, at, column)
    kept = [at for at in range(rows) if basis[at] < width]
    return [table[at][:width] + table[at][-1:] for at in kept], [basis[at] for at in kept]


def _best(table: list[list[Fraction]], basis: list[int], at: int, sign: int) -> Fraction | None:
    width = len(table[0]) - 1 if table else 0
    if not table:
        return None if sign > 0 else Fraction(0)
    cost = [Fraction(sign * (column == at)) for column in range(width)]
    return _solve([list(line) for line in table], list(basis), cost)[2]


def _solve(
    table: list[list[Fraction]], basis: list[int], cost: list[Fraction]
) -> tuple[list[list[Fraction]], list[int], Fraction | None]:
    """Maximise by Bland's rule; the value is None where it has no end."""
    while True:
        for column in range(len(cost)):
            gain = cost[column] - sum(cost[basis[r]] * line[column] for r, line in enumerate(table))
            if gain > 0:
                break
        else:
            return table, basis, sum((cost[basis[r]] * line[-1] for r, line in enumerate(table)), Fraction(0))
        reach = [(line[-1] / line[column], basis[r], r) for r, line in enumerate(table) if line[column] > 0]
        if not reach:
            return table, basis, None
        _pivot(table, basis, min(reach)[2], column)


def _pivot(table: list[list[Fraction]], basis: list[int], row: int, column: int) -> None:
    factor = table[row][column]
    table[row] = [cell / factor for cell in table[row]]
    for other, line in enumerate(table):
        if other != row and line[column]:
            times = line[column]
            table[other] = [cell - times * mine for cell, mine in zip(line, table[row], strict=True)]
    basis[row] = column
