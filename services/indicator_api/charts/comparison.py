"""One period's figure beside others': bars in order, intervals, and lines for England, region, mean and median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.indicator_api.charts.canvas import BLUE, GREY, INK, PALE, RULE, Canvas
from services.indicator_api.charts.figures import Answer, Line, Point, numbers, source_of, symbols_in
from services.indicator_api.charts.page import MARGIN, Chart, Sample, Sheet, Table, bar_sample, line_sample
from services.indicator_api.charts.scales import Scale, value_ticks
from services.indicator_api.charts.text import rows_of, shorten, width_of
from services.indicator_api.charts.time_plot import caption_of, tick_words
from services.indicator_api.charts.trend import interval_text
from services.indicator_api.charts.wording import counted, remarks
from services.indicator_api.days import in_words
from services.indicator_api.series.wording import said
from shared.schemas.figures import BenchmarkOutcome, Polarity
from shared.schemas.periods import Period

_SIZE, _ROW = 12, 24
# With less of the width than this for the bars, the intervals are left to the whiskers and the table.
_NARROWEST = 0.42
_DASHES = ("solid", "long", "dashed", "dotted", "mixed")
_OUTCOMES = {
    BenchmarkOutcome.better: "better than",
    BenchmarkOutcome.worse: "worse than",
    BenchmarkOutcome.higher: "higher than",
    BenchmarkOutcome.lower: "lower than",
    BenchmarkOutcome.similar: "similar to",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One area's figure of the period; `own` is the one the chart is about."""

    name: str
    point: Point | None
    own: bool

    @property
    def value(self) -> float | None:
        return self.point.value if self.point else None

    @property
    def display(self) -> str:
        return self.point.display if self.point else "x"


@dataclass(frozen=True, slots=True)
class Reference:
    """A line across the bars."""

    name: str
    value: float
    dash: str


def draw(answer: Answer, sheet: Sheet, period: Period) -> Chart:
    """The first line's area beside the others."""
    rows = _sorted(answer, [Row(line.name, _point(line, period), not place) for place, line in enumerate(answer.lines)])
    references = _references(answer)
    beside = [f"Beside {one['name']}" for one in answer.comparators if len(answer.lines) > 1 and _is_group(one)]
    sheet.heading([f"{answer.lines[0].name}, {in_words(period)}", *beside])
    _draw_bars(answer, sheet, rows, references)
    sheet.legend(_legend(answer, rows, references))
    points = [row.point for row in rows if row.point]
    symbols = symbols_in(points)
    if len(points) < len(rows) and not any(one.startswith("x") for one in symbols):
        symbols.append("x unavailable")
    notes = [*(["; ".join(symbols) + "."] if symbols else []), *answer.caveats, source_of(answer)]
    sheet.notes(notes)
    return sheet.finished(_sentence(answer, rows, references, period), _table(answer, rows, references, period))


def _point(line: Line, period: Period) -> Point | None:
    return next((one for one in line.points if one.period == period), None)


def _sorted(answer: Answer, rows: Sequence[Row]) -> list[Row]:
    """The best first, or the highest where neither end is; what has no number comes last."""
    sign = 1 if answer.definition.polarity is Polarity.low_is_good else -1
    return sorted(rows, key=lambda row: (row.value is None, sign * (row.value or 0.0), row.name))


def _references(answer: Answer) -> list[Reference]:
    """England and region by name, mean and median of a set of several."""
    named: list[tuple[str, float | None]] = []
    for one in answer.comparators:
        for point in one["points"]:
            if point["mean"] is None:
                named.append((one["name"], point["value"]))
            else:
                named += [("Mean of the others", point["mean"]), ("Median of the others", point["median"])]
    known = [(name, value) for name, value in named if value is not None]
    return [Reference(name, value, _DASHES[place % len(_DASHES)]) for place, (name, value) in enumerate(known)]


