"""Figures of a unit that has none of its own, from numerators and denominators of the units below."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Self

from services.indicator_api.days import first_day, last_day
from services.indicator_api.definitions import Definition
from services.indicator_api.series.derived import derive, part_codes, ratio
from services.indicator_api.series.known import Known, Veil, latest_recorded, protect
from services.indicator_api.series.places import Map, Place
from services.indicator_api.series.roll import Roll
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

_ByPeriod = dict[Period, Known]
# The figures stored under a code, in the order of their periods.
Stored = Callable[[str], Sequence[Known]]


@dataclass(frozen=True)
class Ground:
    """Where a series is looked up: what is stored, where it stands, and what this caller may see of it."""

    definition: Definition
    known: Map
    stored: Stored
    veil: Veil
    breakdown: str = ""
    parts: Mapping[str, Ground] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        definition: Definition,
        definitions: Mapping[str, Definition],
        known: Map,
        figures: Mapping[tuple[str, str], Sequence[Known]],
        veil: Veil,
        breakdown: str = "",
    ) -> Self:
        """The ground of one indicator and of those it is made of, where `definitions` has them."""
        made_of = [definitions[code] for code in part_codes(definition) if code in definitions]
        stored = partial(_stored_under, figures, definition.code)
        parts = {
            one.code: cls(one, known, partial(_stored_under, figures, one.code), veil, breakdown) for one in made_of
        }
        complete = len(parts) == len(part_codes(definition))
        return cls(definition, known, stored, veil, breakdown, parts if complete else {})

    def of_area(self, code: str) -> list[Known]:
        """What is known of a place by itself, as this caller may know it: no units are added up."""
        own = self._own(code)
        return self._with_derived(own, code, {part: ground.of_area(code) for part, ground in self.parts.items()})

    def series(self, place: Place) -> list[Known]:
        """The place's own figures, for periods without one the sum over its units, else what other indicators make."""
        found = self._added_up(place)
        return self._with_derived(found, place.code, {code: one.series(place) for code, one in self.parts.items()})

    def _with_derived(self, found: list[Known], area: str, parts: Mapping[str, Sequence[Known]]) -> list[Known]:
        if not parts:
            return found
        # A sum that lacks a unit says less than the whole that others count.
        have = {one.period: one for one in found if one.units is None or one.status is not ValueStatus.x}
        made = derive(self.definition, parts)
        if self.definition.protects(area) and not self.veil.lifted:
            made = protect(made, self.definition.policy(self.veil.threshold))
        by_period = {one.period: one for one in found} | {one.period: one for one in made} | have
        return [by_period[period] for period in sorted(by_period)]

    def _added_up(self, place: Place) -> list[Known]:
        own = self._own(place.code)
        top = place.top
        if top is None or self.definition.measure not in _ADDED:
            return own
        others = [one for code in self.known.tree(top) if code != place.code for one in self.stored(code)]
        if not others:
            return own
        held = {one.period: one for one in own}
        if all(one.period in held for one in others):
            # No unit has a figure of another period: there is nothing to add up.
            return own
        sums = self._sums(self._parts(top), held) if top == place.code else self._of_unit(top, held)
        if not sums:
            return own
        return list(self._told_apart(sums | held).values())

    def lives(self, place: Place) -> list[Known]:
        """The place's figures, and before the first of them those of the units it was before."""
        found: list[Known] = []
        for life in place.lives():
            earlier = [one for one in self.series(life) if not found or one.period < found[0].period]
            found = [one if life is place else replace(one, recorded_for=life.code) for one in earlier] + found
        return found

    def _own(self, code: str) -> list[Known]:
        return self.veil.over(self.definition, code, self.stored(code), self.breakdown)

    def _of_unit(self, code: str, held: Collection[Period] = ()) -> _ByPeriod:
        own = {one.period: one for one in self._own(code)}
        parts = self._parts(code)
        return self._told_apart(self._sums(parts, {*own, *held}) | own) if parts else own

    def _told_apart(self, found: _ByPeriod) -> _ByPeriod:
        """In order; of a number, marked where one recorded for the whole and a sum over units follow one another."""
        ordered = {period: found[period] for period in sorted(found)}
        if self.definition.measure is Measure.count:
            for before, after in pairwise(list(ordered.values())):
                if (before.units is None) != (after.units is None):
                    ordered[after.period] = replace(after, regrouped=True)
        return ordered

    def _parts(self, code: str) -> dict[str, _ByPeriod]:
        found = {}
        for below in self.known.below(code):
            unit = self.known.units[below]
            figures = self._of_unit(below)
            found[below] = {
                period: one for period, one in figures.items() if unit.in_force(first_day(period), last_day(period))
            }
        return found if any(found.values()) else {}

    def _sums(self, parts: Mapping[str, _ByPeriod], held: Collection[Period]) -> _ByPeriod:
        """The sum of each period over the units in force in it, so that no past sum moves when a unit closes.

        What is `held` already is not added up: the figure itself goes before any sum.
        """
        periods = sorted({period for figures in parts.values() for period in figures}.difference(held))
        roll = Roll(self.known, parts)
        found: _ByPeriod = {}
        for period in periods:
            given = [figures[period] for figures in parts.values() if period in figures]
            made = self._combined(period, given, missing=roll.lacks(period))
            made.silent += roll.silent(period)
            if self.definition.measure is Measure.count:
                made.regrouped = (bool(found) and period in roll.joins) or any(one.regrouped for one in given)
            found[period] = made
        return found

    def _combined(self, period: Period, given: Sequence[Known], *, missing: bool) -> Known:
        counted = [one for one in given if one.status is not ValueStatus.z]
        # What is summed may itself be a sum: the units at the bottom are what a reader wants to know of.
        units = sum(one.units or 1 for one in counted)
        value, status, numerator, denominator = None, _absent(counted, missing=missing), None, None
        if status is None and not _counted_alike(self.definition, counted):
            status = ValueStatus.x
        if status is None:
            value, numerator, denominator = _ADDED[self.definition.measure](self.definition, counted)
            status = ValueStatus.x if value is None else None
        made = Known(
            period,
            value,
            status,
            numerator,
            denominator,
            version=max(one.version for one in given),
            provisional=any(one.provisional for one in given),
            revised=any(one.revised for one in given),
            recorded_at=latest_recorded(given),
            units=units,
            silent=sum(one.silent for one in given),
            hidden=any(one.hidden for one in given),
        )
        if self.veil.lifted or not self.definition.people:
            return made
        return protect([made], self.definition.policy(self.veil.threshold))[0]


