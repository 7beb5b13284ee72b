"""Validation rules over figures that are stored or about to be: what is doubtful about them (pure functions)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from services.indicator_api.checking import parts
from services.indicator_api.checking.subject import Doubt, RuleName, Subject
from services.indicator_api.days import first_day
from services.indicator_api.definitions import Definition
from services.indicator_api.places import is_ons_code
from services.indicator_api.series.chart import neighbour
from services.indicator_api.series.known import PER_CENT, Known
from services.indicator_api.statistics.spc_limits import limits_of
from shared.schemas.figures import Measure
from shared.schemas.framework.indicators import SeriesKind
from shared.schemas.periods import FIRST_YEAR, Period

# So many periods before the one looked at are read: enough for the usual step and the longest run of equals.
HISTORY = 24
# Fewer points before it say nothing of how a series usually moves (METHODS 2.2).
_FEWEST = 6
_NOISE = 1e-9
_RATIOS = (Measure.percentage, Measure.rate, Measure.mean)
_Check = Callable[[Subject, str, Known], Iterator[Doubt]]


def doubts(subject: Subject) -> list[Doubt]:
    """Every rule that a figure of the period breaks, in the order of breakdowns, totals first."""
    found: list[Doubt] = []
    for breakdown in sorted(subject.series):
        figure = subject.at(breakdown, subject.period)
        if figure is not None and figure.value is not None:
            for check in _CHECKS:
                found += check(subject, breakdown, figure)
    return found + list(parts.doubts(subject))


def _over(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    share = subject.definition.measure is Measure.percentage and (subject.rule.get("maximum") or PER_CENT) <= PER_CENT
    n, d = figure.numerator, figure.denominator
    if share and n is not None and d is not None and n > d:
        yield Doubt(RuleName.numerator_over_denominator, breakdown, figure, d)


def _outside(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    least, most = subject.rule.get("minimum"), subject.rule.get("maximum")
    assert figure.value is not None
    if least is not None and figure.value < least:
        yield Doubt(RuleName.outside_range, breakdown, figure, least)
    if most is not None and figure.value > most:
        yield Doubt(RuleName.outside_range, breakdown, figure, most)


def _not_whole(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    assert figure.value is not None
    if subject.rule.get("whole_number") and figure.value % 1:
        yield Doubt(RuleName.not_whole, breakdown, figure)


def _not_its_parts(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    """A ratio that is not what its numerator and denominator make, however it was rounded."""
    definition, value = subject.definition, figure.value
    made = _made(definition, figure)
    if made is None or value is None:
        return
    # A figure stated as 65 may be 64.5 to 65.5: it is held to no more decimal places than it has.
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if abs(made - value) > 0.5 * 10.0**-places + _NOISE * max(1.0, abs(value)):
        yield Doubt(RuleName.not_its_parts, breakdown, figure, float(f"{made:.12g}"))


def _made(definition: Definition, figure: Known) -> float | None:
    if figure.numerator is None or not figure.denominator:
        return None
    if definition.measure is Measure.percentage:
        return figure.numerator * PER_CENT / figure.denominator
    if definition.measure in (Measure.rate, Measure.mean):
        return figure.numerator * (definition.multiplier or 1) / figure.denominator
    return None


def _without_counts(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    """A ratio sent without what it is made of, though the period before had it: with the counts goes its interval."""
    definition, before = subject.definition, subject.at(breakdown, neighbour(figure.period, -1))
    if before is None or before.version != figure.version or definition.measure not in _RATIOS:
        return
    # What an official body publishes without its counts nobody here can mend.
    official = definition.published_by is not None and is_ons_code(subject.area)
    if not official and _has_counts(before) and not _has_counts(figure):
        yield Doubt(RuleName.without_counts, breakdown, figure, before=before)


def _has_counts(figure: Known) -> bool:
    return figure.numerator is not None and figure.denominator is not None


def _sudden(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    before = subject.at(breakdown, _compared_with(subject.definition, figure.period))
    if before is None or before.value is None or figure.value is None or before.version != figure.version:
        return
    change = abs(figure.value - before.value)
    percent, ranges = subject.rule.get("sudden_change_percent"), subject.rule.get("sudden_change_ranges")
    step = None if ranges is None else _usual_step(subject, breakdown, figure)
    by_percent = percent is not None and before.value and change * PER_CENT > percent * abs(before.value)
    by_ranges = ranges is not None and step is not None and change > ranges * step
    if by_percent or by_ranges:
        yield Doubt(RuleName.sudden_change, breakdown, figure, before.value, before=before)


def _compared_with(definition: Definition, period: Period) -> Period | None:
    """The period before; a season is compared with its like, and a sum that starts anew with nothing."""
    kind = definition.content["series_kind"]
    if kind in (SeriesKind.year_to_date, SeriesKind.cumulative):
        return None
    if kind != SeriesKind.seasonal:
        return neighbour(period, -1)
    return period.same_period_last_year if period.year > FIRST_YEAR else None


def _usual_step(subject: Subject, breakdown: str, figure: Known) -> float | None:
    """The average moving range of the figures before; None where they are too few or never move."""
    earlier = [one for one in subject.series[breakdown] if one.period < figure.period and one.version == figure.version]
    values = _with_gaps(earlier)
    limits = limits_of(values, screen=True, baseline_points=None)
    return limits.average_range if limits.n >= _FEWEST and limits.reason is None else None


def _with_gaps(figures: list[Known]) -> list[float | None]:
    """Their values, with None where a period between has no figure: no step runs across a gap."""
    values: list[float | None] = []
    due: Period | None = None
    for one in figures:
        if due is not None and one.period != due:
            values.append(None)
        values.append(one.value)
        due = neighbour(one.period, 1)
    return values


def _unchanged(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    """The same number over and over is more likely an old one sent again; a nought may well stand."""
    periods = subject.rule.get("unchanged_periods")
    if periods is None or not figure.value:
        return
    period: Period | None = figure.period
    for _ in range(periods - 1):
        period = None if period is None else neighbour(period, -1)
        before = subject.at(breakdown, period)
        if before is None or _content(before) != _content(figure):
            return
    yield Doubt(RuleName.unchanged, breakdown, figure, figure.value, periods=periods)


def _content(figure: Known) -> tuple[float | None, ...]:
    return figure.value, figure.numerator, figure.denominator


def _after_closing(subject: Subject, breakdown: str, figure: Known) -> Iterator[Doubt]:
    """A figure of a team or authority for a period it did not live to see: most likely sent under an old code."""
    closed = subject.closed.get(subject.area)
    if closed is not None and closed < first_day(figure.period):
        yield Doubt(RuleName.after_closing, breakdown, figure)


_CHECKS: tuple[_Check, ...] = (
    _over, _outside, _not_whole, _not_its_parts, _without_counts, _sudden, _unchanged, _after_closing,
)  # fmt: skip
