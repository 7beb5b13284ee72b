"""The course of a figure from year to year (or any period), with intervals, target and England beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.indicator_api.charts.canvas import BLUE, GREY
from services.indicator_api.charts.figures import Answer, Line, numbers, source_of, symbols_in
from services.indicator_api.charts.page import Chart, Sample, Sheet, Table, letter_sample, line_sample, mark_sample
from services.indicator_api.charts.scales import ordinal
from services.indicator_api.charts.time_plot import (
    Level,
    TimePlot,
    draw_axes,
    draw_breaks,
    draw_course,
    draw_gaps,
    draw_levels,
    draw_revised,
    draw_whiskers,
)
from services.indicator_api.charts.wording import latest_words, remarks, span_of
from services.indicator_api.days import in_words
from services.indicator_api.series.known import period_of
from shared.schemas.periods import Period

TARGET = "#a3123b"
# How the lines of sets are told apart without colour, in the order they are asked for.
_SHAPES = (("diamond", "#4b2e83", "dashed"), ("triangle", "#00703c", "mixed"), ("square", "#7a4b00", "dotted"))
# What stands at the end of a line of several areas' mean, where the name of the set has no room.
_SHORT = {
    "statistical_neighbours": "Neighbours' mean",
    "region": "Region's mean",
    "nation": "Nation's mean",
    "all_authorities": "Mean of all",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A line beside the own one: a single area's figures or the mean of a set's members."""

    name: str
    short: str
    known: Mapping[Period, float]


def draw(answer: Answer, sheet: Sheet) -> Chart:
    """One area's figures; its answer has one line with at least one point."""
    line = answer.lines[0]
    sheet.heading([f"{line.name}, {span_of(line.points)}"])
    beside = _references(answer, line)
    levels = _levels(answer, line, beside)
    others = (one.known.values() for one in beside)
    own = ((one.value, one.lower, one.upper, one.target) for one in line.points)
    values = numbers(chain(chain.from_iterable(own), *others))
    plot = draw_axes(sheet, answer, line, values, levels)
    _draw_target(plot, line)
    for other, (shape, colour, dash) in zip(beside, _SHAPES, strict=False):
        _draw_reference(plot, other.known, shape, colour, dash)
    breaks = draw_breaks(plot, line)
    draw_whiskers(plot, line.points)
    draw_course(plot, line.points, [ordinal(period_of(one["period"])) for one in line.breaks], BLUE)
    for one in line.points:
        if one.value is not None:
            plot.canvas.mark(
                "circle", plot.x(one.period), plot.y(one.value), BLUE, plot.size + 0.5, hollow=one.provisional
            )
    draw_revised(plot, line.points)
    never_sent = draw_gaps(plot, line.points)
    draw_levels(plot, levels, sheet.width - 8 - plot.right - 7)
    sheet.legend(_legend(line, beside))
    symbols = symbols_in(line.points) or (["x unavailable"] if never_sent else [])
    notes = [*breaks, *(["; ".join(symbols) + "."] if symbols else []), *answer.caveats]
    sheet.notes([*notes, source_of(answer)])
    return sheet.finished(_sentence(answer, line, beside), _table(answer, line, beside))


def _references(answer: Answer, line: Line) -> list[Reference]:
    """The sets' figures of the same periods: the single area's, or the mean of the members in force."""
    periods = {one.period for one in line.points}
    found = []
    for one in answer.comparators[: len(_SHAPES)]:
        points = {period_of(point["period"]): point for point in one["points"]}
        single = all(point["mean"] is None for point in points.values())
        known = {period: _number(point) for period, point in points.items() if period in periods}
        values = {period: value for period, value in known.items() if value is not None}
        if values:
            name = one["name"] if single else f"Mean of {one['name']}"
            short = one["name"] if single else _SHORT.get(one["kind"], "Peers' mean")
            found.append(Reference(name, short, dict(sorted(values.items()))))
    return found


def _number(point: Mapping[str, Any]) -> float | None:
    if not point["in_force"]:
        return None
    value: float | None = point["value"] if point["mean"] is None else point["mean"]
    return value


