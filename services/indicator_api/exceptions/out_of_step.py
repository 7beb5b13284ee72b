"""OUT_OF_STEP_NATIONAL and OUT_OF_STEP_NEIGHBOURS: a figure that others' figures of the same period exclude.

With England out of step is a figure whose 99.8% interval excludes England's, or which lies beyond the funnel's limits
at 0.001 around what all local authorities come to together; with the neighbours one whose interval excludes both
their mean and their median.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from services.indicator_api.exceptions import evidence
from services.indicator_api.exceptions.case import Case, Finding, Reference, judged
from services.indicator_api.series.comparison import beside
from services.indicator_api.series.known import interval_of
from services.indicator_api.statistics.funnel import FunnelKind, FunnelLabel, funnel
from services.indicator_api.statistics.intervals import Interval
from shared.schemas.exceptions import Trigger
from shared.schemas.figures import BenchmarkOutcome, Measure, Polarity
from shared.schemas.framework.areas import ComparatorKind

CONFIDENCE = 0.998
RULE, FUNNEL_RULE = "interval_99_8", "funnel_0_001"
TRIGGERS: dict[ComparatorKind, Trigger] = {
    ComparatorKind.nation: "OUT_OF_STEP_NATIONAL",
    ComparatorKind.statistical_neighbours: "OUT_OF_STEP_NEIGHBOURS",
}
_FAR = {FunnelLabel.high_0_001: True, FunnelLabel.low_0_001: False}


def findings(case: Case) -> Iterator[Finding]:
    """Each comparison whose references all lie outside the interval on one side; no interval, no finding."""
    latest = case.figures[-1]
    interval = interval_of(case.definition, latest, CONFIDENCE)
    if interval is None:
        return
    raised: dict[Trigger, Finding] = {}
    for reference in case.references.get(latest.period, ()):
        trigger = TRIGGERS[reference.chosen.kind]
        found = None if trigger in raised else _against(case, interval, reference, trigger)
        if found is not None:
            raised[trigger] = found
    apart = _in_funnel(case, interval)
    if apart is not None:
        national = raised.get("OUT_OF_STEP_NATIONAL")
        if national is None:
            raised["OUT_OF_STEP_NATIONAL"] = apart
        elif national.direction == apart.direction:
            raised["OUT_OF_STEP_NATIONAL"] = replace(
                national, rules=(RULE, FUNNEL_RULE), inputs={**national.inputs, **apart.inputs}
            )
    yield from raised.values()


def _against(case: Case, interval: Interval, reference: Reference, trigger: Trigger) -> Finding | None:
    latest, polarity = case.figures[-1], case.definition.polarity
    seen = beside(reference.chosen.members, reference.members, polarity, case.place.code)
    # Judged without polarity first: what matters here is which side, and what it means comes after.
    outcome = seen.outcome(interval, Polarity.no_judgement)
    if outcome not in (BenchmarkOutcome.higher, BenchmarkOutcome.lower):
        return None
    high = outcome is BenchmarkOutcome.higher
    return Finding(
        trigger=trigger,
        period=latest.period,
        rule=RULE,
        rules=(RULE,),
        direction="high" if high else "low",
        favourable=judged(high, polarity),
        figure=latest,
        previous=case.figures[-2] if len(case.figures) > 1 else None,
        interval=interval,
        reference=reference,
        beside=seen,
        n=seen.group.n_available,
        suppressed=any(one.hidden for one in reference.members.values()),
        inputs={"figure": evidence.figure(latest), "reference": evidence.reference(reference)},
    )


def _in_funnel(case: Case, interval: Interval) -> Finding | None:
    latest, polarity = case.figures[-1], case.definition.polarity
    chosen = case.funnels.get(latest.period)
    if chosen is None:
        return None
    share = case.definition.measure is Measure.percentage
    kind, multiplier = (FunnelKind.proportion, 100.0) if share else (FunnelKind.rate, case.definition.multiplier or 1)
    items = [(code, one.numerator, one.denominator) for code, one in sorted(chosen.authorities.items())]
    found = funnel(kind, items, multiplier=multiplier)
    label = next((one.label for one in found.items if one.area == case.place.code), None)
    if label not in _FAR:
        return None
    high = _FAR[label]
    return Finding(
        trigger="OUT_OF_STEP_NATIONAL",
        period=latest.period,
        rule=FUNNEL_RULE,
        rules=(FUNNEL_RULE,),
        direction="high" if high else "low",
        favourable=judged(high, polarity),
        figure=latest,
        previous=case.figures[-2] if len(case.figures) > 1 else None,
        interval=interval,
        pooled=found.pooled,
        n=len(items),
        suppressed=any(one.hidden for one in chosen.authorities.values()),
        inputs={"figure": evidence.figure(latest), "funnel": [list(item) for item in items]},
    )
