"""What a doubt about a figure means, in one plain sentence."""

from __future__ import annotations

from services.indicator_api.checking.subject import Doubt, RuleName, Subject
from services.indicator_api.days import day_in_words, in_words
from services.indicator_api.series.wording import inside, moved, shown
from shared.schemas.figures import Measure

_MOST_NAMED = 5


def sentence(subject: Subject, doubt: Doubt) -> str:
    """The doubt in words; every number in it is one the caller may know."""
    part = f" ({doubt.breakdown})" if doubt.breakdown else ""
    start = f"{subject.definition.title}{part}: {inside(subject.name)} the figure for {in_words(doubt.figure.period)}"
    return f"{start} {_WORDS[doubt.rule](subject, doubt)}."


def _is(subject: Subject, doubt: Doubt) -> str:
    return f"is {shown(subject.definition, doubt.figure.value, doubt.figure.status)}"


def _over(subject: Subject, doubt: Doubt) -> str:
    return f"counts {_plain(doubt.figure.numerator)} of only {_plain(doubt.reference)}"


def _outside(subject: Subject, doubt: Doubt) -> str:
    assert doubt.figure.value is not None and doubt.reference is not None
    side, bound = ("below", "least") if doubt.figure.value < doubt.reference else ("above", "most")
    return f"{_is(subject, doubt)}, {side} the {bound} that is plausible, {shown(subject.definition, doubt.reference)}"


def _not_whole(subject: Subject, doubt: Doubt) -> str:
    return f"is {_plain(doubt.figure.value)}, and a whole number is expected"


def _not_its_parts(subject: Subject, doubt: Doubt) -> str:
    figure, definition = doubt.figure, subject.definition
    of = f"{_plain(figure.numerator)} of {_plain(figure.denominator)}"
    return f"{_is(subject, doubt)}, but {of} makes {shown(definition, doubt.reference, finer=1)}"


def _without_counts(subject: Subject, doubt: Doubt) -> str:
    assert doubt.before is not None
    lacking = f"sent without the numerator and denominator that {in_words(doubt.before.period)} had"
    return f"{_is(subject, doubt)}, {lacking}: it has no interval, and can be neither added up nor compared"


def _sudden(subject: Subject, doubt: Doubt) -> str:
    before, figure = doubt.before, doubt.figure
    assert before is not None and before.value is not None and figure.value is not None
    much = moved(subject.definition, before.value, figure.value)
    was = f"{shown(subject.definition, before.value)} for {in_words(before.period)}"
    return f"{_is(subject, doubt)}, {much} than the {was}: a sudden change"


def _unchanged(subject: Subject, doubt: Doubt) -> str:
    return f"{_is(subject, doubt)}, exactly the same as in each of the {_periods(doubt)} before it"


def _periods(doubt: Doubt) -> str:
    count = (doubt.periods or 1) - 1
    return "period" if count == 1 else f"{count} periods"


def _sum(subject: Subject, doubt: Doubt) -> str:
    dimension = doubt.parts[0].partition("=")[0]
    if subject.definition.measure in (Measure.count, Measure.money):
        whole, made = shown(subject.definition, doubt.figure.value), shown(subject.definition, doubt.reference)
        return f"is {whole}, but its parts by {dimension} add up to {made}"
    return f"rests on counts that its parts by {dimension} do not add up to: theirs make {_plain(doubt.reference)}"


def _missing(subject: Subject, doubt: Doubt) -> str:
    named = ", ".join(doubt.parts[:_MOST_NAMED])
    more = len(doubt.parts) - _MOST_NAMED
    return f"lacks parts that were there the period before: {named}{f' and {more} more' if more > 0 else ''}"


def _closed(subject: Subject, doubt: Doubt) -> str:
    return f"{_is(subject, doubt)}, but it had closed on {day_in_words(subject.closed[subject.area])}"


def _plain(value: float | None) -> str:
    return "nothing" if value is None else f"{value:,.10g}"


_WORDS = {
    RuleName.numerator_over_denominator: _over,
    RuleName.outside_range: _outside,
    RuleName.not_whole: _not_whole,
    RuleName.not_its_parts: _not_its_parts,
    RuleName.without_counts: _without_counts,
    RuleName.sudden_change: _sudden,
    RuleName.unchanged: _unchanged,
    RuleName.sum_of_parts: _sum,
    RuleName.missing_parts: _missing,
    RuleName.after_closing: _closed,
}