def _levels(answer: Answer, line: Line, beside: Sequence[Reference]) -> list[Level]:
    found: list[Level] = []
    latest = line.latest
    if latest is not None and latest.value is not None:
        found.append(Level(latest.value, f"{line.name} {latest.display}", BLUE))
    for one, (_, colour, _) in zip(beside, _SHAPES, strict=False):
        last = max(one.known)
        # A line that ends early has no words at the right end: they would seem to speak of the last period.
        if last == line.points[-1].period:
            found.append(Level(one.known[last], f"{one.short} {answer.shown(one.known[last])}", colour))
    target = line.points[-1].target
    if target is not None:
        found.append(Level(target, f"Target {answer.shown(target)}", TARGET))
    return found


def _draw_target(plot: TimePlot, line: Line) -> None:
    held = [one for one in line.points if one.target is not None]
    for one in held:
        assert one.target is not None
        x, y = plot.x(one.period), plot.y(one.target)
        plot.canvas.line(x - plot.step / 2, y, x + plot.step / 2, y, TARGET, 1.8, "long")


def _draw_reference(plot: TimePlot, known: Mapping[Period, float], shape: str, colour: str, dash: str) -> None:
    run: list[tuple[float, float]] = []
    previous: int | None = None
    for period, value in [*known.items(), (None, 0.0)]:
        if period is None or (previous is not None and ordinal(period) != previous + 1):
            if len(run) > 1:
                plot.canvas.path(run, colour, 1.4, dash)
            run = []
        if period is not None:
            run.append((plot.x(period), plot.y(value)))
            previous = ordinal(period)
            plot.canvas.mark(shape, *run[-1], colour, plot.size * 0.8)


def _legend(line: Line, beside: Sequence[Reference]) -> list[tuple[Sample, str]]:
    entries: list[tuple[Sample, str]] = [(mark_sample("circle", BLUE), line.name)]
    if any(one.lower is not None for one in line.points):
        entries.append((line_sample(GREY, 1.4, "solid"), "Upright line: 95% interval"))
    if any(one.provisional for one in line.points):
        entries.append((mark_sample("circle", BLUE, hollow=True), "Hollow: provisional"))
    if any(one.revised for one in line.points):
        entries.append((letter_sample("r"), "Revised"))
    entries += [
        (mark_sample(shape, colour, 4), one.name) for one, (shape, colour, _) in zip(beside, _SHAPES, strict=False)
    ]
    if any(one.target is not None for one in line.points):
        entries.append((line_sample(TARGET, 1.8, "long"), "Target"))
    return entries


def _sentence(answer: Answer, line: Line, beside: Sequence[Reference]) -> str:
    parts = [f"{answer.definition.title} in {line.name}, {span_of(line.points)}.", latest_words(answer, line)]
    latest = line.latest
    if latest is not None and latest.value is not None:
        first = line.since_break()[0]
        if first is not latest:
            parts.append(f"It was {first.display} for {in_words(first.period)}.")
        known = [(one.name, one.known[latest.period]) for one in beside if latest.period in one.known]
        parts += [f"{name}: {answer.shown(value)}." for name, value in known]
        if latest.target is not None:
            parts.append(f"The target is {answer.shown(latest.target)}.")
    return " ".join(parts)


def _table(answer: Answer, line: Line, beside: Sequence[Reference]) -> Table:
    columns = ("Period", line.name, "95% interval", *(one.name for one in beside), "Target", "Remark")
    rows = []
    for one in line.points:
        limits = "" if one.lower is None or one.upper is None else interval_text(answer, one.lower, one.upper)
        others = [answer.shown(value) if (value := other.known.get(one.period)) is not None else "" for other in beside]
        target = "" if one.target is None else answer.shown(one.target)
        rows.append((in_words(one.period), one.display, limits, *others, target, remarks(one)))
    periods = tuple(one.period.code for one in line.points)
    return Table(f"{answer.definition.title}, {line.name}", columns, tuple(rows), periods)


def interval_text(answer: Answer, lower: float, upper: float) -> str:
    return f"{answer.shown(lower)} to {answer.shown(upper)}"
