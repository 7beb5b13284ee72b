"""The control chart: points, mean, limits, target and signals, as NHS Making Data Count draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from services.indicator_api.charts.canvas import BLUE, GREY, INK, NEUTRAL, ORANGE, PALE, PURPLE
from services.indicator_api.charts.figures import Answer, Line, Point, numbers, source_of, symbols_in
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
)
from services.indicator_api.charts.wording import (
    ASSURANCE,
    LABELS,
    counted,
    label_words,
    latest_words,
    remarks,
    span_of,
)
from services.indicator_api.days import in_words
from services.indicator_api.series.known import period_of
from services.indicator_api.statistics.spc import ENOUGH_FOR_LIMITS
from shared.schemas.periods import Period

TARGET = "#a3123b"
# Shape and colour of each label: shape alone tells them apart on a grey print.
MARKS = {
    "common_cause": ("circle", NEUTRAL),
    "special_cause_improvement": ("square", BLUE),
    "special_cause_concern": ("triangle", ORANGE),
    "special_cause_neutral_high": ("diamond", PURPLE),
    "special_cause_neutral_low": ("diamond", PURPLE),
}
_WORDS = {
    "common_cause": "Common cause: what chance would explain",
    "special_cause_improvement": "Special cause: improvement",
    "special_cause_concern": "Special cause: concern",
    "special_cause_neutral_high": "Special cause: high, neither good nor bad",
    "special_cause_neutral_low": "Special cause: low, neither good nor bad",
}
_LIMITS = (("mean", GREY, 1.6, "solid"), ("upl", INK, 1.2, "dashed"), ("lpl", INK, 1.2, "dashed"),
           ("near_upl", PALE, 1.2, "dotted"), ("near_lpl", PALE, 1.2, "dotted"))  # fmt: skip
Segment = Mapping[str, Any]


def draw(answer: Answer, sheet: Sheet) -> Chart:
    """One area's control chart; its answer has one line with at least one point."""
    line = answer.lines[0]
    sheet.heading([f"{line.name}, {span_of(line.points)}", *([ASSURANCE[line.assurance]] if line.assurance else [])])
    levels = _levels(answer, line)
    drawn = [_inside(answer, one) for one in line.segments]
    limits = [one[name] for one in drawn for name, *_ in _LIMITS]
    targets = [one.target for one in line.points]
    values = numbers(chain((one.value for one in line.points), limits, targets))
    plot = draw_axes(sheet, answer, line, values, levels)
    for one in drawn:
        _draw_segment(plot, one)
    _draw_target(plot, line.points)
    breaks = draw_breaks(plot, line)
    starts = [ordinal(period_of(one["from"])) for one in line.segments]
    draw_course(plot, line.points, starts)
    _draw_points(plot, line.points)
    draw_revised(plot, line.points)
    never_sent = draw_gaps(plot, line.points)
    draw_levels(plot, levels, sheet.width - 8 - plot.right - 7)
    sheet.legend(_legend(line))
    sheet.notes([*breaks, *_notes(answer, line, never_sent=never_sent)])
    return sheet.finished(_sentence(answer, line), _table(answer, line))


def _inside(answer: Answer, segment: Segment) -> Segment:
    """The segment without the limits that no figure could reach."""
    found = dict(segment)
    for name in ("lpl", "near_lpl"):
        if found[name] is not None and answer.floor is not None and found[name] < answer.floor:
            found[name] = None
    for name in ("upl", "near_upl"):
        if found[name] is not None and answer.ceiling is not None and found[name] > answer.ceiling:
            found[name] = None
    return found


def _levels(answer: Answer, line: Line) -> list[Level]:
    """What is written at the right end: the last limits and the latest target."""
    found: list[Level] = []
    if line.segments:
        last = _inside(answer, line.segments[-1])
        for name, words in (("upl", "Upper limit"), ("mean", "Mean"), ("lpl", "Lower limit")):
            if last[name] is not None and (name == "mean" or last["upl"] != last["lpl"]):
                found.append(Level(last[name], f"{words} {answer.shown(last[name])}"))
    target = line.points[-1].target
    if target is not None:
        found.append(Level(target, f"Target {answer.shown(target)}", TARGET))
    return found


def _draw_segment(plot: TimePlot, segment: Segment) -> None:
    left = plot.x(period_of(segment["from"])) - plot.step / 2
    right = plot.x(period_of(segment["to"])) + plot.step / 2
    for name, colour, width, dash in _LIMITS:
        if segment[name] is not None:
            y = plot.y(segment[name])
            plot.canvas.line(left, y, right, y, colour, width, dash)


def _draw_target(plot: TimePlot, points: Sequence[Point]) -> None:
    """The target as it held from period to period."""
    run: list[Point] = []
    for one in [*points, None]:
        if run and (one is None or one.target != run[-1].target):
            y = plot.y(run[-1].target or 0.0)
            left, right = plot.x(run[0].period) - plot.step / 2, plot.x(run[-1].period) + plot.step / 2
            plot.canvas.line(left, y, right, y, TARGET, 1.8, "long")
            run = []
        if one is not None and one.target is not None:
            run.append(one)


