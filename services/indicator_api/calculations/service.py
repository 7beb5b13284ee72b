"""The calculators: the service's own statistics over the figures of anyone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from services.indicator_api.calculations.answers import (
    BenchmarkOut,
    FunnelItemOut,
    FunnelOut,
    GroupOut,
    IntervalOut,
    IntervalsOut,
    QuartilesOut,
    RankedOut,
    SpcOut,
    SpcPointOut,
    SpcSegmentOut,
    TrendOut,
)
from services.indicator_api.calculations.schemas import (
    SMALLEST,
    BenchmarkIn,
    FunnelIn,
    IntervalsIn,
    QuartilesIn,
    Ratio,
    SpcIn,
    TrendIn,
    Year,
)
from services.indicator_api.statistics.benchmark import band, compare, quartiles, rank, summarise_group
from services.indicator_api.statistics.funnel import FunnelKind, funnel
from services.indicator_api.statistics.intervals import Interval, proportion_interval, rate_interval
from services.indicator_api.statistics.spc import analyse
from services.indicator_api.statistics.trend import AnnualPoint, annual_trend
from shared.problems import Fault, Malformed

_MOST_FAULTS = 100
# No area is called so: nobody is left out of a group that the caller put together.
_NOBODY = ""


def spc(body: SpcIn) -> SpcOut:
    """Limits, labels and assurance of a series; raises Malformed where `rebase_at` does not name one point each."""
    _refuse(_unclear(body))
    found = analyse(
        [(point.period, point.value) for point in body.points],
        body.polarity,
        body.profile,
        screen_moving_ranges=body.screen_moving_ranges,
        rebase_at=frozenset(body.rebase_at),
        baseline_points=body.baseline_points,
        target=body.target,
    )
    return SpcOut.model_construct(
        segments=[SpcSegmentOut.model_construct(**_slots(segment)) for segment in found.segments],
        points=[
            SpcPointOut.model_construct(
                period=point.period, value=point.value, label=point.label, rules=list(point.rules)
            )
            for point in found.points
        ],
        assurance=found.assurance,
        profile=found.profile,
        moving_ranges_screened=found.moving_ranges_screened,
    )


def _unclear(body: SpcIn) -> list[Fault]:
    """The rebases that name no point, or more than one."""
    labels = Counter(point.period for point in body.points)
    faults = []
    for place, label in enumerate(body.rebase_at):
        if label not in labels:
            detail = "this is not the label of one of the points"
            faults.append(Fault(f"/rebase_at/{place}", "unknown_period", detail))
        elif labels[label] > 1:
            detail = "this label stands for more than one point; tell them apart, by the year perhaps"
            faults.append(Fault(f"/rebase_at/{place}", "ambiguous_period", detail))
    return faults


def _slots(segment: object) -> dict[str, Any]:
    return {name: getattr(segment, name) for name in SpcSegmentOut.model_fields}


def intervals(body: IntervalsIn) -> IntervalsOut:
    """The interval of each item, nulls where there is nothing to divide."""
    proportion = body.method == "wilson"
    _refuse(_unfit(body.items, proportion=proportion))
    make = proportion_interval if proportion else rate_interval
    items = []
    for item in body.items:
        found = None
        if item.numerator is not None and item.denominator is not None:
            found = make(item.numerator, item.denominator, body.confidence, body.multiplier)
        items.append(IntervalOut(**found._asdict()) if found else IntervalOut(value=None, lower=None, upper=None))
    return IntervalsOut(method=body.method, confidence=body.confidence, multiplier=body.multiplier, items=items)


def funnel_of(body: FunnelIn) -> FunnelOut:
    """The pooled value and, in the given order, each area's limits and label."""
    _refuse(_unfit(body.items, proportion=body.kind == "proportion"))
    found = funnel(
        FunnelKind(body.kind),
        [(item.area, item.numerator, item.denominator) for item in body.items],
        multiplier=body.multiplier,
        over_dispersion=body.over_dispersion,
    )
    return FunnelOut(
        pooled_value=found.pooled,
        n_pooled=found.n_pooled,
        items=[FunnelItemOut(**asdict(item)) for item in found.items],
        limits_around_pooled=found.limits_around_pooled,
        sigma_z=found.sigma_z,
    )


