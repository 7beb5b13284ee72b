"""A figure beside every set it may be set beside (METHODS 2.5): plain data in, the answer out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from services.indicator_api.comparators.sets import ALL_AUTHORITIES, ComparatorSet, Everyone, is_enough
from services.indicator_api.days import last_day
from services.indicator_api.memo import Memo
from services.indicator_api.series.chart import target_for
from services.indicator_api.series.comparison import Beside, beside, withheld_reason
from services.indicator_api.series.known import Known, interval_of
from services.indicator_api.series.wording import shown
from services.indicator_api.standing.ranking import ranking_of
from services.indicator_api.standing.schemas import (
    NamedArea,
    NotCompared,
    PositionOut,
    ReferenceOut,
    StandingComparisonOut,
    UnavailableOut,
)
from services.indicator_api.standing.subject import Subject, is_reportable
from services.indicator_api.statistics.benchmark import GroupSummary, compare, summarise_group
from services.indicator_api.statistics.intervals import Interval
from shared.schemas import series as wire
from shared.schemas.figures import BenchmarkOutcome, ValueStatus

CONFIDENCE = 0.95
# So many bytes, some ten thousand a position, and as many again of what they are made of.
_written: Memo[bytes] = Memo(5_000_000, weigh=len)


def written_position(subject: Subject) -> bytes:
    """The position as it is sent."""
    slot = subject.definition.code, subject.place.code, subject.period
    return _written.made(slot, subject, lambda: position_of(subject).model_dump_json().encode())


def position_of(subject: Subject) -> PositionOut:
    """The figure, its interval, each comparison and its place among all authorities."""
    definition, own = subject.edition, subject.own
    value, status = (own.value, own.status) if own else (None, ValueStatus.x)
    interval = _interval(subject)
    compared = [_comparison(subject, one, interval) for one in subject.sets]
    if subject.ranked and subject.period is not None:
        compared.append(_beside_everyone(subject, interval))
    return PositionOut(
        indicator=definition.code,
        title=definition.title,
        unit=definition.content["unit"],
        measure=definition.measure,
        polarity=definition.polarity,
        decimal_places=definition.decimal_places,
        themed_area=definition.content["themed_area"],
        reportable=is_reportable(subject.definition),
        definition_version=definition.version,
        area=subject.place.code,
        area_name=subject.place.name,
        breakdown=subject.breakdown or None,
        period=subject.period.code if subject.period else None,
        value=value,
        value_status=status,
        display=shown(definition, value, status),
        numerator=own.numerator if own else None,
        denominator=own.denominator if own else None,
        provisional=own.provisional if own else False,
        revised=own.revised if own else False,
        units=own.units if own else None,
        units_missing=own.silent if own and own.units is not None else None,
        interval=None
        if interval is None
        else wire.Interval(confidence=CONFIDENCE, lower=interval.lower, upper=interval.upper),
        target=target_for(subject.definition, subject.period) if subject.period else None,
        comparators=compared,
        among_authorities=ranking_of(subject),
        no_benchmark_reason=subject.definition.content["no_benchmark_reason"],
    )


def _interval(subject: Subject) -> Interval | None:
    return None if subject.own is None else interval_of(subject.edition, subject.own, CONFIDENCE)


def members_of(subject: Subject, chosen: ComparatorSet) -> dict[str, Known]:
    """The members' figures of the period that count the same way."""
    found = {code: subject.like(code) for code in chosen.members}
    return {code: one for code, one in found.items() if one is not None}


def _comparison(subject: Subject, chosen: ComparatorSet, interval: Interval | None) -> StandingComparisonOut:
    area, polarity = subject.place.code, subject.edition.polarity
    withheld = withheld_reason(subject.definition, chosen.code)
    members = {} if withheld else members_of(subject, chosen)
    seen = beside(chosen.members, members, polarity, area)
    in_force = subject.period is None or chosen.in_force(last_day(subject.period))
    obstacle = _obstacle(subject, seen, interval, withheld=withheld is not None, in_force=in_force, chosen=chosen)
    counted = interval if obstacle is None else None
    alone = len(chosen.members) == 1
    return StandingComparisonOut(
        comparator_set=chosen.code,
        name=chosen.name,
        kind=chosen.kind,
        version=chosen.version,
        framework_version=chosen.framework_version,
        in_force=in_force,
        value=seen.single.value if seen.single else None,
        value_status=seen.single.status if seen.single else None,
        **({} if alone else _summary(seen.group)),
        best_areas=[] if alone else _best_areas(subject, seen.group, members),
        n_available=seen.group.n_available,
        n_members=seen.group.n_members,
        unavailable=[] if withheld else _unavailable(subject, chosen),
        references=_references(subject, seen, counted),
        outcome=seen.outcome(counted, polarity) if counted else BenchmarkOutcome.not_compared,
        not_compared_because=obstacle,
        detail=withheld,
    )


