"""A stored figure as the statistics take it: protected first, with its interval where its parts are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition
from services.indicator_api.small_numbers.shown import Numbers, Shown, read_shown
from services.indicator_api.statistics.intervals import Interval, proportion_interval, rate_interval
from shared.auth.caller import Caller
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period
from shared.suppression import Cell, Policy, hide, must_hide

PER_CENT, CONFIDENCE = 100.0, 0.95
FIGURES_SCOPE = "indicator:figures"


# Not frozen: that would take three times as long to make, and an answer makes thousands. `replace` changes one.
@dataclass(slots=True)
class Known:
    """One figure of one area; `units` says from how many units below it was summed, `hidden` that we hid it.

    `silent` are the sister teams of those summed that have sent nothing yet: the sum may be a part of the whole.

    `recorded_for` is the unit it stands under, where that has another name now; `derived` is made of other indicators;
    `regrouped` is a number that is not of the same units as the one before it.
    """

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
    recorded_for: str | None = None
    derived: bool = False
    regrouped: bool = False
    silent: int = 0


@lru_cache(maxsize=20_000)
def period_of(code: str) -> Period:
    """Files and series repeat the same few hundred periods; each is read once."""
    return Period.parse(code)


@dataclass(frozen=True, slots=True)
class Veil:
    """What a caller is not to see: nothing, or the small numbers of people that nobody has published.

    `shown` are the figures of the families an answer touches that this caller is shown: `prepared` reads them.
    """

    lifted: bool
    threshold: int
    shown: Shown | None = None

    @classmethod
    def for_caller(cls, caller: Caller, threshold: int) -> Self:
        return cls(caller.may(FIGURES_SCOPE), threshold)

    def over(self, definition: Definition, area: str, figures: Sequence[Known], breakdown: str = "") -> list[Known]:
        """The figures of one area as this caller may know them; statistics start from what this returns."""
        if self.lifted or not figures or not definition.protects(area):
            return list(figures)
        if self.shown is None:
            raise LookupError("the veil must be prepared for the figures it is to lie over")
        policy, key, shown = definition.policy(self.threshold), (area, breakdown), self.shown
        return [
            one if _stands(shown.get((definition.code, one.period.code)), key, one) else _veiled(one, policy)
            for one in figures
        ]


def _stands(shown: Mapping[tuple[str, str], Numbers] | None, key: tuple[str, str], figure: Known) -> bool:
    """Whether it is the very figure that is shown now, though it may have stood at another time."""
    return shown is not None and shown.get(key) == (figure.value, figure.numerator, figure.denominator)


async def prepared(
    session: AsyncSession,
    veil: Veil,
    definitions: Mapping[str, Definition],
    stored: Mapping[tuple[str, str], Sequence[Known]],
) -> Veil:
    """The veil with what it must know of all figures that go with these (by indicator and area), read at once."""
    if veil.lifted:
        return veil
    touched = {
        (indicator, area, one.period.code)
        for (indicator, area), series in stored.items()
        if definitions[indicator].protects(area)
        for one in series
    }
    found = await read_shown(session, definitions, touched, veil.threshold)
    # A family reads the same from wherever it is touched; only areas outside the council may be new.
    known = veil.shown or {}
    return replace(veil, shown={**known, **{one: {**known.get(one, {}), **figures} for one, figures in found.items()}})


def protect(figures: Sequence[Known], policy: Policy) -> list[Known]:
    """Each figure by itself: hidden where it is small (METHODS 2.11, points 1, 2 and 4)."""
    return [_veiled(one, policy) if must_hide(_cell(one), policy) else one for one in figures]


def _cell(figure: Known) -> Cell:
    return Cell(figure.value, figure.status, figure.numerator, figure.denominator)


def _veiled(figure: Known, policy: Policy) -> Known:
    """Without any number and without what tells of its changes; a figure that has no number stays as it is."""
    if (figure.value, figure.numerator, figure.denominator) == (None, None, None):
        return figure
    status = hide(_cell(figure), policy).status
    return replace(
        figure,
        value=None,
        status=status,
        numerator=None,
        denominator=None,
        revised=False,
        recorded_at=None,
        hidden=True,
    )


def interval_of(definition: Definition, figure: Known, confidence: float = CONFIDENCE) -> Interval | None:
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
    return max(filter(None, map(attrgetter("recorded_at"), figures)), default=None)