def _draw_bars(answer: Answer, sheet: Sheet, rows: Sequence[Row], references: Sequence[Reference]) -> None:
    group = sheet.canvas.group("plot")
    ends = chain.from_iterable((row.point.value, row.point.lower, row.point.upper) for row in rows if row.point)
    known = [*numbers(ends), *(one.value for one in references)]
    names = min(max(width_of(row.name, _SIZE, bold=row.own) for row in rows), sheet.width * 0.34)
    left = MARGIN + names + 10
    texts = [_text(answer, row) for row in rows]
    if _right_of(sheet, rows, texts) - left < _NARROWEST * sheet.width:
        texts = [row.display for row in rows]
    right = _right_of(sheet, rows, texts)
    ticks = value_ticks(known, max(2, int((right - left) // 80)), from_zero=True, ceiling=answer.ceiling)
    scale = Scale(ticks, left, right)
    sheet.y += 6
    _label_references(group, sheet, references, scale)
    top = sheet.y + 6
    bottom = top + _ROW * len(rows) + 4
    words = tick_words(answer, ticks) if known else []
    for tick, word in zip(ticks, words, strict=False):
        group.line(scale.at(tick), top, scale.at(tick), bottom, RULE)
        group.text(scale.at(tick), bottom + 16, word, _SIZE, "middle", GREY)
    for place, (row, text) in enumerate(zip(rows, texts, strict=True)):
        y = top + _ROW * (place + 0.5) + 2
        group.text(left - 10, y + 4, shorten(row.name, names, _SIZE, bold=row.own), _SIZE, "end", bold=row.own)
        group.text(right + 10, y + 4, text, _SIZE, bold=row.own)
        _draw_bar(group, row, scale, y)
    for one in references:
        group.line(scale.at(one.value), top, scale.at(one.value), bottom, INK, 1.6, one.dash)
    if scale.holds(0):
        group.line(scale.at(0), top, scale.at(0), bottom, GREY)
    sheet.y = bottom + 22
    caption = caption_of(answer, ticks)
    if caption and known:
        sheet.y += 12
        group.text((left + right) / 2, sheet.y, shorten(caption, sheet.room, _SIZE), _SIZE, "middle", GREY)
        sheet.y += 6


def _label_references(group: Canvas, sheet: Sheet, references: Sequence[Reference], scale: Scale) -> None:
    """A capital above each line, in rows where two are near; the legend spells it out."""
    letters = [chr(ord("A") + place) for place in range(len(references))]
    spans = [(scale.at(one.value) - 6, scale.at(one.value) + 6) for one in references]
    rows = rows_of(spans, 3)
    deepest = max(rows, default=-1) + 1
    sheet.y += 15 * deepest
    for letter, one, row in zip(letters, references, rows, strict=True):
        x, y = scale.at(one.value), sheet.y - 15 * row
        group.text(x, y, letter, 11, "middle", INK, bold=True)
        if row:
            group.line(x, y + 3, x, sheet.y + 6, PALE)


def _right_of(sheet: Sheet, rows: Sequence[Row], texts: Sequence[str]) -> float:
    """Where the bars end so that the figures beside them have room."""
    widest = max(width_of(text, _SIZE, bold=row.own) for row, text in zip(rows, texts, strict=True))
    return sheet.width - MARGIN - widest - 10


def _draw_bar(group: Canvas, row: Row, scale: Scale, y: float) -> None:
    point = row.point
    if point is None or point.value is None:
        return
    zero, end = scale.at(0.0), scale.at(point.value)
    group.rect(min(zero, end), y - 8, abs(end - zero), 16, BLUE if row.own else PALE, BLUE if row.own else GREY)
    if point.lower is not None and point.upper is not None:
        low, high = scale.at(point.lower), scale.at(point.upper)
        group.line(low, y, high, y, INK, 1.4)
        for x in (low, high):
            group.line(x, y - 4, x, y + 4, INK, 1.4)


def _text(answer: Answer, row: Row) -> str:
    point = row.point
    if point is None or point.lower is None or point.upper is None:
        return row.display
    return f"{row.display} ({interval_text(answer, point.lower, point.upper)})"


def _legend(answer: Answer, rows: Sequence[Row], references: Sequence[Reference]) -> list[tuple[Sample, str]]:
    entries: list[tuple[Sample, str]] = [(bar_sample(BLUE), answer.lines[0].name)]
    if len(rows) > 1:
        entries.append((bar_sample(PALE), "Others"))
    for place, one in enumerate(references):
        letter = chr(ord("A") + place)
        entries.append((line_sample(INK, 1.6, one.dash), f"{letter} {one.name} {answer.shown(one.value)}"))
    if any(row.point and row.point.lower is not None for row in rows):
        entries.append((_whisker, "95% interval"))
    return entries


def _whisker(canvas: Canvas, x: float, y: float) -> None:
    canvas.line(x - 9, y, x + 9, y, INK, 1.4)
    for end in (x - 9, x + 9):
        canvas.line(end, y - 4, end, y + 4, INK, 1.4)


def _sentence(answer: Answer, rows: Sequence[Row], references: Sequence[Reference], period: Period) -> str:
    own = next(row for row in rows if row.own)
    definition, name = answer.definition, answer.lines[0].name
    parts = [f"{definition.title} in {name} beside others, {in_words(period)}."]
    if own.value is None:
        parts.append(f"The figure for {name} cannot be shown ({own.display}).")
    else:
        known = [row for row in rows if row.value is not None]
        place = f"number {known.index(own) + 1} of {len(known)} from the {_first_end(answer)}"
        parts.append(f"{name} has {said(definition, own.value)}, {place}.")
    others = counted(len(rows) - 1, "other area is", "other areas are")
    parts.append(f"{others} shown.")
    parts += [f"{one.name}: {answer.shown(one.value)}." for one in references]
    for one in answer.comparators:
        for point in one["points"]:
            if point["outcome"] in _OUTCOMES:
                parts.append(f"{name} is {_OUTCOMES[point['outcome']]} {one['name']}, by the 95% interval.")
    return " ".join(parts)


def _first_end(answer: Answer) -> str:
    return "top, the highest first" if answer.definition.polarity is Polarity.no_judgement else "top, the best first"


def _table(answer: Answer, rows: Sequence[Row], references: Sequence[Reference], period: Period) -> Table:
    columns = ("Area", "Figure", "95% interval", "Remark")
    cells: list[tuple[str, ...]] = []
    for row in rows:
        point: Point | None = row.point
        bounded = point is not None and point.lower is not None and point.upper is not None
        limits = interval_text(answer, *_limits(point)) if bounded and point else ""
        cells.append((row.name, row.display, limits, remarks(point) if point else ""))
    cells += [(one.name, answer.shown(one.value), "", "") for one in references]
    return Table(f"{answer.definition.title}, {in_words(period)}", columns, tuple(cells), (period.code,) * len(cells))


def _limits(point: Point) -> tuple[float, float]:
    assert point.lower is not None and point.upper is not None
    return point.lower, point.upper


def has_others(answer: Answer) -> bool:
    """Whether there is anything to set the first area beside."""
    return len(answer.lines) > 1 or any(_any_value(one) for one in answer.comparators)


def _is_group(comparator: Mapping[str, Any]) -> bool:
    return any(point["mean"] is not None for point in comparator["points"])


def _any_value(comparator: Mapping[str, Any]) -> bool:
    return any(point["value"] is not None or point["mean"] is not None for point in comparator["points"])
