"""One indicator in one place with all that is known of it, and what was found there: plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.definitions import Definition
from services.indicator_api.series.comparison import Beside
from services.indicator_api.series.known import Known
from services.indicator_api.series.places import Place
from services.indicator_api.statistics.intervals import Interval
from services.indicator_api.statistics.spc import Segment
from shared.schemas.exceptions import Trigger
from shared.schemas.figures import Polarity
from shared.schemas.periods import Period


@dataclass(frozen=True, slots=True)
class Reference:
    """A comparator set in force for a period, with its members' figures of that very period."""

    chosen: ComparatorSet
    members: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Funnel:
    """The nation's local authorities, this one among them, with their figures of one period and its parts."""

    authorities: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Case:
    """What one indicator's exceptions in one place are computed from, and nothing else is.

    `editions` has the earlier definitions that the latest figures were recorded under, by version.
    """

    definition: Definition
    place: Place
    figures: Sequence[Known]
    references: Mapping[Period, Sequence[Reference]] = field(default_factory=dict)
    funnels: Mapping[Period, Funnel] = field(default_factory=dict)
    editions: Mapping[int, Definition] = field(default_factory=dict)

    def under(self, figure: Known | None) -> Case:
        """The case under the definition that a figure was recorded under: it is judged by no other."""
        edition = None if figure is None else self.editions.get(figure.version)
        return self if edition is None else replace(self, definition=edition)


@dataclass(frozen=True, slots=True)
class Finding:
    """One trigger that stands, with every value it rests on; `inputs` is what its hash is made of."""

    trigger: Trigger
    period: Period
    rule: str
    direction: str
    figure: Known | None
    previous: Known | None
    n: int
    inputs: Mapping[str, Any]
    rules: tuple[str, ...] = ()
    profile: str | None = None
    favourable: bool | None = None
    segment: Segment | None = None
    first: Known | None = None
    interval: Interval | None = None
    reference: Reference | None = None
    beside: Beside | None = None
    target: float | None = None
    suppressed: bool = False
    # Among the earlier figures it rests on are some that lack more teams than the latest.
    less_before: bool = False
    pooled: float | None = None
    new: bool = True
    resolved: bool = False
    # The later figure was recorded under another definition: whether this is over cannot be told.
    recounted: bool = False
    # The later figure lacks more teams than the one it is told of.
    less_now: bool = False

    @property
    def sign(self) -> tuple[Trigger, str]:
        """What stands on from one period to the next: the trigger and its direction."""
        return self.trigger, self.direction


def judged(high: bool, polarity: Polarity) -> bool | None:
    """Whether a direction is the good one; None where neither is."""
    return None if polarity is Polarity.no_judgement else high == (polarity is Polarity.high_is_good)
