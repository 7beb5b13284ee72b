"""The plot of a series over time: axes, gaps with their symbols, breaks, and labels that do not run into each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from services.indicator_api.charts.canvas import GREY, INK, RULE, Canvas
from services.indicator_api.charts.figures import Answer, Line, Point, numbers
from services.indicator_api.charts.page import MARGIN, Sheet
from services.indicator_api.charts.scales import (
    Scale,
    axis_name,
    in_words_of,
    ordinal,
    period_text,
    period_ticks,
    tick_text,
    value_ticks,
)
from services.indicator_api.charts.text import shorten, spread, width_of
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

_SMALL, _LABEL = 12, 12
_GAP_OF_LABELS = 15
# A run of gaps longer than this has one symbol in its middle.
_LONGEST_RUN, _ROOM_OF_SYMBOL = 12, 11


@dataclass(frozen=True, slots=True)
class Level:
    """A line of the plot with the words at its right end."""

    value: float
    words: str
    colour: str = INK


@dataclass(frozen=True, slots=True)
class TimePlot:
    """Where periods and values lie."""

    canvas: Canvas
    left: float
    right: float
    top: float
    bottom: float
    first: int
    step: float
    scale: Scale

    def x(self, period: Period) -> float:
        return self.left + (ordinal(period) - self.first + 0.5) * self.step

    def y(self, value: float) -> float:
        return self.scale.at(value)

    def clipped(self, value: float) -> float:
        """The place of a value, at the edge where it lies outside."""
        return min(max(self.y(value), self.top), self.bottom)

    @property
    def size(self) -> float:
        """How large a point may be before it hides its neighbours."""
        return 4.5 if self.step >= 14 else 3.5 if self.step >= 8 else 2.6


def draw_axes(
    sheet: Sheet, answer: Answer, line: Line, values: Iterable[float], levels: Sequence[Level], height: float = 280
) -> TimePlot:
    """Axes for the series and its levels; the sheet goes on below them."""
    group = sheet.canvas.group("plot")
    known = numbers(values)
    ticks = value_ticks(known, 6, from_zero=False, ceiling=answer.ceiling, whole=answer.whole)
    words = tick_words(answer, ticks) if known else []
    unit = caption_of(answer, ticks)
    if unit and known:
        sheet.y += 12
        group.text(MARGIN, sheet.y, shorten(unit, sheet.room, _SMALL), _SMALL, colour=GREY)
    # The numbers of breaks stand above the plot.
    top = sheet.y + (36 if line.breaks else 16)
    left = MARGIN + max([width_of(one, _SMALL) for one in words] or [0]) + 8
    labels = max([width_of(one.words, _LABEL) for one in levels] or [0])
    right = sheet.width - MARGIN - min(labels + 10 if levels else 0, sheet.width * 0.34)
    bottom = top + height
    periods = [one.period for one in line.points]
    first, last = periods[0], periods[-1]
    step = (right - left) / (ordinal(last) - ordinal(first) + 1)
    plot = TimePlot(group, left, right, top, bottom, ordinal(first), step, Scale(ticks, bottom, top))
    for tick, word in zip(ticks, words, strict=False):
        group.line(left, plot.y(tick), right, plot.y(tick), RULE)
        group.text(left - 6, plot.y(tick) + 4, word, _SMALL, "end", GREY)
    group.line(left, bottom, right, bottom, GREY)
    if line.latest is None:
        group.text((left + right) / 2, bottom - 40, "No figure can be shown", 15, "middle", GREY, halo=True)
    _period_axis(plot, first, last)
    sheet.y = bottom + 24
    name = axis_name(first.kind)
    if name:
        sheet.y += 12
        group.text((left + right) / 2, sheet.y, name, _SMALL, "middle", GREY)
        sheet.y += 6
    return plot


def _period_axis(plot: TimePlot, first: Period, last: Period) -> None:
    widest = max(width_of(period_text(one), _SMALL) for one in (first, last)) + 14
    for period in period_ticks(first, last, plot.right - plot.left, widest):
        x, words = plot.x(period), period_text(period)
        half = width_of(words, _SMALL) / 2
        plot.canvas.line(x, plot.bottom, x, plot.bottom + 5, GREY)
        at = min(max(x, MARGIN + half), plot.right + half)
        plot.canvas.text(at, plot.bottom + 18, words, _SMALL, "middle", GREY)


def tick_words(answer: Answer, ticks: Sequence[float]) -> list[str]:
    """The labels of the value axis: grades by name, money with its sign, large numbers divided."""
    definition = answer.definition
    if definition.measure is Measure.ordinal:
        names = {grade["order"]: grade["label"] for grade in (definition.content["scale"] or {"grades": []})["grades"]}
        return [str(names.get(tick, "")) for tick in ticks]
    unit, _ = in_words_of(ticks)
    before = "£" if definition.measure is Measure.money else ""
    after = "%" if definition.measure is Measure.percentage and answer.unit == "%" else ""
    step = (ticks[1] - ticks[0]) / unit
    return [tick_text(tick / unit, step, before=before, after=after) for tick in ticks]


def caption_of(answer: Answer, ticks: Sequence[float]) -> str:
    """What the value axis counts."""
    _, word = in_words_of(ticks)
    if answer.definition.measure is Measure.ordinal or answer.unit in ("%", "£"):
        return word.capitalize()
    unit = answer.unit[:1].upper() + answer.unit[1:]
    return f"{unit} ({word})" if word else unit


def draw_levels(plot: TimePlot, levels: Sequence[Level], room: float) -> None:
    """The words at the right of lines, apart from each other."""
    inside = [plot.clipped(one.value) for one in levels]
    for level, y in zip(levels, spread(inside, _GAP_OF_LABELS, plot.top, plot.bottom - 4), strict=True):
        words = shorten(level.words, room, _LABEL)
        plot.canvas.text(plot.right + 7, y + 4, words, _LABEL, colour=level.colour)


def draw_course(plot: TimePlot, points: Sequence[Point], breaks: Iterable[int], colour: str = GREY) -> None:
    """The line that joins points in a row: never across a gap or a break."""
    starts = set(breaks)
    run: list[tuple[float, float]] = []
    previous: int | None = None
    for one in points:
        place = ordinal(one.period)
        joined = previous is not None and place == previous + 1 and place not in starts
        if (one.value is None or not joined) and len(run) > 1:
            plot.canvas.path(run, colour, 1.4)
        if one.value is None:
            run, previous = [], None
            continue
        run = [*(run if joined else []), (plot.x(one.period), plot.y(one.value))]
        previous = place
    if len(run) > 1:
        plot.canvas.path(run, colour, 1.4)


def draw_gaps(plot: TimePlot, points: Sequence[Point]) -> bool:
    """The symbol of each figure that is not there, at the foot of the plot; whether any period was never sent."""
    absent = [(ordinal(one.period), str(one.status)) for one in points if one.value is None]
    sent = [ordinal(one.period) for one in points]
    never = [place for before, after in pairwise(sent) for place in range(before + 1, after)]
    absent = sorted([*absent, *((place, str(ValueStatus.x)) for place in never)])
    for symbol, run in _runs(absent):
        alone = len(run) > 1 and (len(run) > _LONGEST_RUN or plot.step < _ROOM_OF_SYMBOL)
        for place in [(run[0] + run[-1]) / 2] if alone else run:
            x = plot.left + (place - plot.first + 0.5) * plot.step
            plot.canvas.text(x, plot.bottom - 6, symbol, 13, "middle", INK, bold=True)
    return bool(never)


def _runs(absent: Sequence[tuple[int, str]]) -> list[tuple[str, list[int]]]:
    numbered = [(place - number, place, symbol) for number, (place, symbol) in enumerate(absent)]
    grouped = groupby(numbered, key=lambda one: (one[0], one[2]))
    return [(symbol, [place for _, place, _ in run]) for (_, symbol), run in grouped]


def draw_breaks(plot: TimePlot, line: Line) -> list[str]:
    """A numbered marker where the series must not be read across, and its reason for the notes."""
    notes: list[str] = []
    marked: set[int] = set()
    last = round((plot.right - plot.left) / plot.step) + plot.first
    for one in line.breaks:
        place = ordinal(Period.parse(one["period"]))
        notes.append(f"{len(notes) + 1}. {one['reason']}")
        if place in marked:
            continue
        marked.add(place)
        x = plot.left + (min(max(place, plot.first), last) - plot.first) * plot.step
        plot.canvas.line(x, plot.top - 11, x, plot.bottom, INK, 1.5, "mixed")
        plot.canvas.add("circle", cx=x, cy=plot.top - 19, r=8, fill="#ffffff", stroke=INK, stroke_width=1.2)
        plot.canvas.text(x, plot.top - 15, str(len(notes)), 11, "middle", bold=True)
    return notes


def draw_whiskers(plot: TimePlot, points: Iterable[Point], colour: str = GREY) -> None:
    """95% intervals."""
    for one in points:
        if one.value is None or one.lower is None or one.upper is None:
            continue
        x, low, high = plot.x(one.period), plot.clipped(one.lower), plot.clipped(one.upper)
        plot.canvas.line(x, low, x, high, colour, 1.2)
        for end in (low, high):
            plot.canvas.line(x - 3, end, x + 3, end, colour, 1.2)


def draw_revised(plot: TimePlot, points: Iterable[Point]) -> None:
    """An r above each figure of which an earlier value was published."""
    for one in points:
        if one.revised and one.value is not None:
            plot.canvas.text(plot.x(one.period), plot.y(one.value) - plot.size - 5, "r", 12, "middle", halo=True)
