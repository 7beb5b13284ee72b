"""A stored figure as the statistics take it: protected first, with its interval where its parts are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Self

from services.indicator_api.definitions import Definition
from services.indicator_api.statistics.intervals import Interval, proportion_interval, rate_interval
from shared.auth.caller import Caller
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period
from shared.suppression import Cell, Policy, protect_series

PER_CENT = 100.0
FIGURES_SCOPE = "indicator:figures"


# Not frozen: that would take three times as long to make, and an answer makes thousands. `replace` changes one.
@dataclass(slots=True)
class Known:
    """One figure of one area; `units` says from how many units below it was summed, `hidden` that we hid it."""

    period: Period
    value: float | None
    status: ValueStatus | None = None
    numerator: float | None = None
    denominator: float | None = None
    version: int = 1
    provisional: bool = False
    revised: bool = False
    recorded_at: datetime | None = None
    units: int | None = None
    hidden: bool = False


@lru_cache(maxsize=20_000)
def period_of(code: str) -> Period:
    """Files and series repeat the same few hundred periods; each is read once."""
    return Period.parse(code)


@dataclass(frozen=True, slots=True)
class Veil:
    """What a caller is not to see: nothing, or the small numbers of people that nobody has published."""

    lifted: bool
    threshold: int

    @classmethod
    def for_caller(cls, caller: Caller, threshold: int) -> Self:
        return cls(caller.may(FIGURES_SCOPE), threshold)

    def over(self, definition: Definition, area: str, figures: Sequence[Known]) -> list[Known]:
        """The figures of one area as this caller may know them; statistics start from what this returns."""
        if self.lifted or not definition.protects(area):
            return list(figures)
        return protect(figures, definition.policy(self.threshold))


def protect(figures: Sequence[Known], policy: Policy) -> list[Known]:
    """Small numbers hidden, and with them whatever would give them away (METHODS 2.11, points 1, 2 and 4)."""
    cells = protect_series([Cell(one.value, one.status, one.numerator, one.denominator) for one in figures], policy)
    return [_veiled(one, cell) for one, cell in zip(figures, cells, strict=True)]


def _veiled(figure: Known, cell: Cell) -> Known:
    # A cell that was not hidden comes back as it went in.
    if (cell.value, cell.numerator, cell.denominator) == (figure.value, figure.numerator, figure.denominator):
        return figure
    return replace(
        figure,
        value=None,
        status=cell.status,
        numerator=None,
        denominator=None if cell.denominator is None else float(cell.denominator),
        revised=False,
        recorded_at=None,
        hidden=True,
    )


def interval_of(definition: Definition, figure: Known, confidence: float = 0.95) -> Interval | None:
    """The interval of a proportion or rate whose parts are known; a published figure without them has none."""
    n, d = figure.numerator, figure.denominator
    if figure.value is None or n is None or not d:
        return None
    if definition.measure is Measure.percentage and 0 <= n <= d:
        return proportion_interval(n, d, confidence, PER_CENT)
    if definition.measure is Measure.rate and n >= 0 and n == int(n):
        return rate_interval(n, d, confidence, float(definition.multiplier or 1))
    return None


def latest_recorded(figures: Iterable[Known]) -> datetime | None:
    return max((one.recorded_at for one in figures if one.recorded_at is not None), default=None)
