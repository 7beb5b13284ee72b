"""A finding as the row that goes out, with its key, its hash and its sentence."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import get_args

from services.indicator_api.exceptions.case import Case, Finding
from services.indicator_api.exceptions.evidence import inputs_hash
from services.indicator_api.exceptions.out_of_step import CONFIDENCE
from services.indicator_api.exceptions.sentences import sentence
from services.indicator_api.series.known import Known
from services.indicator_api.series.wording import shown
from shared.schemas.exceptions import ExceptionComparator, ExceptionLimits, ExceptionOut, Trigger
from shared.schemas.figures import Figure, ValueStatus
from shared.schemas.periods import Period, PeriodError
from shared.schemas.series import Interval

TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
_KEY = re.compile(r"([a-z0-9][a-z0-9_-]*)\.([A-Za-z0-9][A-Za-z0-9_-]*)\.([A-Z0-9-]+)\.([A-Z_]+)")
_MISSING = Figure.of(None, ValueStatus.x)


def key_of(case: Case, finding: Finding) -> str:
    return f"{case.definition.code}.{case.place.code}.{finding.period.code}.{finding.trigger}"


def read_key(key: str) -> tuple[str, str, Period, Trigger] | None:
    """The indicator, place, period and trigger a key names; None for what is no key."""
    found = _KEY.fullmatch(key)
    if found is None or found[4] not in TRIGGERS:
        return None
    try:
        period = Period.parse(found[3])
    except PeriodError:
        return None
    return found[1], found[2], period, TRIGGERS[TRIGGERS.index(found[4])]


def row_of(case: Case, finding: Finding) -> ExceptionOut:
    figure = finding.figure
    case = case.under(figure)
    definition = case.definition
    return ExceptionOut(
        key=key_of(case, finding),
        indicator=definition.code,
        title=definition.title,
        themed_area=definition.content["themed_area"],
        area=case.place.code,
        area_name=case.place.name,
        period=finding.period.code,
        trigger=finding.trigger,
        rule=finding.rule,
        rules=list(finding.rules),
        profile=finding.profile,
        direction=finding.direction,
        favourable=finding.favourable,
        figure=_MISSING if figure is None else _figure(figure),
        display=str(ValueStatus.x) if figure is None else shown(definition, figure.value, figure.status),
        numerator=None if figure is None else figure.numerator,
        denominator=None if figure is None else figure.denominator,
        previous=None if finding.previous is None else _figure(finding.previous),
        limits=_limits(finding),
        interval=_interval(finding),
        comparator=_comparator(finding),
        target=finding.target,
        n=finding.n,
        trial_limits=finding.segment is not None and finding.segment.trial_limits,
        suppressed=finding.suppressed,
        new=finding.new,
        inputs_hash=inputs_hash(case, finding),
        sentence=sentence(case, finding),
        status="resolved" if finding.resolved else "new" if finding.new else "standing",
        owner_role=definition.content["owner_role"],
        definition_version=definition.version,
    )


def _figure(known: Known) -> Figure:
    # It was checked when it was stored, within wider bounds than the wire's.
    value = None if known.value is None else Decimal(repr(known.value))
    return Figure.model_construct(value=value, value_status=known.status)


def _limits(finding: Finding) -> ExceptionLimits | None:
    segment = finding.segment
    if segment is None or segment.mean is None or segment.lpl is None or segment.upl is None:
        return None
    return ExceptionLimits(mean=segment.mean, lpl=segment.lpl, upl=segment.upl)


def _interval(finding: Finding) -> Interval | None:
    found = finding.interval
    return None if found is None else Interval(confidence=CONFIDENCE, lower=found.lower, upper=found.upper)


def _comparator(finding: Finding) -> ExceptionComparator | None:
    reference, seen = finding.reference, finding.beside
    if finding.pooled is not None:
        return ExceptionComparator(pooled=finding.pooled, n_available=finding.n)
    if reference is None or seen is None:
        return None
    alone = len(reference.chosen.members) == 1
    return ExceptionComparator(
        comparator_set=reference.chosen.code,
        version=reference.chosen.version,
        value=seen.single.value if seen.single else None,
        mean=None if alone else seen.group.mean,
        median=None if alone else seen.group.median,
        n_available=seen.group.n_available,
    )
