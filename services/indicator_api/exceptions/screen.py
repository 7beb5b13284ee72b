"""Which of many series may raise an exception at their latest figure: arithmetic over whole matrices (METHODS 2.1-2.4).

A screen may let a series through that raises nothing, and never the other way round: wherever rounding could decide,
it lets through. What passes is judged by `evaluate`, which alone says what stands.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.indicator_api.exceptions.out_of_step import CONFIDENCE
from services.indicator_api.statistics.intervals import BYAR_FROM, exact_limits, normal_quantile
from services.indicator_api.statistics.spc import ENOUGH_FOR_EXCEPTIONS
from services.indicator_api.statistics.spc_limits import LIMIT_FACTOR, SCREENING_FACTOR
from services.indicator_api.statistics.spc_signals import RUN

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Far above what sums of doubles can differ by, far below any difference between two figures.
_NEAR = 1e-9


def may_signal(values: Matrix, fails_above: Matrix, fails_below: Matrix) -> Mask:
    """Rows whose last column may show a signal, or whose limits may lie on the wrong side of a target.

    A row is a series, a column a period, NaN a gap. `fails_above` is the target of those that should be high, else
    -inf; `fails_below` of those that should be low, else inf.
    """
    present = ~np.isnan(values)
    count = present.sum(axis=1)
    moves = np.diff(values, axis=1)
    widths = np.abs(moves)
    mean = np.where(present, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    slack = _NEAR * np.nanmax(np.abs(np.where(present, values, 0.0)), axis=1, initial=0.0)
    width, unsure = _average_width(widths, slack)
    limit = LIMIT_FACTOR * width
    varies = np.where(np.isnan(widths), 0.0, widths).max(axis=1, initial=0.0) > 0
    signal = varies & (_far(values, mean, limit, slack) | _runs(values, moves, mean, slack) | unsure)
    missed = (fails_above > mean + limit - slack) | (fails_below < mean - limit + slack)
    enough = (count >= ENOUGH_FOR_EXCEPTIONS) & present[:, -1]
    judged = ~np.isnan(limit) & (np.isfinite(fails_above) | np.isfinite(fails_below))
    return np.asarray(enough & (signal | (judged & (missed | unsure))))


def _average_width(widths: Matrix, slack: Matrix) -> tuple[Matrix, Mask]:
    """The screened average moving range, and where it hangs on a hair."""
    known = ~np.isnan(widths)
    whole, number = np.where(known, widths, 0.0), known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = whole.sum(axis=1) / number
        bound = (SCREENING_FACTOR * first)[:, None]
        kept = known & (widths < bound)
        again = np.where(kept, whole, 0.0).sum(axis=1) / kept.sum(axis=1)
    unsure = (known & (np.abs(widths - bound) <= slack[:, None])).any(axis=1) | (again <= slack)
    return np.where(again > slack, again, first), unsure


def _far(values: Matrix, mean: Matrix, limit: Matrix, slack: Matrix) -> Mask:
    """Outside the limits, or two of the last three beyond two thirds of them, all three on one side."""
    off = values[:, -3:] - mean[:, None]
    edge, near = slack[:, None], (limit * 2 / 3 - slack)[:, None]
    found = np.abs(off[:, -1]) > limit - slack
    if values.shape[1] >= 3:
        for side in (off, -off):
            beyond = side > near
            found |= (side > -edge).all(axis=1) & beyond[:, -1] & beyond[:, :-1].any(axis=1)
    return np.asarray(found)


def _runs(values: Matrix, moves: Matrix, mean: Matrix, slack: Matrix) -> Mask:
    """Seven on one side of the mean, or six moves the same way."""
    if values.shape[1] < RUN:
        return np.zeros(len(values), dtype=bool)
    off, last = values[:, -RUN:] - mean[:, None], moves[:, -(RUN - 1) :]
    edge = slack[:, None]
    above, below = (off > -edge).all(axis=1), (off < edge).all(axis=1)
    return np.asarray(above | below | (last > 0).all(axis=1) | (last < 0).all(axis=1))


def may_differ(x: Matrix, n: Matrix, scale: Matrix, share: Mask, lowest: Matrix, highest: Matrix) -> Mask:
    """Where the 99.8% interval of a share or a rate may exclude every reference on one side.

    `lowest` and `highest` are the least and the greatest reference, NaN where there is none.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        fit = (n > 0) & (x >= 0) & np.where(share, x <= n, x == np.floor(x))
        lower, upper = np.where(share, _wilson(x, n), _poisson(np.where(fit & ~share, x, 0.0)) / n) * scale
        slack = _NEAR * np.maximum(1.0, np.abs(upper))
        return np.asarray(fit & ((lower > highest - slack) | (upper < lowest + slack)))


def _wilson(x: Matrix, n: Matrix) -> Matrix:
    z = normal_quantile(CONFIDENCE)
    width = z * np.sqrt(np.maximum(z * z + 4 * x * (1 - x / n), 0.0))
    return np.stack(((2 * x + z * z - width), (2 * x + z * z + width))) / (2 * (n + z * z))


def _poisson(x: Matrix) -> Matrix:
    """Limits of the counts: from a table below 10, Byar's from there."""
    z, above = normal_quantile(CONFIDENCE), x + 1
    lower = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    upper = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    few = _few()[:, np.clip(x, 0, BYAR_FROM - 1).astype(np.intp)]
    return np.where(x < BYAR_FROM, few, np.stack((lower, upper)))


@cache
def _few() -> Matrix:
    return np.array([exact_limits(count, CONFIDENCE) for count in range(BYAR_FROM)]).T
