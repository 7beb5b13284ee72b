"""Where a series breaks, its targets, and its control chart where its points may be charted at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from services.indicator_api.days import day_in_words, last_day
from services.indicator_api.definitions import Definition
from services.indicator_api.places import is_ons_code
from services.indicator_api.series.known import Known, period_of
from services.indicator_api.series.places import Place
from services.indicator_api.statistics.spc import Analysis, ChartEnd, analyse, end_of
from shared.schemas.figures import Measure
from shared.schemas.framework.indicators import SeriesKind
from shared.schemas.periods import Period, PeriodError


@dataclass(frozen=True, slots=True)
class Break:
    """The first period after which a series must not be read on, why, and who held the figures before."""

    period: Period
    reason: str
    predecessor: str | None = None
    renamed: bool = False


def breaks_of(place: Place, figures: Sequence[Known]) -> list[Break]:
    """Changes of footprint, of what is added up and of definition, in the order of their periods."""
    if not figures:
        return []
    found = [*_footprint(place, figures), *_endings(place, figures[-1].period)]
    for before, after in pairwise(figures):
        if before.version != after.version:
            found.append(Break(after.period, f"The definition changed: version {after.version} from here."))
        if after.regrouped:
            found.append(Break(after.period, _regrouped(place, before, after)))
    return sorted(found, key=lambda one: (one.period, one.predecessor or ""))


def _regrouped(place: Place, before: Known, after: Known) -> str:
    if after.units is None:
        return f"From here the figure is one recorded for {place.name} as a whole, no longer a sum over units."
    if before.units is None:
        return f"From here the figures of units are added up; before there was one for {place.name} as a whole."
    return "From here the figures of other units are added up than before."


def _footprint(place: Place, figures: Sequence[Known]) -> list[Break]:
    begun = place.valid_from
    if begun is None or not place.predecessors:
        return []
    near = next((one.period for one in figures if last_day(one.period) >= begun), figures[0].period)
    period, day = _first_to_end_from(begun, near), day_in_words(begun)
    found = []
    for link in place.predecessors:
        if link.whole:
            words = f"{place.name} was {link.name} until {day}; the figures before stand under that name"
        elif is_ons_code(place.code):
            words = f"{place.name} began on {day} on a footprint of its own"
            words += f"; the figures of {link.name} before it are not continued here"
        else:
            words = f"{place.name} took over from {link.name} on {day}, whose figures are not continued here"
        found.append(Break(period, f"{words}.", link.code, link.whole))
    return found


def _endings(place: Place, last: Period) -> list[Break]:
    if place.valid_to is None or not place.successors:
        return []
    heirs = " and ".join(link.name for link in place.successors)
    words = f"{place.name} ended on {day_in_words(place.valid_to)}; its figures do not run on into {heirs}."
    return [Break(_first_to_end_from(place.valid_to + timedelta(days=1), last), words)]


def _first_to_end_from(day: date, near: Period) -> Period:
    """The first period of its kind that ends on the day or later."""
    period = near
    while last_day(period) < day and (later := neighbour(period, 1)) is not None:
        period = later
    while (earlier := neighbour(period, -1)) is not None and last_day(earlier) >= day:
        period = earlier
    return period


def neighbour(period: Period, step: int) -> Period | None:
    """The period after or before; None where the grammar of periods ends."""
    try:
        return period.successor if step > 0 else period.predecessor
    except PeriodError:
        return None


def target_in_force(definition: Definition, period: Period) -> Mapping[str, Any] | None:
    """The target of a period, which may be of another kind than the target's where the definition changed."""
    for target in definition.content["targets"]:
        first, last = target["from_period"], target["to_period"]
        if period_of(first) <= period and (last is None or period <= period_of(last)):
            found: Mapping[str, Any] = target
            return found
    return None


def target_for(definition: Definition, period: Period) -> float | None:
    """The figure of the target in force for a period."""
    target = target_in_force(definition, period)
    return None if target is None else float(target["value"])


def is_charted(definition: Definition) -> bool:
    """Control limits need points that do not overlap, and numbers rather than grades (METHODS 2.2)."""
    return definition.content["series_kind"] == SeriesKind.point and definition.measure is not Measure.ordinal


def chart_of(definition: Definition, figures: Sequence[Known], breaks: Collection[Break]) -> Analysis | None:
    """The chart of a series, limits never computed across a break; assurance against the latest target."""
    if not figures or not is_charted(definition):
        return None
    points, rebases = _charted(figures, breaks)
    return analyse(points, definition.polarity, rebase_at=rebases, target=target_for(definition, figures[-1].period))


def chart_end(definition: Definition, figures: Sequence[Known], breaks: Collection[Break]) -> ChartEnd | None:
    """The end of that chart, without what is before it."""
    if not figures or not is_charted(definition):
        return None
    points, rebases = _charted(figures, breaks)
    return end_of(points, definition.polarity, rebase_at=rebases, target=target_for(definition, figures[-1].period))


def _charted(
    figures: Sequence[Known], breaks: Collection[Break]
) -> tuple[list[tuple[str, float | None]], Collection[str]]:
    """The points of a chart, gaps among them, and those that begin a new stretch."""
    starts = {one.period for one in breaks}
    points: list[tuple[str, float | None]] = []
    rebases: set[str] = set()
    previous: Period | None = None
    for one in figures:
        code = one.period.code
        if previous is not None and previous.kind is one.period.kind and not previous.precedes(one.period):
            # Periods nobody sent a figure for are a gap, which one point without a value stands for.
            points.append((previous.successor.code, None))
        if previous is not None and starts and any(previous < start <= one.period for start in starts):
            rebases.add(code)
        points.append((code, one.value))
        previous = one.period
    return points, rebases
