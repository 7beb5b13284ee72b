"""Small numbers: which figures about people are hidden, and what is hidden along with them (METHODS 2.11).

Pure functions over figures and the counts behind them: points 1, 2 and 4. What the sums of a table would
give away (point 3) is in `suppression_sums`, which starts from the same small counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.schemas.figures import Measure, ValueStatus

THRESHOLD = 5

Number = Decimal | float


@dataclass(frozen=True, slots=True)
class Policy:
    """What the definition of a measure says: what it measures, whether it is about people, the threshold."""

    measure: Measure
    people: bool = True
    threshold: int = THRESHOLD


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its interval and the counts behind it; `official` if an official body published it so."""

    value: Number | None
    status: ValueStatus | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    official: bool = False


def is_small(count: Number | None, threshold: int = THRESHOLD) -> bool:
    """Whether a count is from 1 to the threshold; nought is not small, and an unknown count is not either."""
    return count is not None and 0 < count <= threshold


def must_hide(cell: Cell, policy: Policy) -> bool:
    """Whether the figure, the rest of its denominator or the denominator itself is a small number of people.

    A real nought stays, unless its denominator is small: that all of a few lack something tells as much.
    A ratio whose counts are not known cannot be found safe, so it is hidden.
    """
    if not policy.people or cell.official or cell.status is ValueStatus.c:
        return cell.status is ValueStatus.c
    count = _count(cell, policy.measure)
    if is_small(count, policy.threshold) or is_small(cell.denominator, policy.threshold):
        return True
    if count is not None and cell.denominator is not None:
        return is_small(Decimal(str(cell.denominator)) - Decimal(str(count)), policy.threshold)
    return cell.value is not None and not _checkable(cell, policy.measure)


def protect(cell: Cell, policy: Policy) -> Cell:
    """The figure as an unprivileged reader gets it: itself, or `c` without value, numerator and interval.

    A figure that is absent for another reason keeps its symbol, but not the counts behind it.
    """
    return hide(cell, policy) if must_hide(cell, policy) else cell


def hide(cell: Cell, policy: Policy) -> Cell:
    """The figure hidden, whatever the reason; its denominator stays where it is not small itself."""
    absent = cell.value is None and cell.status is not None
    return replace(
        cell,
        value=None,
        status=cell.status if absent else ValueStatus.c,
        numerator=None,
        denominator=None if is_small(cell.denominator, policy.threshold) else cell.denominator,
        lower=None,
        upper=None,
    )


def protect_series(cells: Sequence[Cell], policy: Policy) -> list[Cell]:
    """Each figure of a series protected.

    Limits, means and trends must be computed from what this returns, where a hidden point is a gap: a mean of
    the true figures and the points still shown would give a single hidden point away.
    """
    return [protect(cell, policy) for cell in cells]


def derive(value: Number | None, sources: Iterable[Cell]) -> tuple[Number | None, ValueStatus | None]:
    """A figure made from others (a sum, a mean, a difference): hidden if any of them is, absent if any is."""
    statuses = {source.status for source in sources if source.value is None}
    if ValueStatus.c in statuses:
        return None, ValueStatus.c
    if statuses or value is None:
        return None, ValueStatus.z if statuses == {ValueStatus.z} else ValueStatus.x
    return value, None


def _count(cell: Cell, measure: Measure) -> Number | None:
    """The number of people the figure counts; a mean or a sum of money counts nobody but its denominator."""
    if measure is Measure.count:
        return cell.value if cell.numerator is None else cell.numerator
    return cell.numerator if measure in (Measure.percentage, Measure.rate) else None


def _checkable(cell: Cell, measure: Measure) -> bool:
    if measure is Measure.count:
        return True
    if measure is Measure.rate:
        return cell.numerator is not None
    if measure is Measure.percentage:
        return cell.numerator is not None and cell.denominator is not None
    return cell.denominator is not None
