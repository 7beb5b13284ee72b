"""Hides small numbers about people from what the neighbours sent, before a word is written from it (METHODS 2.11)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.reporting_api.assembly.evidence import Evidence, Got, IndicatorDisclosure
from services.reporting_api.words import in_period
from shared.canonical import canonical
from shared.schemas.board_report_items import Shown
from shared.schemas.exceptions import ExceptionOut, ExceptionsOut
from shared.schemas.figures import Figure, Measure, ValueStatus
from shared.schemas.series import MarkedSeries, SeriesPack, SeriesPoint
from shared.suppression import Cell, Policy, is_small, must_hide
from shared.suppression_sums import Sum, hidden_in_sums

# Areas and periods by indicator.
_Marks = Mapping[str, Collection[tuple[str, str]]]
_TOTAL = -1
_HIDDEN = Figure(value=None, value_status=ValueStatus.c)


def protect_evidence(evidence: Evidence, threshold: int) -> Evidence:
    """The evidence as a board outside the council may see it: each figure about people checked, in doubt hidden."""
    answers, marked = dict(evidence.answers), _marked(evidence)
    for question, found in evidence.answers.items():
        if not isinstance(found, Got):
            continue
        if isinstance(found.data, SeriesPack):
            data: Any = _pack(found.data, evidence, threshold, teams=question in evidence.team_series.values())
        elif isinstance(found.data, ExceptionsOut):
            data = _exceptions(found.data, evidence, threshold, marked)
        else:
            continue
        answers[question] = Got(data, found.as_of, found.fetched_at)
    return replace(evidence, answers=answers)


def _marked(evidence: Evidence) -> _Marks:
    """By indicator the figures that the indicator service itself does not show to everybody, where it has said so.

    It knows what covers a small figure up and across, and every version that was shown before (METHODS 2.11).
    """
    packs = [found.data for found in evidence.answers.values() if isinstance(found, Got)]
    marks: dict[str, set[tuple[str, str]]] = {}
    for one in (one for pack in packs if isinstance(pack, SeriesPack) for one in pack.items):
        marks.setdefault(one.indicator, set()).update((hidden.area, hidden.period) for hidden in one.hidden or ())
    return marks


def _pack(pack: SeriesPack, evidence: Evidence, threshold: int, *, teams: bool) -> SeriesPack:
    items = []
    for one in pack.items:
        known = _disclosure(evidence, one.indicator)
        kept = protect_series(one, known, threshold)
        items.append(_whole_or_nothing(one, kept, known) if teams else kept)
    return pack.model_copy(update={"items": items})


def _whole_or_nothing(true: MarkedSeries, kept: MarkedSeries, known: IndicatorDisclosure) -> MarkedSeries:
    """Teams add up to the council: where one of their numbers is hidden in a period, nobody's of that period is told.

    Else what is left of the council's figure, or of a service's, would be the hidden one.
    """
    if known.published_by or not known.people:
        return kept
    before = [point for area in true.areas for point in area.points]
    after = [point for area in kept.areas for point in area.points]
    hidden = {
        was.period
        for was, now in zip(before, after, strict=True)
        if was.value != now.value or was.value_status is ValueStatus.c
    }
    areas = [
        one.model_copy(update={"points": [_point(point, point.period in hidden) for point in one.points]})
        for one in kept.areas
    ]
    return kept.model_copy(update={"areas": areas})


def _exceptions(found: ExceptionsOut, evidence: Evidence, threshold: int, marks: _Marks) -> ExceptionsOut:
    def one_of(one: ExceptionOut) -> ExceptionOut:
        # Where the series did not come nobody knows whether the figure covers another.
        marked = one.indicator not in marks or (one.area, one.period) in marks[one.indicator]
        return _exception(one, evidence, threshold, marked)

    items, resolved = ([one_of(one) for one in rows] for rows in (found.items, found.resolved))
    return found.model_copy(update={"items": items, "resolved": resolved})


def _disclosure(evidence: Evidence, indicator: str) -> IndicatorDisclosure:
    """What the dictionary says; an indicator it does not tell of is taken to be about people."""
    entry = evidence.indicators.get(indicator)
    return entry.disclosure if entry else IndicatorDisclosure()


def protect_series(series: MarkedSeries, known: IndicatorDisclosure, threshold: int) -> MarkedSeries:
    """Points hidden that are small or marked; where one is, no limit or label made of the true values stays either."""
    policy = Policy(series.measure, known.people, threshold)
    marked = {(one.area, one.period) for one in series.hidden or ()}
    areas = []
    for area in series.areas:
        hidden = [
            must_hide(_cell(point, known), policy) or (area.area, point.period) in marked for point in area.points
        ]
        if any(hidden):
            points = [_point(point, hide) for point, hide in zip(area.points, hidden, strict=True)]
            area = area.model_copy(update={"points": points, "segments": [], "assurance": None})
        areas.append(area)
    whole = all(kept is true for kept, true in zip(areas, series.areas, strict=True))
    return series if whole else series.model_copy(update={"areas": areas, "hidden": None})


def _cell(point: SeriesPoint, known: IndicatorDisclosure) -> Cell:
    return Cell(point.value, point.value_status, point.numerator, point.denominator, official=bool(known.published_by))


def _point(point: SeriesPoint, hide: bool) -> SeriesPoint:
    plain: dict[str, Any] = {"label": None, "rules": []}
    if not hide:
        return point.model_copy(update=plain)
    status = ValueStatus.c if point.value is not None else point.value_status
    return point.model_copy(
        update={
            **plain, "value": None, "value_status": status, "display": str(status), "numerator": None,
            "denominator": None, "interval": None,
        }
    )  # fmt: skip


def _exception(one: ExceptionOut, evidence: Evidence, threshold: int, marked: bool) -> ExceptionOut:
    """An exception about people without the limits behind it; without its figure too where that is small."""
    entry = evidence.indicators.get(one.indicator)
    known = entry.disclosure if entry else IndicatorDisclosure()
    if known.published_by or not known.people:
        return one
    policy = Policy(Measure(entry.measure) if entry else Measure.percentage, known.people, threshold)
    hide = marked or must_hide(Cell(one.figure.value, one.figure.value_status, one.numerator, one.denominator), policy)
    # Limits rest on every point, hidden ones too, and the sentence may name them; since when it stands tells of one.
    answer = one.answered.model_copy(update={"explanation": None}) if one.answered else None
    kept = {"numerator": None, "denominator": None, "previous": None, "limits": None, "interval": None,
            "answered": answer, "raised_at": None, "first_raised_period": None, "unanswered_days": None}  # fmt: skip
    if not hide:
        words = f"{one.title}: {one.display} {in_period(one.period)}."
        return _hashed_anew(one.model_copy(update={**kept, "suppressed": True, "sentence": words}))
    hidden = {"figure": _HIDDEN, "display": str(ValueStatus.c), "comparator": None, "suppressed": True}
    words = f"{one.title}: hidden {in_period(one.period)} because it is small."
    return _hashed_anew(one.model_copy(update={**kept, **hidden, "sentence": words}))


def _hashed_anew(one: ExceptionOut) -> ExceptionOut:
    """With the hash of what is left: in that of the true inputs whoever knows the rest finds the one small number."""
    left = one.model_dump(mode="json", exclude={"inputs_hash"})
    return one.model_copy(update={"inputs_hash": hashlib.sha256(canonical(left)).hexdigest()})


Count = tuple[int | None, str | None]  # a count as it came, and its symbol where it has one


def shown(count: float | None, status: str | None = None) -> Shown:
    """A count as it came, with its symbol where it is hidden or missing."""
    if count is None:
        kept = ValueStatus(status) if status else ValueStatus.x
        return Shown(value=None, value_status=kept, display=str(kept))
    return Shown(value=count, display=f"{count:,.0f}")


def shown_people(count: int | None, status: str | None, protected: bool, threshold: int) -> Shown:
    """A count of people, hidden from a protected board where it is small."""
    if protected and is_small(count, threshold):
        return shown(None, ValueStatus.c)
    return shown(count, status)


def shown_together(counts: Sequence[Count], protected: bool, threshold: int) -> list[Shown]:
    """Counts of the same people: where one is small all that tell a number are hidden."""
    if protected and any(is_small(count, threshold) for count, _ in counts):
        return [shown(None, status if count is None else ValueStatus.c) for count, status in counts]
    return [shown(count, status) for count, status in counts]


def shown_lists(
    total: Count, lists: Mapping[str, Sequence[Count]], protected: bool, threshold: int
) -> tuple[Shown, dict[str, list[Shown]]]:
    """Several breakdowns of one total: beside a small part another is hidden, so that no subtraction finds it."""
    if not protected:
        return shown(*total), {name: [shown(*count) for count in counts] for name, counts in lists.items()}
    hide_total = is_small(total[0], threshold)
    hidden: dict[str, frozenset[int]] = {}
    # A total that one breakdown needs hidden must not come back as the sum of another; two rounds settle it.
    for _ in range(2):
        hidden = {name: _hidden(counts, total[0], hide_total, threshold) for name, counts in lists.items()}
        hide_total = hide_total or any(_TOTAL in found for found in hidden.values())
    found = {
        name: [
            shown(None, ValueStatus.c) if place in hidden[name] else shown(*count) for place, count in enumerate(counts)
        ]
        for name, counts in lists.items()
    }
    return shown(None, ValueStatus.c) if hide_total else shown(*total), found


def _hidden(counts: Sequence[Count], total: int | None, hide_total: bool, threshold: int) -> frozenset[int]:
    cells: dict[int, int | None] = {place: count for place, (count, _) in enumerate(counts)}
    cells[_TOTAL] = total
    sums = [Sum(_TOTAL, tuple(range(len(counts))))]
    return hidden_in_sums(cells, sums, threshold=threshold, also=[_TOTAL] if hide_total and total is not None else [])
