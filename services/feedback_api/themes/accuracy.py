"""How well suggestions met what people then decided. Pure.

A theme of one record is right where it was suggested and chosen, wrong where only suggested, missed where only chosen.
Over several themes these are added up (micro average). F1 is 2J / (1 + J) of J = right / (right + wrong + missed), so
J's Wilson limits carried over are its limits. Themes of one record go together, so limits over all themes are a
little too narrow; those of one theme, and of the records met exactly, are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.feedback_api.intervals import Interval, share_interval


@dataclass(frozen=True)
class Judged:
    """Decisions alike: what was suggested, what was chosen, by which classifier, and how many they are."""

    suggested: frozenset[str]
    chosen: frozenset[str]
    classifier: str
    count: int


@dataclass(frozen=True)
class Score:
    """Counts of right, wrong and missed themes, and of the records met exactly."""

    records: int
    exactly: int
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> Interval | None:
        return share_interval(self.right, self.right + self.wrong)

    @property
    def recall(self) -> Interval | None:
        return share_interval(self.right, self.right + self.missed)

    @property
    def exact(self) -> Interval | None:
        return share_interval(self.exactly, self.records)

    @property
    def f1(self) -> Interval | None:
        overlap = share_interval(self.right, self.right + self.wrong + self.missed)
        if overlap is None:
            return None
        return Interval(*(2 * one / (1 + one) for one in (overlap.value, overlap.lower, overlap.upper)))


def score(decisions: Iterable[Judged]) -> Score:
    """All themes together."""
    records = exactly = right = wrong = missed = 0
    for one in decisions:
        records += one.count
        exactly += one.count * (one.suggested == one.chosen)
        right += one.count * len(one.suggested & one.chosen)
        wrong += one.count * len(one.suggested - one.chosen)
        missed += one.count * len(one.chosen - one.suggested)
    return Score(records, exactly, right, wrong, missed)


def score_theme(decisions: Iterable[Judged], theme: str) -> Score:
    """One theme alone: a record is met exactly where the theme was rightly suggested or rightly not."""
    only = frozenset({theme})
    return score(Judged(one.suggested & only, one.chosen & only, one.classifier, one.count) for one in decisions)


def baseline(decisions: list[Judged]) -> tuple[str, Score] | None:
    """What always suggesting the theme chosen most would have come to, known only afterwards: a bar set high."""
    chosen = Counter[str]()
    for one in decisions:
        chosen.update(dict.fromkeys(one.chosen, one.count))
    if not chosen:
        return None
    theme = min(chosen, key=lambda code: (-chosen[code], code))
    return theme, score(Judged(frozenset({theme}), one.chosen, one.classifier, one.count) for one in decisions)
