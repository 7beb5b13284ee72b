"""Bars: a measure team by team, and how audits were graded in each domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from services.reporting_api.renders.drawing import (
    BLUE,
    GREY,
    INK,
    PAPER,
    RULE,
    SHADES,
    WIDTH,
    Chart,
    Drawing,
    tick_words,
    ticks,
    wrapped,
)
from services.reporting_api.renders.wording import grade_rank
from services.reporting_api.words import counted, listed, sentence
from shared.schemas.board_figures import BoardFigure, UnitFigure
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import GradeItem

_ROW = 20.0
_LEFT, _RIGHT = 170.0, WIDTH - 46.0
_COLOURS = (*SHADES[:4], GREY)
_LIGHT = ("#e6b35c", "#28a197")


def teams_chart(section: str, figure: BoardFigure) -> Chart | None:
    """One measure, the highest team first; a hidden figure shows its symbol and no bar."""
    units = sorted(figure.units, key=lambda one: (one.value is None, -(one.value or 0.0), one.name))
    known = [one.value for one in units if one.value is not None]
    if len(units) < 2 or not known:
        return None
    drawing = Drawing()
    drawing.heading(f"{figure.title}: team by team", f"{figure.period_label}; {figure.unit}")
    places = ticks([*known, 0.0], 4, from_zero=True)
    top, bottom = drawing.y, drawing.y + _ROW * len(units)
    low, high = places[0], places[-1]

    def x(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_RIGHT - _LEFT)

    for place, words in zip(places, tick_words(places), strict=True):
        drawing.line((x(place), top), (x(place), bottom), RULE, 0.7)
        drawing.text(x(place), bottom + 14, words, 10.5, "middle", GREY)
    for row, one in enumerate(units):
        y = top + _ROW * (row + 0.5)
        drawing.text(_LEFT - 8, y + 4, wrapped(one.name, _LEFT - 14, 11, 1)[0], 11, "end")
        end = x(0.0) if one.value is None else x(one.value)
        left, right = min(x(0.0), end), max(x(0.0), end)
        drawing.add("rect", x=left, y=y - 7, width=max(0.0, right - left), height=14, fill=BLUE)
        drawing.text(right + 5, y + 4, one.display, 11, bold=True)
    drawing.y = bottom + 20
    code = f"{section}.{figure.indicator}.teams"
    title = f"{figure.title}: team by team"
    words = _teams_words(figure, units)
    rows = [(one.name, one.display, one.before_display or "–") for one in units]
    return Chart(
        code, section, "teams", title, words, drawing.finished(code, title, words), ("Team", "Figure", "Before"), rows
    )


def _teams_words(figure: BoardFigure, units: Sequence[UnitFigure]) -> str:
    known = [one for one in units if one.value is not None]
    parts = [f"Bar chart of {counted(len(units), 'team')}, {figure.period_label}"]
    parts.append(f"highest {known[0].name} {known[0].display}, lowest {known[-1].name} {known[-1].display}")
    if len(known) < len(units):
        parts.append(f"{len(units) - len(known)} not shown")
    return sentence("; ".join(parts))


def grades_chart(section: BoardSection) -> Chart | None:
    """Each domain's audits by grade; a domain with a hidden count has no bar, for its parts would not add up."""
    rows = [one for one in section.items if isinstance(one, GradeItem)]
    domains = {title: sorted(run, key=grade_rank) for title, run in groupby(rows, key=lambda one: one.domain_title)}
    shown = {title: run for title, run in domains.items() if all(one.value is not None for one in run)}
    if not shown:
        return None
    # The colour says how good a grade is, not which came first.
    colours = {one.grade_label: _COLOURS[grade_rank(one)] for one in sorted(rows, key=grade_rank)}
    drawing = Drawing()
    title = f"{section.title}: grades by domain"
    drawing.heading(title, "How many audits had each grade")
    _draw_grades(drawing, domains, shown, colours)
    code = f"{section.code}.grades"
    words = _grades_words(shown, len(domains))
    table = [(one.domain_title, one.grade_label, one.display) for one in rows]
    svg = drawing.finished(code, title, words)
    return Chart(code, section.code, "grades", title, words, svg, ("Domain", "Grade", "Audits"), table)


def _draw_grades(
    drawing: Drawing,
    domains: Mapping[str, Sequence[GradeItem]],
    shown: Mapping[str, Sequence[GradeItem]],
    colours: Mapping[str, str],
) -> None:
    most = max(sum(one.value or 0.0 for one in run) for run in shown.values()) or 1.0
    for title, run in domains.items():
        y = drawing.y + _ROW * 0.6
        drawing.text(_LEFT - 8, y + 4, wrapped(title, _LEFT - 14, 11, 1)[0], 11, "end")
        x = _LEFT
        for one in run if title in shown else ():
            wide = (one.value or 0.0) / most * (_RIGHT - _LEFT)
            colour = colours.get(one.grade_label, GREY)
            drawing.add("rect", x=x, y=y - 9, width=wide, height=18, fill=colour, stroke=PAPER, stroke_width=1)
            if wide >= 16:
                drawing.text(
                    x + wide / 2, y + 4, one.display, 11, "middle", INK if colour in _LIGHT else PAPER, bold=True
                )
            x += wide
        if title not in shown:
            drawing.text(_LEFT, y + 4, "a count is hidden", 11, colour=GREY)
        drawing.y += _ROW + 4
    x = 12.0
    drawing.y += 16
    for label, colour in colours.items():
        if x + 24 + 5.6 * len(label) > WIDTH:
            x, drawing.y = 12.0, drawing.y + 16
        drawing.add("rect", x=x, y=drawing.y - 9, width=10, height=10, fill=colour)
        drawing.text(x + 14, drawing.y, label, 10.5, colour=GREY)
        x += 30 + 5.6 * len(label)


def _grades_words(shown: Mapping[str, Sequence[GradeItem]], domains: int) -> str:
    parts = [
        f"{title}: {listed([f'{one.display} {one.grade_label}' for one in run if one.value])}"
        for title, run in shown.items()
    ]
    if len(shown) < domains:
        parts.append(f"{domains - len(shown)} not shown because a count is hidden")
    return f"Bars of {counted(domains, 'domain')}. {sentence('; '.join(parts))}"
