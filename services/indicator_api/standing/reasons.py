"""What speaks for and against a latest figure, each in one sentence; and why nothing does, where nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.days import in_words
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.case import Case, Finding, Reference
from services.indicator_api.exceptions.evaluate import evaluate
from services.indicator_api.exceptions.lateness import has_ended
from services.indicator_api.exceptions.out_of_step import TRIGGERS
from services.indicator_api.exceptions.rows import key_of
from services.indicator_api.exceptions.sentences import sentence
from services.indicator_api.series.chart import is_charted, target_for, target_in_force
from services.indicator_api.series.wording import said, shown
from services.indicator_api.standing.judging import Reason
from services.indicator_api.standing.positions import members_of
from services.indicator_api.standing.schemas import PositionOut, StandingComparisonOut
from services.indicator_api.standing.subject import Subject
from services.indicator_api.statistics.spc import ENOUGH_FOR_EXCEPTIONS
from shared.schemas.exceptions import Trigger
from shared.schemas.figures import BenchmarkOutcome, Polarity, QuartileBand, ValueStatus
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period

_GROUPS = {ComparatorKind.nation: "NATION", ComparatorKind.statistical_neighbours: "NEIGHBOURS"}
_JUDGED = {BenchmarkOutcome.better: True, BenchmarkOutcome.worse: False}
# The region is part of the picture but no verdict: it is its authorities, this one too.
_NO_VERDICT = (ComparatorKind.region, "all_authorities")


def reasons_for(subject: Subject, position: PositionOut, day: date) -> list[Reason]:
    """Every reason that holds, those that decide first; never none."""
    case = _case(subject)
    findings = evaluate(case, day, day)
    standing = [_exception(case, one, one.favourable) for one in findings if one.trigger != "DATA_LATE"]
    # That a figure is late says nothing of the work it counts.
    late = [_exception(case, one, None) for one in findings if one.trigger == "DATA_LATE"]
    obstacle = _obstacle(subject, case, day)
    if obstacle is not None:
        return [obstacle, *standing, *late]
    found = [*standing, *_benchmarks(subject, position, {one.trigger for one in findings})]
    if all(one.not_compared_because is not None for one in _verdicts(position)):
        found += _band(position)
    found += _target(subject)
    return [*(found or [_nothing(subject, position)]), *late]


def _case(subject: Subject) -> Case:
    compared = [one for one in subject.sets if _raises(subject, one)]
    references = [Reference(one, members_of(subject, one)) for one in compared]
    by_period = {subject.period: references} if subject.period is not None else {}
    editions = {subject.edition.version: subject.edition}
    return Case(subject.definition, subject.place, subject.figures, by_period, editions=editions)


def _raises(subject: Subject, chosen: ComparatorSet) -> bool:
    return chosen.kind in TRIGGERS and chosen.code in subject.definition.content["benchmarks"]


def _exception(case: Case, finding: Finding, favourable: bool | None) -> Reason:
    case = case.under(finding.figure)
    return Reason(finding.trigger, favourable, sentence(case, finding), key_of(case, finding))


def _obstacle(subject: Subject, case: Case, day: date) -> Reason | None:
    """Why no judgement is possible at all."""
    own, place = subject.own, subject.place.name
    if own is None:
        return Reason("NO_FIGURE", None, f"There is no figure for {place} that could be judged.")
    if own.value is None:
        if own.status is ValueStatus.c:
            return Reason("FIGURE_HIDDEN", None, "The figure is hidden because it is small or would give one away.")
        return Reason("FIGURE_UNAVAILABLE", None, f"The figure for {in_words(own.period)} is not available.")
    if has_ended(case, day):
        return Reason("SERIES_ENDED", None, f"The series ended with {in_words(own.period)}: it says nothing of today.")
    if subject.edition.polarity is Polarity.no_judgement:
        return Reason("NO_JUDGEMENT", None, "Neither direction of this indicator is good or bad in itself.")
    return None


def _verdicts(position: PositionOut) -> list[StandingComparisonOut]:
    return [one for one in position.comparators if one.kind not in _NO_VERDICT]


def _benchmarks(subject: Subject, position: PositionOut, raised: set[Trigger]) -> Iterator[Reason]:
    """Better or worse than England, neighbours and peers, where no exception says so already."""
    for one in _verdicts(position):
        favourable = _JUDGED.get(one.outcome)
        kind = ComparatorKind(one.kind)
        if favourable is None or TRIGGERS.get(kind) in raised:
            continue
        word = "better" if favourable else "worse"
        code = f"{word.upper()}_THAN_{_GROUPS.get(kind, 'PEERS')}"
        yield Reason(code, favourable, _compared(subject, one, word))


def _compared(subject: Subject, one: StandingComparisonOut, word: str) -> str:
    definition, own = subject.edition, subject.own
    assert own is not None and own.value is not None
    figure = f"{subject.place.name}'s {said(definition, own.value)} for {in_words(own.period)} is {word}"
    beyond = "by more than chance would explain"
    values = [shown(definition, reference.value) for reference in one.references]
    if len(values) == 1:
        return f"{figure} than {one.name}'s {values[0]} {beyond}."
    others = f"both the average ({values[0]}) and the middle value ({values[1]})"
    return f"{figure} than {others} of {one.n_available} councils ({one.name}) {beyond}."


def _band(position: PositionOut) -> Iterator[Reason]:
    """The best or last quarter of all authorities, where no comparison with an interval could be made.

    Where many share one figure (none at all, or all of them) a quarter has no edge: at least half must do otherwise.
    """
    found = position.among_authorities
    if found.band not in (QuartileBand.A, QuartileBand.D) or found.rank is None or found.tied is None:
        return
    best = found.band is QuartileBand.A
    otherwise = found.n_available - found.rank - found.tied if best else found.rank - 1
    if otherwise < found.n_available / 2:
        return
    where = f"in the {'best' if best else 'last'} quarter of {found.n_available} authorities, at place {found.rank}"
    code = "BEST_QUARTER" if best else "LAST_QUARTER"
    yield Reason(code, best, f"{position.area_name}'s {position.display} is {where}.")


def _target(subject: Subject) -> Iterator[Reason]:
    """Met, missed, or within its tolerance, which is neither."""
    definition, own = subject.definition, subject.own
    assert own is not None and own.value is not None
    target = target_for(definition, own.period)
    if target is None:
        return
    high = definition.polarity is Polarity.high_is_good
    short = target - own.value if high else own.value - target
    figure, wanted = said(definition, own.value), f"{shown(definition, target)} or {'more' if high else 'less'}"
    if short <= 0:
        yield Reason("TARGET_MET", True, f"{figure} meets the target of {wanted}.")
    elif short <= _tolerance(definition, own.period):
        yield Reason("TARGET_NEAR", None, f"{figure} misses the target of {wanted}, within its tolerance.")
    else:
        yield Reason("TARGET_MISSED", False, f"{figure} misses the target of {wanted}.")


def _tolerance(definition: Definition, period: Period) -> float:
    target = target_in_force(definition, period)
    return 0.0 if target is None else float(target["tolerance"])


def _nothing(subject: Subject, position: PositionOut) -> Reason:
    """There was something to judge by and nothing stands out; or there was nothing to judge by."""
    definition = subject.definition
    numbers = sum(one.value is not None for one in subject.figures)
    compared = any(one.not_compared_because is None for one in _verdicts(position))
    long_enough = is_charted(definition) and numbers >= ENOUGH_FOR_EXCEPTIONS
    if compared or position.among_authorities.band is not None or long_enough:
        return Reason("NOTHING_STANDS_OUT", None, "Nothing in its course or its comparisons is beyond chance.")
    why = definition.content["no_benchmark_reason"] or "No comparison with an interval, place or target is known."
    return Reason("NOTHING_TO_COMPARE", None, why)
