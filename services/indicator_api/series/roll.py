"""The units of one sum: from when each counts in it, which of them it waits for, and which it is short of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from services.indicator_api.days import first_day, last_day
from services.indicator_api.series.known import Known
from services.indicator_api.series.places import Map
from shared.schemas.figures import ValueStatus
from shared.schemas.periods import Period

_ByPeriod = Mapping[Period, Known]
_Parts = Mapping[str, _ByPeriod]


class Roll:
    """The units side by side whose figures make a sum, with what each of them has sent."""

    def __init__(self, known: Map, parts: _Parts) -> None:
        self._known, self._parts = known, parts
        self._numbers = {code: _counting(figures) for code, figures in parts.items() if not _says_never(figures)}
        self._begun = self._from_when(parts)
        self._counted = self._from_when(self._numbers)

    @cached_property
    def joins(self) -> set[Period]:
        """The first periods of units that were there before and were in no sum."""
        units = self._known.units
        return {first for code, first in self._counted.items() if units[code].valid_from < first_day(first)}

    def lacks(self, period: Period) -> bool:
        """Whether a unit that has begun to send owes a figure, or handed its work over and neither side sent one."""
        return any(
            period not in self._parts[code] and (self._owes(code, period) or self._is_lost(code, period))
            for code, first in self._counted.items()
            if first.kind is period.kind and first <= period
        )

    def silent(self, period: Period) -> int:
        """How many teams the sum may be short of: those that have sent nothing yet, where another had.

        And those that sent nothing for the period and numbers later: a `z` before spoke of its own period only.
        """
        teams, begun = self._teams, self._begun
        waiting = {code for code in teams if code not in begun or period < begun[code]}
        waiting |= {code for code, first in self._counted.items() if period < first and period not in self._parts[code]}
        return sum(self._teams_in(code, period) for code in waiting if self._owes(code, period))

    @cached_property
    def _teams(self) -> Sequence[str]:
        """The teams of which one at least has sent figures; services differ too much to ask it of them."""
        teams = [code for code in self._parts if not self._known.below(code)]
        return teams if any(code in self._counted for code in teams) else []

    def _teams_in(self, code: str, period: Period) -> int:
        """A team is one; of a service, as many as were to be in its first sum and were there in the period."""
        numbers = self._numbers.get(code)
        first = numbers[min(numbers)] if numbers else None
        if first is None or first.units is None:
            return 1
        there = sum(self._owes(one, period) for one in self._known.tree(code) if not self._known.below(one))
        return min((first.units or 1) + first.silent, there)

    def _from_when(self, parts: _Parts) -> dict[str, Period]:
        """From when each unit counts: its first figure, or that of a unit it took over from."""
        begun = {code: min(figures) for code, figures in parts.items() if figures}
        for code in sorted(parts, key=lambda one: self._known.units[one].valid_from):
            for heir in self._known.units[code].successors:
                if code in begun and heir in parts:
                    begun[heir] = min(begun[code], begun.get(heir, begun[code]))
        return begun

    def _owes(self, code: str, period: Period) -> bool:
        """Whether a sum without the unit is open: it was there for all of the period, or left nobody its work."""
        unit, first, last = self._known.units[code], first_day(period), last_day(period)
        if unit.valid_from > first or not unit.in_force(first, last):
            return False
        return unit.valid_to is None or unit.valid_to >= last or not unit.successors

    def _is_lost(self, code: str, period: Period) -> bool:
        """Whether it ended within the period and none of those here that took over has sent a figure of it."""
        unit, last = self._known.units[code], last_day(period)
        if unit.valid_to is None or unit.valid_to >= last or not unit.in_force(first_day(period), last):
            return False
        line = [code]
        for one in line:
            line += [heir for heir in self._known.units[one].successors if heir in self._parts and heir not in line]
        return len(line) > 1 and not any(period in self._parts[heir] for heir in line)


def _counting(figures: _ByPeriod) -> _ByPeriod:
    return {period: one for period, one in figures.items() if one.status is not ValueStatus.z}


def _says_never(figures: _ByPeriod) -> bool:
    """Whether a unit has sent nothing but that it has nothing to send: it owes no figure."""
    return bool(figures) and not _counting(figures)
