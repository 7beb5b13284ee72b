"""The funnel: many areas by size, with the lines that chance alone seldom crosses around their pooled value."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.indicator_api.charts.canvas import BLUE, GREY, INK, RULE, Canvas
from services.indicator_api.charts.field import Field, field_of
from services.indicator_api.charts.figures import Answer, numbers, source_of
from services.indicator_api.charts.page import MARGIN, Chart, Sample, Sheet, Table, line_sample, mark_sample
from services.indicator_api.charts.scales import Scale, in_words_of, tick_text, value_ticks
from services.indicator_api.charts.text import shorten, spread, width_of, wrap
from services.indicator_api.charts.time_plot import caption_of, tick_words
from services.indicator_api.charts.wording import counted
from services.indicator_api.days import in_words
from services.indicator_api.statistics.funnel import FunnelItem, FunnelLabel
from shared.schemas.periods import Period

_SIZE, _HEIGHT, _STEPS = 12, 340.0, 80
WORDS = {
    FunnelLabel.high_0_001: "above the 99.8% limit",
    FunnelLabel.high_0_025: "above the 95% limit",
    FunnelLabel.within: "within the limits",
    FunnelLabel.low_0_025: "below the 95% limit",
    FunnelLabel.low_0_001: "below the 99.8% limit",
}


def draw(answer: Answer, sheet: Sheet, period: Period, near: Collection[str]) -> Chart:
    """The first line's area among the others; raises ChartNotPossible where too few have their parts."""
    field = field_of(answer, period, near)
    sheet.heading([f"{answer.lines[0].name} among {len(field.spots)} areas, {in_words(period)}"])
    _draw_plot(answer, sheet, field)
    sheet.legend(_legend(answer, field))
    left_out = len(answer.lines) - len(field.spots)
    notes = [
        f"Pooled value of the {len(field.spots)} areas shown: {answer.shown(field.pooled)}. By chance alone 1 area in"
        " 40 lies above the 95% limits and 1 in 40 below; 1 in 1,000 above the 99.8% limits and 1 in 1,000 below."
    ]
    if left_out:
        areas = counted(left_out, "area is", "areas are")
        notes.append(f"{areas} left out: the numbers behind the figure are hidden or not known.")
    sheet.notes([*notes, *answer.caveats, source_of(answer)])
    return sheet.finished(_sentence(answer, field, period), _table(answer, field, period))


