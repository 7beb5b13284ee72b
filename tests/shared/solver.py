"""A reader with a linear programme (HiGHS): the range of each hidden figure that fits everything published."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_matrix

from shared.suppression_sums import Sum

K = TypeVar("K", bound=Hashable)


def ranges(
    counts: Mapping[K, int | None], sums: Sequence[Sum[K]], hidden: frozenset[K], *, lowest: int, beyond: int
) -> dict[K, tuple[int, int]]:
    """Lowest and highest of each hidden figure, no further than `beyond` from the truth.

    The reader knows every figure shown, that each sum holds, and that what is hidden is at least `lowest`; of a total
    that is not in `counts` he knows nothing. All the programmes of a table are solved as one, side by side.
    """
    names = [key for key in counts if key in hidden]
    if not names:
        return {}
    unknown = list(dict.fromkeys(key for one in sums for key in (one.total, *one.parts) if key not in counts))
    column = {key: at for at, key in enumerate([*names, *unknown])}
    rows, known = [], []
    for one in sums:
        row, rest = np.zeros(len(column)), 0
        for key, sign in ((one.total, 1), *((part, -1) for part in one.parts)):
            if key in column:
                row[column[key]] += sign
            else:
                rest -= sign * (counts[key] or 0)
        rows.append(row)
        known.append(rest)
    truth = [counts[key] or 0 for key in names]
    lowest_of = [lowest] * len(names) + [0] * len(unknown)
    return _solve(names, truth, csr_matrix(rows), known, lowest_of, beyond)


def _solve(
    names: Sequence[K], truth: Sequence[int], table: Any, known: Sequence[int], lowest: Sequence[int], beyond: int
) -> dict[K, tuple[int, int]]:
    size, programmes = len(lowest), 2 * len(names)
    goal, bounds = np.zeros(size * programmes), []
    for programme in range(programmes):
        target, upwards = divmod(programme, 2)
        goal[programme * size + target] = -1 if upwards else 1
        bounds += [(least, None) for least in lowest]
        bounds[programme * size + target] = (max(lowest[target], truth[target] - beyond), truth[target] + beyond)
    found = linprog(goal, A_eq=block_diag([table] * programmes), b_eq=list(known) * programmes, bounds=bounds)
    assert found.status == 0, found.message
    reached = [round(found.x[programme * size + programme // 2]) for programme in range(programmes)]
    return {name: (reached[2 * at], reached[2 * at + 1]) for at, name in enumerate(names)}
