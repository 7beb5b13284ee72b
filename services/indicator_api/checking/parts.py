"""Breakdowns whose parts add up to the total: whether they do, and whether all are there (pure functions)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.indicator_api.checking.subject import TOTAL, Doubt, RuleName, Subject
from services.indicator_api.days import first_day
from services.indicator_api.series.chart import neighbour
from services.indicator_api.series.known import Known
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

_NOISE = 1e-9
_ADDED = (Measure.count, Measure.money)
_DIVIDED = (Measure.percentage, Measure.rate, Measure.mean)


def doubts(subject: Subject) -> Iterator[Doubt]:
    """The doubts about every dimension that is declared to add up; none without a total to add up to."""
    total = subject.at(TOTAL, subject.period)
    if total is None:
        return
    for dimension in subject.definition.content.get("dimensions", ()):
        if dimension["sums_to_total"]:
            yield from _sum(subject, dimension, total)
            yield from _missing(subject, dimension, total)


def _parts(subject: Subject, dimension: Mapping[str, Any], period: Period | None) -> dict[str, Known]:
    """The parts of one dimension alone: a cross of two dimensions is no part of the total."""
    start = f"{dimension['code']}="
    named = {one: subject.at(one, period) for one in subject.series if one.startswith(start) and ";" not in one}
    return {breakdown: figure for breakdown, figure in named.items() if figure is not None}


def _sum(subject: Subject, dimension: Mapping[str, Any], total: Known) -> Iterator[Doubt]:
    given = list(_parts(subject, dimension, subject.period).values())
    if not given:
        return
    for name in _summed(subject.definition.measure):
        whole = getattr(total, name)
        amounts = [getattr(one, name) for one in given if one.status is not ValueStatus.z]
        known = [amount for amount in amounts if amount is not None]
        if whole is None or not known:
            continue
        added, slack = math.fsum(known), _slack(subject, name, len(known))
        # Where a part is hidden or unavailable the others can still be too much, but not too little.
        complete = len(known) == len(amounts)
        if added > whole + slack or (complete and added < whole - slack):
            breakdowns = tuple(sorted(_parts(subject, dimension, subject.period)))
            yield Doubt(RuleName.sum_of_parts, TOTAL, total, float(f"{added:.12g}"), parts=breakdowns)
            return


def _summed(measure: Measure) -> Sequence[str]:
    if measure in _ADDED:
        return ("value",)
    return ("numerator", "denominator") if measure in _DIVIDED else ()


def _slack(subject: Subject, name: str, parts: int) -> float:
    """By how much a sum may miss its total: what is declared, or else what rounding each part explains."""
    declared = subject.rule.get("sum_tolerance")
    if declared is not None:
        return float(declared) + _NOISE
    if name != "value" or subject.rule.get("whole_number"):
        return _NOISE
    return 0.5 * 10.0**-subject.definition.decimal_places * (parts + 1) + _NOISE


def _missing(subject: Subject, dimension: Mapping[str, Any], total: Known) -> Iterator[Doubt]:
    """Parts that were there the period before and are not now; a unit that closed in between is not missed."""
    before = _parts(subject, dimension, neighbour(subject.period, -1))
    gone = sorted(set(before) - set(_parts(subject, dimension, subject.period)))
    if dimension["values_from"] == "units":
        gone = [one for one in gone if not _closed(subject, one)]
    if gone:
        yield Doubt(RuleName.missing_parts, TOTAL, total, parts=tuple(gone))


def _closed(subject: Subject, breakdown: str) -> bool:
    ended = subject.closed.get(breakdown.partition("=")[2])
    return ended is not None and ended < first_day(subject.period)