def _draw_plot(answer: Answer, sheet: Sheet, field: Field) -> None:
    group = sheet.canvas.group("plot")
    sizes = [one.denominator for one in field.spots]
    across = value_ticks(sizes, max(2, int(sheet.width // 140)), from_zero=True, ceiling=None)
    values = [field.height(one) for one in field.spots]
    smallest = field.limits(min(sizes))
    # The mouth of the funnel may open far beyond every figure: lines are cut there, points never.
    widest = max(values) + 0.35 * (max(values) - min(values) or max(values))
    edges = [max(smallest[2], min(values) - 0.35 * (max(values) - min(values))), min(smallest[3], widest)]
    ticks = value_ticks([*values, *edges, field.pooled], 6, from_zero=False, ceiling=answer.ceiling)
    caption = caption_of(answer, ticks)
    if caption:
        sheet.y += 12
        group.text(MARGIN, sheet.y, shorten(caption, sheet.room, _SIZE), _SIZE, colour=GREY)
    words = tick_words(answer, ticks)
    top, left = sheet.y + 12, MARGIN + max(width_of(one, _SIZE) for one in words) + 8
    levels = _levels(answer, field)
    right = sheet.width - MARGIN - min(max(width_of(one, _SIZE) for _, one in levels) + 10, sheet.width * 0.3)
    bottom = top + _HEIGHT
    x, y = Scale(across, left, right), Scale(ticks, bottom, top)
    for tick, word in zip(ticks, words, strict=True):
        group.line(left, y.at(tick), right, y.at(tick), RULE)
        group.text(left - 6, y.at(tick) + 4, word, _SIZE, "end", GREY)
    group.line(left, bottom, right, bottom, GREY)
    _size_axis(answer, group, across, x, bottom)
    _draw_lines(group, field, x, y, min(sizes))
    _draw_spots(group, field, x, y, right)
    known = [min(max(y.at(value), top), bottom) for value, _ in levels]
    for (_, word), at in zip(levels, spread(known, 15, top, bottom - 4), strict=True):
        group.text(right + 7, at + 4, shorten(word, sheet.width - 8 - right - 7, _SIZE), _SIZE)
    # Where the named areas lie that are no points: a country would be far off to the right.
    for value, _ in levels[1:]:
        if y.holds(value):
            group.line(right - 16, y.at(value), right + 3, y.at(value), INK, 2.4)
    sheet.y = bottom + 56


def _size_axis(answer: Answer, group: Canvas, ticks: Sequence[float], x: Scale, bottom: float) -> None:
    unit, word = in_words_of(ticks)
    step = (ticks[1] - ticks[0]) / unit
    for tick in ticks:
        group.line(x.at(tick), bottom, x.at(tick), bottom + 5, GREY)
        group.text(x.at(tick), bottom + 18, tick_text(tick / unit, step), _SIZE, "middle", GREY)
    counted_in = str(answer.definition.content["denominator"] or "Denominator")
    name = f"{counted_in} ({word})" if word else counted_in
    for place, line in enumerate(wrap(name, x.end - x.start + 2 * MARGIN, _SIZE)[:2]):
        group.text((x.start + x.end) / 2, bottom + 36 + 15 * place, line, _SIZE, "middle", GREY)


def _draw_lines(group: Canvas, field: Field, x: Scale, y: Scale, smallest: float) -> None:
    """The pooled value and both pairs of limits, from the smallest area to the end of the axis."""
    most = x.ticks[-1]
    least = max(smallest * 0.6, most / 2_000)
    sizes = [least * (most / least) ** (step / _STEPS) for step in range(_STEPS + 1)]
    limits = [field.limits(size) for size in sizes]
    looks = (("dashed", 1.3), ("dashed", 1.3), ("solid", 1.3), ("solid", 1.3))
    for number, (dash, width) in enumerate(looks):
        run: list[tuple[float, float]] = []
        for size, four in zip(sizes, limits, strict=True):
            if y.holds(four[number]):
                run.append((x.at(size), y.at(four[number])))
        if len(run) > 1:
            group.path(run, GREY, width, dash)
    group.line(x.start, y.at(field.pooled), x.end, y.at(field.pooled), INK, 1.4)


def _draw_spots(group: Canvas, field: Field, x: Scale, y: Scale, right: float) -> None:
    """Others first, then neighbours, then the own area with its name on the side that has room."""
    heights = [field.height(one) for one in field.spots]
    places = {one.code: (x.at(one.denominator), y.at(height)) for one, height in zip(field.spots, heights, strict=True)}
    for one in field.spots:
        if one.code not in field.near and one.code != field.own:
            group.mark("circle", *places[one.code], GREY, 3.4, hollow=True)
    for one in field.spots:
        if one.code in field.near and one.code != field.own:
            group.mark("diamond", *places[one.code], INK, 3.6)
    own = next((one for one in field.spots if one.code == field.own), None)
    if own is None:
        return
    at, height = places[own.code]
    group.mark("square", at, height, "#ffffff", 7.5)
    group.mark("square", at, height, BLUE, 6)
    room = at + 12 + width_of(own.name, 13, bold=True) < right
    words_at, anchor = (at + 12, "start") if room else (at - 12, "end")
    group.text(words_at, height - 9, own.name, 13, anchor, BLUE, bold=True, halo=True)


def _levels(answer: Answer, field: Field) -> list[tuple[float, str]]:
    found = [(field.pooled, f"Pooled {answer.shown(field.pooled)}")]
    for one in answer.comparators:
        values = numbers(point["value"] for point in one["points"] if point["mean"] is None)
        found += [(value, f"{one['name']} {answer.shown(value)}") for value in values]
    return found


def _legend(answer: Answer, field: Field) -> list[tuple[Sample, str]]:
    entries: list[tuple[Sample, str]] = []
    if any(one.code == field.own for one in field.spots):
        entries.append((mark_sample("square", BLUE, 5), answer.lines[0].name))
    if any(one.code in field.near for one in field.spots):
        entries.append((mark_sample("diamond", INK, 3.6), "Neighbours"))
    entries.append((mark_sample("circle", GREY, 3.4, hollow=True), "Other areas"))
    entries.append((line_sample(INK, 1.4, "solid"), f"Pooled value of {len(field.spots)} areas"))
    entries.append((line_sample(GREY, 1.3, "dashed"), "95% limits"))
    entries.append((line_sample(GREY, 1.3, "solid"), "99.8% limits"))
    return entries


def _sentence(answer: Answer, field: Field, period: Period) -> str:
    name = answer.lines[0].name
    own = next((one for one in field.spots if one.code == field.own), None)
    parts = [f"Funnel of {answer.definition.title}, {in_words(period)}: {len(field.spots)} areas by size."]
    label = field.label(field.own)
    if own is not None and label is not None:
        where = f"{WORDS[label]} around their pooled value of {answer.shown(field.pooled)}"
        parts.append(f"{name}'s {own.display} is {where}.")
    else:
        parts.append(f"The figure for {name} cannot be placed. Their pooled value is {answer.shown(field.pooled)}.")
    parts.append(f"{_outside(field)} of {len(field.spots)} areas lie outside the 99.8% limits.")
    return " ".join(parts)


def _outside(field: Field) -> int:
    far = (FunnelLabel.high_0_001, FunnelLabel.low_0_001)
    return sum(item.label in far for item in field.found.items)


def _table(answer: Answer, field: Field, period: Period) -> Table:
    columns = ("Area", "Figure", "Numerator", "Denominator", "Place in the funnel")
    items: dict[str, FunnelItem] = {item.area: item for item in field.found.items}
    rows = tuple(
        (one.name, one.display, _plain(one.numerator), _plain(one.denominator), _place(items[one.code]))
        for one in sorted(field.spots, key=lambda one: (one.code != field.own, one.name))
    )
    return Table(f"{answer.definition.title}, {in_words(period)}", columns, rows, (period.code,) * len(rows))


def _plain(value: float) -> str:
    return f"{value:,.10g}"


def _place(item: FunnelItem) -> str:
    return WORDS[item.label] if item.label is not None else ""
