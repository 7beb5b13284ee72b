"""The answer of the series as charts read it: they are drawn from nothing else, so the two never disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.indicator_api.days import in_words
from services.indicator_api.definitions import Definition
from services.indicator_api.series.known import period_of
from services.indicator_api.series.wording import LESS_BEFORE, shown, summed_words
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

SYMBOLS = {
    ValueStatus.c: "c confidential: hidden because it is small or would give a small one away",
    ValueStatus.z: "z not applicable",
    ValueStatus.x: "x unavailable",
    ValueStatus.k: "k rounds to 0 but is not 0",
    ValueStatus.u: "u low reliability",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One period of one area, with everything the series says of it."""

    period: Period
    value: float | None
    status: ValueStatus | None
    display: str
    lower: float | None
    upper: float | None
    numerator: float | None
    denominator: float | None
    label: str | None
    rules: tuple[str, ...]
    target: float | None
    provisional: bool
    revised: bool
    units: int | None
    missing: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One area's series."""

    code: str
    name: str
    points: tuple[Point, ...]
    segments: tuple[Mapping[str, Any], ...]
    breaks: tuple[Mapping[str, Any], ...]
    assurance: str | None

    @property
    def latest(self) -> Point | None:
        """The last point with a number."""
        return next((one for one in reversed(self.points) if one.value is not None), None)

    def since_break(self) -> list[Point]:
        """The points with a number that may be read on to the latest one."""
        known = [one for one in self.points if one.value is not None]
        starts = [period_of(one["period"]) for one in self.breaks]
        begun = max((start for start in starts if known and start <= known[-1].period), default=None)
        return [one for one in known if begun is None or one.period >= begun]


@dataclass(frozen=True, slots=True)
class Answer:
    """One indicator's series with its comparators, and its definition for words and units."""

    definition: Definition
    lines: tuple[Line, ...]
    comparators: tuple[Mapping[str, Any], ...]
    caveats: tuple[str, ...]

    def shown(self, value: float) -> str:
        return shown(self.definition, value)

    @property
    def unit(self) -> str:
        return str(self.definition.content["unit"])

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense on its axis."""
        return self.definition.measure is Measure.ordinal or (
            self.definition.measure is Measure.count and self.definition.decimal_places == 0
        )

    @property
    def ceiling(self) -> float | None:
        """The most a figure can be, where its definition says so."""
        rule = self.definition.content["quality_rule"] or {}
        return rule.get("maximum")

    @property
    def floor(self) -> float | None:
        rule = self.definition.content["quality_rule"] or {}
        return rule.get("minimum")


def read_answer(definition: Definition, found: Mapping[str, Any]) -> Answer:
    lines = tuple(_line(one) for one in found["areas"])
    parts = [words for line in lines for words in _parts_of_the_whole(line)]
    return Answer(definition, lines, tuple(found["comparators"]), (*parts, *found["caveats"]))


def of_one_kind(answer: Answer) -> Answer:
    """Only the periods of the definition's kind where there are others, of before it changed: an axis has one."""
    kinds = {one.period.kind for one in answer.lines[0].points}
    kind = answer.definition.period_kind
    if len(kinds) < 2 or kind not in kinds:
        return answer

    def alike(code: str) -> bool:
        return period_of(code).kind is kind

    lines = tuple(
        replace(
            line,
            points=tuple(one for one in line.points if one.period.kind is kind),
            segments=tuple(one for one in line.segments if alike(one["from"])),
            breaks=tuple(one for one in line.breaks if alike(one["period"])),
        )
        for line in answer.lines
    )
    others = tuple(
        {**one, "points": [point for point in one["points"] if alike(point["period"])]} for one in answer.comparators
    )
    words = kind.replace("_", " ")
    left_out = f"The definition changed: figures that are not for a {words} are in the series and not drawn."
    return replace(answer, lines=lines, comparators=others, caveats=(*answer.caveats, left_out))


def _parts_of_the_whole(line: Line) -> list[str]:
    """What a reader must know of the latest figure, and of those before that it is seen beside."""
    latest, found = line.latest, []
    if latest is None:
        return []
    if latest.units and latest.missing:
        summed = summed_words(latest.units, latest.missing)
        found.append(f"{line.name}, {in_words(latest.period)}: {summed}. It may be a part of the whole.")
    if any((one.missing or 0) > (latest.missing or 0) for one in line.since_break()):
        found.append(f"{line.name}: {LESS_BEFORE[0].lower()}{LESS_BEFORE[1:]}")
    return found


def _line(found: Mapping[str, Any]) -> Line:
    return Line(
        found["area"],
        found["name"],
        tuple(_point(one) for one in found["points"]),
        tuple(found["segments"]),
        tuple(found["breaks"]),
        found["assurance"],
    )


def _point(found: Mapping[str, Any]) -> Point:
    interval = found["interval"] or {}
    return Point(
        period_of(found["period"]),
        found["value"],
        found["value_status"],
        found["display"],
        interval.get("lower"),
        interval.get("upper"),
        found["numerator"],
        found["denominator"],
        found["label"],
        tuple(found["rules"]),
        found["target"],
        found["provisional"],
        found["revised"],
        found["units"],
        found["units_missing"],
    )


def numbers(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def symbols_in(points: Sequence[Point]) -> list[str]:
    """The symbols that stand among the points, explained."""
    present = {one.status for one in points}
    return [words for status, words in SYMBOLS.items() if status in present]


def source_of(answer: Answer) -> str:
    publisher = answer.definition.published_by
    summed = any(point.units for line in answer.lines for point in line.points)
    if publisher and summed:
        return f"Sources: {publisher}; what is summed over units, the council's own figures."
    return f"Source: {publisher}." if publisher else "Source: the council's own figures."
