"""The course of one measure over the periods a report tells of: control limits, target, breaks, and what stands out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from services.reporting_api.renders.drawing import (
    BAD,
    BAND,
    BLUE,
    GOOD,
    GREY,
    INK,
    NEUTRAL,
    RULE,
    TARGET,
    WIDTH,
    Chart,
    Drawing,
    tick_words,
    ticks,
)
from services.reporting_api.renders.wording import GOOD_IS, travel_words
from services.reporting_api.words import in_period, period_short, sentence
from shared.schemas.board_figures import BoardFigure, TrendPoint
from shared.schemas.figures import Measure

_LEFT, _RIGHT, _HEIGHT = 44.0, WIDTH - 58.0, 128.0
_SIGNALS = {"better": ("square", GOOD), "worse": ("diamond", BAD)}


class _Plot:
    """Where a period and a value lie on the drawing."""

    def __init__(self, drawing: Drawing, points: Sequence[TrendPoint]) -> None:
        known = [value for one in points for value in _values(one) if value is not None]
        self.drawing, self.points = drawing, points
        self.ticks = ticks(known)
        self.top, self.bottom = drawing.y, drawing.y + _HEIGHT
        self.step = (_RIGHT - _LEFT) / len(points)

    def x(self, place: int) -> float:
        return _LEFT + (place + 0.5) * self.step

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (value - low) / (high - low) * _HEIGHT


def trend_points(figure: BoardFigure) -> list[TrendPoint]:
    """The trend as told, or what can be drawn from the earlier figures beside this one."""
    if figure.trend:
        return list(figure.trend)
    now = TrendPoint(
        period=figure.period, label=figure.period_label, value=figure.value, value_status=figure.value_status,
        display=figure.display, target=figure.target,
    )  # fmt: skip
    return [*(TrendPoint.model_validate(one.model_dump()) for one in reversed(figure.previous)), now]


def trend_chart(section: str, figure: BoardFigure) -> Chart | None:
    """None where fewer than two figures can be shown: a dot is no course."""
    points = _within_reach(figure, trend_points(figure))
    if sum(one.value is not None for one in points) < 2:
        return None
    drawing = Drawing()
    drawing.heading(figure.title, f"{figure.unit}; {GOOD_IS[figure.good_is]}")
    plot = _Plot(drawing, points)
    _draw_limits(plot)
    _draw_axes(plot)
    _draw_target(plot)
    _draw_course(plot)
    _draw_latest(plot)
    drawing.y = plot.bottom + 20
    _draw_key(drawing, points)
    code = f"{section}.{figure.indicator}.trend"
    words = _description(figure, points)
    rows = [_row(one) for one in points]
    columns = ("Period", "Figure", "Control limits", "Target", "Remark")
    return Chart(
        code, section, "trend", figure.title, words, drawing.finished(code, figure.title, words), columns, rows
    )


def _within_reach(figure: BoardFigure, points: Sequence[TrendPoint]) -> list[TrendPoint]:
    """Without limits that no figure can come to: they are reckoned, and may lie below nought or above 100%."""
    known = [value for one in points for value in (one.value, one.target) if value is not None]
    least = 0.0 if min(known, default=0.0) >= 0 else -math.inf
    most = 100.0 if figure.measure is Measure.percentage and max(known, default=0.0) <= 100 else math.inf

    def kept(limit: float | None) -> float | None:
        return limit if limit is not None and least <= limit <= most else None

    ends = ("lower_limit", "upper_limit")
    return [one.model_copy(update={end: kept(getattr(one, end)) for end in ends}) for one in points]


def _values(one: TrendPoint) -> Iterator[float | None]:
    yield from (one.value, one.target, one.lower_limit, one.upper_limit, one.mean)


def _draw_limits(plot: _Plot) -> None:
    """A band for each run of periods that share limits, and the mean through it."""
    numbered = enumerate(plot.points)
    for limits, run in groupby(numbered, key=lambda one: (one[1].lower_limit, one[1].mean, one[1].upper_limit)):
        low, mean, high = limits
        places = [place for place, _ in run]
        left, right = plot.x(places[0]) - plot.step / 2, plot.x(places[-1]) + plot.step / 2
        edges = [value for value in (low, high) if value is not None]
        if edges:
            top = plot.y(plot.ticks[-1] if high is None else high)
            bottom = plot.y(plot.ticks[0] if low is None else low)
            plot.drawing.area([(left, top), (right, top), (right, bottom), (left, bottom)], BAND)
            for value in edges:
                plot.drawing.line((left, plot.y(value)), (right, plot.y(value)), "#8fa9c0", 1, "3 3")
        if mean is not None:
            plot.drawing.line((left, plot.y(mean)), (right, plot.y(mean)), "#8fa9c0", 1)


def _draw_axes(plot: _Plot) -> None:
    drawing = plot.drawing
    for value, words in zip(plot.ticks, tick_words(plot.ticks), strict=True):
        y = plot.y(value)
        drawing.line((_LEFT, y), (_RIGHT, y), RULE, 0.7)
        drawing.text(_LEFT - 6, y + 4, words, 10.5, "end", GREY)
    last = len(plot.points) - 1
    shown = {0, last, *([last // 2] if last >= 4 else [])}
    for place in sorted(shown):
        x = plot.x(place)
        drawing.line((x, plot.bottom), (x, plot.bottom + 4), GREY)
        drawing.text(x, plot.bottom + 16, period_short(plot.points[place].period), 10.5, "middle", GREY)
    for place, one in enumerate(plot.points):
        if one.value is None:
            drawing.text(plot.x(place), plot.bottom - 5, str(one.value_status or "x"), 11, "middle", bold=True)
        if one.break_before and place:
            x = plot.x(place) - plot.step / 2
            drawing.line((x, plot.top), (x, plot.bottom), INK, 1, "8 3 2 3")


def _draw_target(plot: _Plot) -> None:
    for place, one in enumerate(plot.points):
        if one.target is not None:
            x, y = plot.x(place), plot.y(one.target)
            plot.drawing.line((x - plot.step / 2, y), (x + plot.step / 2, y), TARGET, 1.6, "6 3")
    last = plot.points[-1]
    if last.target is not None and (last.value is None or abs(plot.y(last.target) - plot.y(last.value)) > 12):
        plot.drawing.text(_RIGHT + 4, plot.y(last.target) + 4, "target", 10.5, colour=TARGET)


def _draw_course(plot: _Plot) -> None:
    """Only neighbours are joined: never across a gap, and never across a break."""
    run: list[tuple[float, float]] = []
    for place, one in enumerate(plot.points):
        if one.value is None or (one.break_before and place):
            _join(plot, run)
            run = []
        if one.value is not None:
            run.append((plot.x(place), plot.y(one.value)))
    _join(plot, run)
    for place, one in enumerate(plot.points):
        if one.value is not None:
            shape, colour = _mark(one)
            plot.drawing.mark(shape, plot.x(place), plot.y(one.value), colour, hollow=one.provisional)


def _join(plot: _Plot, run: Sequence[tuple[float, float]]) -> None:
    if len(run) > 1:
        plot.drawing.path(run, BLUE, 2)


def _mark(one: TrendPoint) -> tuple[str, str]:
    if not one.signal:
        return "circle", BLUE
    return next((look for word, look in _SIGNALS.items() if word in one.signal), ("triangle", NEUTRAL))


def _draw_latest(plot: _Plot) -> None:
    last = plot.points[-1]
    if last.value is not None:
        x, y = plot.x(len(plot.points) - 1), plot.y(last.value)
        plot.drawing.text(x + 8, y + 4, last.display, 12, colour=_mark(last)[1], bold=True)


def _draw_key(drawing: Drawing, points: Sequence[TrendPoint]) -> None:
    """Only what is on the drawing, each with a sample of it."""
    marks = {_mark(one) for one in points if one.value is not None and one.signal}
    samples = (
        ("square", "better than usual", _SIGNALS["better"] in marks),
        ("diamond", "worse than usual", _SIGNALS["worse"] in marks),
        ("triangle", "unusual", ("triangle", NEUTRAL) in marks),
        ("band", "usual range", any(_limits(one) for one in points)),
        ("target", "target", any(one.target is not None for one in points)),
        ("hollow", "provisional", any(one.provisional for one in points)),
        ("break", "break in the series", any(one.break_before for one in points[1:])),
    )
    x = 10.0
    stands = [(sample, words) for sample, words, shown in samples if shown]
    drawing.y += 14 if stands else 0
    for sample, words in stands:
        if x + 26 + 5.2 * len(words) > WIDTH:
            x, drawing.y = 10.0, drawing.y + 14
        _draw_sample(drawing, sample, x + 8, drawing.y - 3.5)
        drawing.text(x + 20, drawing.y, words, 10, colour=GREY)
        x += 34 + 5 * len(words)


def _draw_sample(drawing: Drawing, sample: str, x: float, y: float) -> None:
    match sample:
        case "band":
            drawing.add(
                "rect", x=x - 8, y=y - 5, width=16, height=10, fill=BAND, stroke="#8fa9c0", stroke_dasharray="3 3"
            )
        case "target":
            drawing.line((x - 8, y), (x + 8, y), TARGET, 1.6, "6 3")
        case "hollow":
            drawing.mark("circle", x, y, BLUE, hollow=True)
        case "break":
            drawing.line((x, y - 6), (x, y + 6), INK, 1, "8 3 2 3")
        case _:
            colour = {"square": GOOD, "diamond": BAD}.get(sample, NEUTRAL)
            drawing.mark(sample, x, y, colour, size=3.2)


def _limits(one: TrendPoint) -> str:
    low, high = one.lower_limit, one.upper_limit
    if low is None:
        return "" if high is None else f"up to {high:,.1f}"
    return f"{low:,.1f} or more" if high is None else f"{low:,.1f} to {high:,.1f}"


def _row(one: TrendPoint) -> tuple[str, ...]:
    remarks = [one.signal or "", "provisional" if one.provisional else "", one.break_before or ""]
    if one.changed_from:
        remarks.append(f"shown before as {one.changed_from}")
    target = "–" if one.target is None else f"{one.target:,.10g}"
    return one.label, one.display, _limits(one) or "–", target, "; ".join(filter(None, remarks)) or "–"


def _description(figure: BoardFigure, points: Sequence[TrendPoint]) -> str:
    first, last = points[0], points[-1]
    known = [one for one in points if one.value is not None]
    least = min(known, key=lambda one: one.value or 0.0)
    most = max(known, key=lambda one: one.value or 0.0)
    parts = [f"Line chart of {len(points)} periods, {first.label} to {last.label}"]
    parts.append(f"lowest {least.display} {in_period(least.period)}, highest {most.display} {in_period(most.period)}")
    parts.append(f"latest {last.display}, {travel_words(figure)}")
    if last.target is not None:
        parts.append(f"target {figure.target_display or f'{last.target:g}'}")
    odd = [f"{one.label} {one.signal}" for one in points if one.signal and one.value is not None]
    parts += odd[-3:]
    return sentence("; ".join(parts))