def benchmark(body: BenchmarkIn) -> BenchmarkOut:
    """How a figure compares; without both limits it is not compared."""
    _refuse(_misplaced(body.value, body.lower, body.upper, ""))
    interval = None
    if body.lower is not None and body.upper is not None:
        middle = (body.lower + body.upper) / 2 if body.value is None else body.value
        interval = Interval(middle, body.lower, body.upper)
    group = None
    if body.members:
        _refuse(_repeated([one.area for one in body.members], "/members/{}/area", "this area stands twice"))
        members = {member.area: member.value for member in body.members}
        summary = summarise_group(members, body.polarity, area=_NOBODY)
        group = GroupOut(
            **asdict(summary),
            outcome_of_mean=compare(interval, summary.mean, body.polarity),
            outcome_of_median=compare(interval, summary.median, body.polarity),
        )
    return BenchmarkOut(outcome=compare(interval, body.reference, body.polarity), group=group)


def trend(body: TrendIn) -> TrendOut:
    """Whether the last five years rise or fall by more than chance."""
    years = [str(point.year) for point in body.points]
    faults = _repeated(years, "/points/{}/year", "this year stands twice")
    for place, point in enumerate(body.points):
        faults += _misplaced(point.value, point.lower, point.upper, f"/points/{place}")
    _refuse(faults)
    return TrendOut(**asdict(annual_trend([_annual(point) for point in body.points], body.polarity)))


def quartiles_of(body: QuartilesIn) -> QuartilesOut:
    """Quartiles of all values, and the band and rank of each."""
    values = [item.value for item in body.items]
    cuts = quartiles(values)
    items = [
        RankedOut(
            area=item.area,
            value=item.value,
            band=band(item.value, cuts, body.polarity),
            rank=rank(item.value, values, body.polarity),
        )
        for item in body.items
    ]
    if cuts is None:
        return QuartilesOut(n=0, q0=None, q1=None, q2=None, q3=None, q4=None, items=items)
    return QuartilesOut(**asdict(cuts), items=items)


def _annual(point: Year) -> AnnualPoint:
    lower, upper = point.lower, point.upper
    if lower is not None and upper is not None and upper - lower < SMALLEST:
        # No width to speak of: it carries no weight rather than an infinite one.
        upper = lower
    return AnnualPoint(point.year, point.value, lower, upper)


def _unfit(items: Iterable[Ratio], *, proportion: bool) -> list[Fault]:
    """What the formulas cannot take: more than all of a whole, and part of an event."""
    faults = []
    for place, item in enumerate(items):
        n, d = item.numerator, item.denominator
        if proportion and n is not None and d is not None and n > d:
            detail = "the numerator of a proportion is not greater than its denominator"
            faults.append(Fault(f"/items/{place}/numerator", "numerator_over_denominator", detail))
        elif not proportion and n is not None and n != int(n):
            faults.append(Fault(f"/items/{place}/numerator", "not_whole", "the numerator of a rate is a whole number"))
    return faults


def _misplaced(value: float | None, lower: float | None, upper: float | None, at: str) -> list[Fault]:
    if lower is not None and upper is not None and not lower <= (lower if value is None else value) <= upper:
        return [Fault(f"{at}/lower", "limits", "lower, value and upper stand in that order")]
    return []


def _repeated(labels: list[str], pointer: str, detail: str) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for place, label in enumerate(labels):
        if label in seen:
            faults.append(Fault(pointer.format(place), "duplicate", detail))
        seen.add(label)
    return faults


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Malformed("This cannot be calculated; see errors.", errors=faults[:_MOST_FAULTS])
