"""What validation rules look at, and what they say of it: plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from services.indicator_api.definitions import Definition
from services.indicator_api.series.known import Known
from shared.schemas.periods import Period

TOTAL = ""


class RuleName(StrEnum):
    """The rules a figure can break without being refused."""

    numerator_over_denominator = "numerator_over_denominator"
    outside_range = "outside_range"
    not_whole = "not_whole"
    not_its_parts = "not_its_parts"
    without_counts = "without_counts"
    sudden_change = "sudden_change"
    unchanged = "unchanged"
    sum_of_parts = "sum_of_parts"
    missing_parts = "missing_parts"
    after_closing = "after_closing"


@dataclass(frozen=True)
class Subject:
    """One indicator in one place up to a period: its figures by breakdown ('' is the total), in order of periods.

    They are as the caller may know them. `closed` tells when a place closed: this one, or a unit of a breakdown.
    """

    definition: Definition
    area: str
    name: str
    period: Period
    series: Mapping[str, Sequence[Known]]
    closed: Mapping[str, date] = field(default_factory=dict)

    @cached_property
    def _by_period(self) -> dict[tuple[str, Period], Known]:
        return {(breakdown, one.period): one for breakdown, figures in self.series.items() for one in figures}

    def at(self, breakdown: str, period: Period | None) -> Known | None:
        """The figure of a period, where there is one."""
        return None if period is None else self._by_period.get((breakdown, period))

    @property
    def rule(self) -> Mapping[str, Any]:
        """What the definition declares; content applied before there were these words lacks some."""
        return self.definition.content.get("quality_rule") or {}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One rule a figure breaks: what it is set against, and which parts are concerned."""

    rule: RuleName
    breakdown: str
    figure: Known
    reference: float | None = None
    before: Known | None = None
    periods: int | None = None
    parts: tuple[str, ...] = ()