def _stored_under(figures: Mapping[tuple[str, str], Sequence[Known]], indicator: str, area: str) -> Sequence[Known]:
    return figures.get((indicator, area), ())


def _absent(counted: Sequence[Known], *, missing: bool) -> ValueStatus | None:
    """Why there is no sum: a hidden part would show in it, an absent one would be missing from it."""
    statuses = {one.status for one in counted if one.value is None}
    if ValueStatus.c in statuses:
        return ValueStatus.c
    if statuses or missing:
        return ValueStatus.x
    return None if counted else ValueStatus.z


def _counted_alike(definition: Definition, parts: Sequence[Known]) -> bool:
    """Whether the sum would be one definition's: all of one version, and counted as the present one counts.

    A version also rises for other reasons than arithmetic. Of figures of an earlier one each says by itself whether
    what it was made of makes it still: a multiplier that changed is far away, what was rounded is near.
    """
    versions = {one.version for one in parts}
    if versions <= {definition.version}:
        return True
    return len(versions) == 1 and all(_made_so(definition, one) for one in parts)


def _made_so(definition: Definition, one: Known) -> bool:
    if definition.measure is Measure.count:
        return one.denominator is None
    if not one.value or not one.numerator or not one.denominator:
        return True
    now = ratio(definition, one.numerator, one.denominator)
    return now is not None and one.value / 2 < now < one.value * 2


_Sum = tuple[float | None, float | None, float | None]


def _counted(definition: Definition, parts: Sequence[Known]) -> _Sum:
    return math.fsum(one.value for one in parts if one.value is not None), None, None


def _divided(definition: Definition, parts: Sequence[Known]) -> _Sum:
    """Never a mean of percentages: all numerators over all denominators."""
    numerators = [one.numerator for one in parts if one.numerator is not None]
    denominators = [one.denominator for one in parts if one.denominator is not None]
    if len(numerators) < len(parts) or len(denominators) < len(parts):
        return None, None, None
    n, d = math.fsum(numerators), math.fsum(denominators)
    return ratio(definition, n, d), n, d


# Money may be a sum or a cost for each; a grade is neither. Those are never added up.
_ADDED: dict[Measure, Callable[[Definition, Sequence[Known]], _Sum]] = {
    Measure.count: _counted,
    Measure.percentage: _divided,
    Measure.rate: _divided,
    Measure.mean: _divided,
}