def _obstacle(
    subject: Subject,
    seen: Beside,
    interval: Interval | None,
    *,
    withheld: bool,
    in_force: bool,
    chosen: ComparatorSet,
) -> NotCompared | None:
    """The first thing that stands in the way of a comparison."""
    own = subject.own
    checks: tuple[tuple[bool, NotCompared], ...] = (
        (withheld, "withheld"),
        (not chosen.fits(subject.place.code), "not_for_this_area"),
        (not in_force, "not_in_force"),
        (own is None or own.value is None, "no_figure"),
        (not seen.references, "no_reference"),
        (interval is None, "no_interval"),
    )
    return next((reason for stands, reason in checks if stands), None)


def _beside_everyone(subject: Subject, interval: Interval | None) -> StandingComparisonOut:
    """Every authority there was on the last day of the period, as if it were a set."""
    assert subject.period is not None
    area, polarity = subject.place.code, subject.edition.polarity
    known = {code: one for code in subject.authorities if (one := subject.like(code)) is not None}
    values = {code: known[code].value if code in known else None for code in subject.authorities}
    group = summarise_group(values, polarity, area=area)
    enough = is_enough(group.n_available, group.n_members)
    obstacle: NotCompared | None = None if enough else "too_few_authorities"
    if enough and interval is None:
        obstacle = "no_figure" if subject.own is None or subject.own.value is None else "no_interval"
    seen = Beside(None, group if enough else summarise_group({}, polarity, area=area))
    return StandingComparisonOut(
        comparator_set=ALL_AUTHORITIES,
        name=Everyone.name,
        kind=ALL_AUTHORITIES,
        version=last_day(subject.period).isoformat(),
        framework_version=None,
        in_force=True,
        **_summary(seen.group),
        best_areas=_best_areas(subject, seen.group, known),
        n_available=group.n_available,
        n_members=group.n_members,
        references=_references(subject, seen, None if obstacle else interval),
        outcome=seen.outcome(interval, polarity) if interval and not obstacle else BenchmarkOutcome.not_compared,
        not_compared_because=obstacle,
    )


def _summary(group: GroupSummary) -> dict[str, float | None]:
    return {
        "mean": tidy(group.mean),
        "median": tidy(group.median),
        "minimum": group.minimum,
        "maximum": group.maximum,
        "best": group.best,
    }


def _best_areas(subject: Subject, group: GroupSummary, members: Mapping[str, Known]) -> list[NamedArea]:
    if group.best is None:
        return []
    codes = [code for code, one in members.items() if one.value == group.best and code != subject.place.code]
    return [NamedArea(area=code, name=subject.name_of(code)) for code in codes]


def _unavailable(subject: Subject, chosen: ComparatorSet) -> list[UnavailableOut]:
    found = []
    for code in chosen.members:
        figure, like = subject.others.get(code), subject.like(code)
        if code == subject.place.code or (like is not None and like.value is not None):
            continue
        status = (figure.status if figure is not None and figure.value is None else None) or ValueStatus.x
        other = figure is not None and like is None
        found.append(UnavailableOut(area=code, name=subject.name_of(code), value_status=status, other_definition=other))
    return found


_Word = Literal["value", "mean", "median"]


def _references(subject: Subject, seen: Beside, interval: Interval | None) -> list[ReferenceOut]:
    """What the figure is set against, each with the difference; the outcome only where it may be compared."""
    words: Sequence[_Word] = ("value",) if seen.single is not None else ("mean", "median")
    own = subject.own.value if subject.own else None
    return [
        ReferenceOut(
            reference=word,
            value=float(f"{value:.12g}"),
            difference=None if own is None else tidy(own - value),
            outcome=compare(interval, value, subject.edition.polarity),
        )
        for word, value in zip(words, seen.references, strict=False)
    ]


def tidy(number: float | None) -> float | None:
    """Without the last digits that adding binary fractions leaves behind (63.3, not 63.300000000000004)."""
    return None if number is None else float(f"{number:.12g}")
