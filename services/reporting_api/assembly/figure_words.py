"""The words a figure is told in: what is good, what its symbol and colour mean, which way it travels."""

from __future__ import annotations

from collections.abc import Sequence

from services.reporting_api.words import counted, in_period, listed, period_words, sentence
from shared.schemas.board_figures import BoardFigure, Rag, Travel
from shared.schemas.figures import Assurance, Polarity, ValueStatus
from shared.schemas.series import IndicatorSeries, SeriesPoint

GOOD = {Polarity.high_is_good: "high", Polarity.low_is_good: "low", Polarity.no_judgement: "no_judgement"}
GOOD_WORDS = {Polarity.high_is_good: "high", Polarity.low_is_good: "low", Polarity.no_judgement: "not judged"}
SIGNALS = {
    "special_cause_improvement": "significantly better than usual",
    "special_cause_concern": "significantly worse than usual",
    "special_cause_neutral_high": "significantly higher than usual",
    "special_cause_neutral_low": "significantly lower than usual",
}
STATUS_WORDS = {
    ValueStatus.c: "hidden because it is small, or would give a small number away",
    ValueStatus.z: "not applicable",
    ValueStatus.x: "not available",
    ValueStatus.k: "rounds to nought and is more",
    ValueStatus.u: "of low reliability",
}
TRAVEL_WORDS: dict[Travel, str] = {
    "improving": "improving",
    "worsening": "worsening",
    "no_change": "no change",
    "rising": "rising",
    "falling": "falling",
    "unknown": "not known",
}
RAG_WORDS: dict[Rag, str] = {
    "green": "green: meets the target",
    "amber": "amber: misses the target within its tolerance",
    "red": "red: misses the target",
    "none": "no target",
}
ASSURANCE_WORDS = {
    Assurance.consistent_pass: "as it runs now it can be expected to meet the target",
    Assurance.consistent_fail: "as it runs now it will miss the target",
    Assurance.inconsistent: "as it runs now it may or may not meet the target",
}
_COMPARED = {
    "improving": "an improvement from",
    "worsening": "worse than",
    "rising": "up from",
    "falling": "down from",
    "no_change": "unchanged from",
}
_LESS_BEFORE = "Some earlier figures lack more teams than this one, so they may be a smaller part of the whole."
_MET = {"green": "is met", "amber": "is missed, within its tolerance of {tolerance}", "red": "is missed"}


def status_words(status: ValueStatus | None) -> str | None:
    return STATUS_WORDS[status] if status else None


def rag_words(rag: Rag, target: float | None) -> str:
    """What the colour means; a target without a judgement is one nobody can miss."""
    if rag == "none" and target is not None:
        return "not judged against the target"
    return RAG_WORDS[rag]


def caveats_of(series: IndicatorSeries, points: Sequence[SeriesPoint], *, old: bool) -> list[str]:
    """What a reader must know of the first of these figures, the newest, then of every figure of the measure."""
    latest = points[0]
    own = [
        words
        for words, applies in (
            (f"Latest published: {period_words(latest.period)}.", old),
            ("Provisional.", latest.provisional),
            ("Revised since it was first published.", latest.revised),
            (_part_of_the_whole(latest), latest.value is not None and bool(latest.units_missing)),
            (_LESS_BEFORE, latest.value is not None and _lacked_more(points)),
        )
        if applies
    ]
    return [*own, *series.caveats]


def _part_of_the_whole(latest: SeriesPoint) -> str:
    units, missing = counted(latest.units or 0, "unit"), counted(latest.units_missing or 0, "more team")
    return f"Summed from {units}; {missing} sent no figure up to then, so it may be a part of the whole."


def _lacked_more(points: Sequence[SeriesPoint]) -> bool:
    least = points[0].units_missing or 0
    return any(one.value is not None and (one.units_missing or 0) > least for one in points)


def sentence_of(figure: BoardFigure, before: SeriesPoint | None, *, old: bool) -> str:
    """The figure in one sentence: now, before, beside others, against the target."""
    if figure.value is None:
        return sentence(f"{figure.title}: hidden {in_period(figure.period)} because it is small")
    parts = [f"{figure.title}: {figure.display} {in_period(figure.period)}{' (the latest published)' if old else ''}"]
    if before is not None and figure.direction_of_travel in _COMPARED:
        parts.append(f", {_COMPARED[figure.direction_of_travel]} {before.display} {in_period(before.period)}")
    if figure.comparisons:
        parts.append(f"; {listed([f'{one.name} {one.display}' for one in figure.comparisons])}")
    if figure.rag != "none" and figure.target_display:
        target, _, tolerance = figure.target_display.partition(", within ")
        parts.append(f"; the target of {target} {_MET[figure.rag].format(tolerance=tolerance)}")
    return sentence("".join(parts))
