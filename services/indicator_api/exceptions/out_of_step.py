"""OUT_OF_STEP_NATIONAL and OUT_OF_STEP_NEIGHBOURS: a figure that others' figures of the same period exclude."""

from __future__ import annotations

from collections.abc import Iterator

from services.indicator_api.exceptions import evidence
from services.indicator_api.exceptions.case import Case, Finding, Reference, judged
from services.indicator_api.series.comparison import beside
from services.indicator_api.series.known import interval_of
from services.indicator_api.statistics.intervals import Interval
from shared.schemas.exceptions import Trigger
from shared.schemas.figures import BenchmarkOutcome, Polarity
from shared.schemas.framework.areas import ComparatorKind

CONFIDENCE = 0.998
RULE = "interval_99_8"
TRIGGERS: dict[ComparatorKind, Trigger] = {
    ComparatorKind.nation: "OUT_OF_STEP_NATIONAL",
    ComparatorKind.statistical_neighbours: "OUT_OF_STEP_NEIGHBOURS",
}


def findings(case: Case) -> Iterator[Finding]:
    """Each comparison whose references all lie outside the 99.8% interval on one side; no interval, no finding."""
    latest = case.figures[-1]
    interval = interval_of(case.definition, latest, CONFIDENCE)
    # A figure recorded under an earlier definition is not what the others' are.
    if interval is None or latest.version != case.definition.version:
        return
    raised: set[Trigger] = set()
    for reference in case.references.get(latest.period, ()):
        trigger = TRIGGERS[reference.chosen.kind]
        found = None if trigger in raised else _against(case, interval, reference, trigger)
        if found is not None:
            raised.add(trigger)
            yield found


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
