"""A series beside its comparators: one area's figures, or the mean and median of a set's members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.indicator_api.definitions import Definition
from services.indicator_api.series.known import Known
from services.indicator_api.statistics.benchmark import GroupSummary, compare, summarise_group
from services.indicator_api.statistics.intervals import Interval
from shared.schemas.figures import BenchmarkOutcome, Polarity
from shared.schemas.periods import Period


@dataclass(frozen=True, slots=True)
class Beside:
    """What a set shows for one period; `single` is the figure of a set of one."""

    single: Known | None
    group: GroupSummary

    @property
    def references(self) -> tuple[float, ...]:
        """What a figure is set against: the single figure, or the mean and the median."""
        if self.single is not None:
            return () if self.single.value is None else (self.single.value,)
        return tuple(value for value in (self.group.mean, self.group.median) if value is not None)

    def outcome(self, interval: Interval | None, polarity: Polarity) -> BenchmarkOutcome:
        """Better or worse only where the interval excludes every reference on the same side."""
        found = {compare(interval, reference, polarity) for reference in self.references}
        if not found:
            return BenchmarkOutcome.not_compared
        return found.pop() if len(found) == 1 else BenchmarkOutcome.similar


def beside(members: Sequence[str], figures: Mapping[str, Known], polarity: Polarity, area: str) -> Beside:
    """The members' figures of one period as the area is to be set against them, never against itself."""
    values = {code: figures[code].value if code in figures else None for code in members}
    single = figures.get(members[0]) if len(members) == 1 and members[0] != area else None
    return Beside(single, summarise_group(values, polarity, area=area))


def unspoken(found: Beside) -> Beside:
    """How many members have a figure, where these are too few to speak for the set."""
    return Beside(None, replace(found.group, mean=None, median=None, minimum=None, maximum=None, best=None))


def withheld_reason(definition: Definition, code: str) -> str | None:
    """Why this comparison must not be made, where it must not."""
    for one in definition.content["benchmarks_withheld"]:
        if one["comparator_set"] == code:
            return str(one["reason"])
    return None


def by_period(members: Sequence[str], stored: Callable[[str], Sequence[Known]]) -> dict[Period, dict[str, Known]]:
    """The figures of a set's members, period by period."""
    found: dict[Period, dict[str, Known]] = {}
    for code in members:
        for one in stored(code):
            found.setdefault(one.period, {})[code] = one
    return dict(sorted(found.items()))
