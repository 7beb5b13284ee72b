"""A wave's counts, with what is hidden of them and what of them goes on the wire. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from services.feedback_api.intervals import Interval, share_interval
from services.feedback_api.surveys.counting import Asked, Cell, Counted, Item
from services.feedback_api.surveys.protection import (
    Distribution,
    Part,
    Parts,
    add_up,
    distributions,
    hidden_answers,
    hidden_parts,
    parts_of,
)
from services.feedback_api.surveys.result_schemas import EstimateOut, QuestionShareOut
from services.feedback_api.surveys.wave_queries import Held
from shared.schemas.figures import round_figure
from shared.suppression import is_small

N = TypeVar("N")
_KEPT = 2_000
_known: dict[Hashable, dict[Part, frozenset[str]]] = {}


def _hidden_answers(
    item: Item, counts: dict[Part, Distribution], parts: Parts, threshold: int, gone: frozenset[Part]
) -> dict[Part, frozenset[str]]:
    """What is hidden of an item, found once for the same counts: a closed wave of many units is asked for often."""
    key = (
        threshold, gone, item.answers, item.top, parts.sums,
        tuple(sorted((part, tuple(one.items())) for part, one in counts.items())),
    )  # fmt: skip
    found = _known.get(key)
    if found is None:
        if len(_known) >= _KEPT:
            _known.pop(next(iter(_known)), None)
        found = _known[key] = hidden_answers(item, counts, parts, threshold, gone)
    return found


@dataclass(frozen=True)
class Told:
    """A wave's counts with what is hidden of them; without a threshold nothing is."""

    held: Held
    items: list[Item]
    counted: Counted
    threshold: int | None
    _memo: dict[Asked, tuple[dict[Part, Distribution], dict[Part, frozenset[str]]]] = field(default_factory=dict)

    @cached_property
    def parts(self) -> Parts:
        return parts_of(self.counted, self.held.wave["unit"], self.held.wave["respondent_groups"])

    @cached_property
    def responses(self) -> dict[Part, int]:
        return add_up(self.parts, self.counted.responses)

    @cached_property
    def populations(self) -> dict[Part, int]:
        return add_up(self.parts, self.counted.populations)

    @cached_property
    def hidden(self) -> frozenset[Part]:
        """The parts of which nothing is told."""
        if self.threshold is None:
            return frozenset()
        return hidden_parts(self.responses, self.parts, self.threshold, frozenset())

    @cached_property
    def hidden_populations(self) -> frozenset[Part]:
        """The parts of which it is not told how many could answer: few, or few who did not."""
        if self.threshold is None:
            return frozenset()
        silent = {part: self.populations[part] - count for part, count in self.responses.items()}
        telling = frozenset(part for part, count in silent.items() if is_small(count, self.threshold))
        return hidden_parts(self.populations, self.parts, self.threshold, telling)

    def item(self, item: Item, part: Part) -> tuple[Distribution, frozenset[str]]:
        """How an item was answered in a part, and which of its counts are hidden."""
        if item.asked not in self._memo:
            counts = distributions(self.parts, item, self.counted.marks.get(item.asked, {}))
            found: dict[Part, frozenset[str]] = {}
            if self.threshold is not None:
                found = _hidden_answers(item, counts, self.parts, self.threshold, self.hidden)
            self._memo[item.asked] = counts, found
        counts, hidden = self._memo[item.asked]
        return counts[part], frozenset() if self.threshold is None else hidden[part]

    def asks(self, item: Item, part: Part) -> bool:
        return part[0] != "group" or part[1] in item.groups


def estimate(interval: Interval | None, factor: float = 1.0, digits: int = 1) -> EstimateOut | None:
    """An interval on the wire."""
    if interval is None:
        return None
    value, lower, upper = (float(round_figure(one * factor, digits)) for one in interval)
    return EstimateOut(value=value, lower=lower, upper=upper)


def share(count: int, of: int, *, hide: bool = False) -> QuestionShareOut:
    """A share in per cent; nothing of it where it is hidden."""
    if hide:
        return QuestionShareOut(count=None, of=None, estimate=None, value_status="c")
    known = 0 <= count <= of
    return QuestionShareOut(count=count, of=of, estimate=estimate(share_interval(count, of), 100) if known else None)


def of_group(told: Told, group: str) -> Told:
    """The same of one group alone, whose units can then be told apart: for who may see everything."""
    counted = told.counted

    def only(counts: Mapping[Cell, N]) -> dict[Cell, N]:
        return {cell: count for cell, count in counts.items() if cell.group == group}

    marks = {asked: only(cells) for asked, cells in counted.marks.items()}
    cells = replace(counted, responses=only(counted.responses), populations=only(counted.populations), marks=marks)
    return Told(told.held, [item for item in told.items if group in item.groups], cells, told.threshold)