def _draw_points(plot: TimePlot, points: Sequence[Point]) -> None:
    # What stands out is drawn last, so that nothing hides it.
    known = [one for one in points if one.value is not None]
    for one in sorted(known, key=lambda one: one.label not in (None, "common_cause")):
        assert one.value is not None
        shape, colour = MARKS[one.label or "common_cause"]
        larger = 1.15 if shape != "circle" else 1.0
        plot.canvas.mark(
            shape, plot.x(one.period), plot.y(one.value), colour, plot.size * larger, hollow=one.provisional
        )


def _legend(line: Line) -> list[tuple[Sample, str]]:
    present = {one.label or "common_cause" for one in line.points if one.value is not None}
    shown = [label for label in LABELS if label in present]
    entries = [(mark_sample(*MARKS[label]), _WORDS[label]) for label in shown]
    if any(one.provisional for one in line.points):
        entries.append((mark_sample("circle", NEUTRAL, hollow=True), "Hollow: provisional"))
    if any(one.revised for one in line.points):
        entries.append((letter_sample("r"), "Revised"))
    if any(one["mean"] is not None for one in line.segments):
        entries.append((line_sample(GREY, 1.6, "solid"), "Mean"))
    if any(one["upl"] is not None and one["upl"] != one["lpl"] for one in line.segments):
        entries.append((line_sample(INK, 1.2, "dashed"), "Process limits"))
        entries.append((line_sample(PALE, 1.6, "dotted"), "Near limits, two thirds of the way"))
    if any(one.target is not None for one in line.points):
        entries.append((line_sample(TARGET, 1.8, "long"), "Target"))
    return entries


def _notes(answer: Answer, line: Line, *, never_sent: bool) -> list[str]:
    broken = {one["period"] for one in line.breaks}
    rebased = [period_of(one["from"]) for one in line.segments[1:] if one["from"] not in broken]
    found = [f"Limits are worked out anew from {in_words(period)}." for period in rebased]
    if line.segments and _inside(answer, line.segments[-1]) != dict(line.segments[-1]):
        found.append("A limit that no figure could reach is not drawn.")
    found += _trust(line.segments[-1]) if line.segments else []
    symbols = symbols_in(line.points)
    if never_sent and not any(one.startswith("x") for one in symbols):
        symbols.append("x unavailable")
    if symbols:
        found.append("; ".join(symbols) + ".")
    return [*found, *answer.caveats, source_of(answer)]


def _trust(segment: Segment) -> list[str]:
    """How far the last limits can be trusted."""
    if segment["reason"] == "no_variation":
        return ["The figures do not vary, so there are no limits."]
    if segment["upl"] is None:
        return ["There are too few figures for limits."]
    if segment["trial_limits"]:
        figures = counted(segment["n"], "figure", "figures")
        return [f"Trial limits: they rest on {figures}, and {ENOUGH_FOR_LIMITS} are needed to trust them."]
    return []


def _sentence(answer: Answer, line: Line) -> str:
    definition = answer.definition
    special = sum(one.label not in (None, "common_cause") for one in line.points)
    parts = [
        f"Control chart of {definition.title} in {line.name}, {span_of(line.points)},"
        f" {counted(sum(one.value is not None for one in line.points), 'figure', 'figures')}.",
        latest_words(answer, line),
        _where(answer, line),
    ]
    if line.segments and line.segments[-1]["upl"] is not None:
        points = counted(special, "point shows", "points show")
        parts.append(f"{points} special cause." if special else "No point shows special cause.")
    if line.assurance:
        parts.append(ASSURANCE[line.assurance])
    return " ".join(part for part in parts if part)


def _where(answer: Answer, line: Line) -> str:
    """Where the latest figure lies in its limits and what it signals."""
    latest = line.latest
    segment = line.segments[-1] if line.segments else None
    if latest is None or segment is None or segment["upl"] is None or latest.value is None:
        return ""
    usual = f"{answer.shown(segment['lpl'])} to {answer.shown(segment['upl'])}, around a mean of"
    side = "above" if latest.value > segment["upl"] else "below" if latest.value < segment["lpl"] else "within"
    signal = f" Signal: {label_words(latest)}." if latest.rules else ""
    return f"It lies {side} the usual range of {usual} {answer.shown(segment['mean'])}.{signal}"


def _table(answer: Answer, line: Line) -> Table:
    columns = ("Period", "Figure", "Mean", "Lower limit", "Upper limit", "Target", "Signal", "Remark")
    rows = []
    for one in line.points:
        segment = _segment_of(line, one.period)
        limits = [segment[name] if segment else None for name in ("mean", "lpl", "upl")]
        cells = ["" if value is None else answer.shown(value) for value in (*limits, one.target)]
        rows.append((in_words(one.period), one.display, *cells, label_words(one), remarks(one)))
    periods = tuple(one.period.code for one in line.points)
    return Table(f"{answer.definition.title}, {line.name}", columns, tuple(rows), periods)


def _segment_of(line: Line, period: Period) -> Segment | None:
    return next(
        (one for one in line.segments if period_of(one["from"]) <= period <= period_of(one["to"])),
        None,
    )
