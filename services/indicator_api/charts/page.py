"""The sheet a chart stands on: heading, plot, legend and notes, each below the other as far as their words need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.indicator_api.charts.canvas import GREY, INK, Canvas, finished, new_drawing
from services.indicator_api.charts.text import width_of, wrap

MARGIN = 16.0
_TITLE, _SUBTITLE, _SMALL = 18, 13, 12
# Draws a sample of what is explained around a place.
Sample = Callable[[Canvas, float, float], None]


@dataclass(frozen=True, slots=True)
class Table:
    """The chart's figures as rows of text; the first column names the row, `periods` has the code of each one's."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    periods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart: as a drawing, in one sentence or a few, and as a table."""

    svg: bytes
    title: str
    sentence: str
    table: Table


@dataclass
class Sheet:
    """Lays a chart out from top to bottom; `y` is where the next thing goes."""

    width: float
    title: str
    canvas: Canvas = field(default_factory=new_drawing)
    y: float = 14.0

    @property
    def room(self) -> float:
        return self.width - 2 * MARGIN

    def heading(self, subtitles: Sequence[str]) -> None:
        group = self.canvas.group("heading")
        self.y += 8
        for line in wrap(self.title, self.room, _TITLE, bold=True):
            group.text(MARGIN, self.y + 6, line, _TITLE, bold=True)
            self.y += 23
        for subtitle in subtitles:
            for line in wrap(subtitle, self.room, _SUBTITLE):
                group.text(MARGIN, self.y + 4, line, _SUBTITLE, colour=GREY)
                self.y += 18
        self.y += 6

    def legend(self, entries: Sequence[tuple[Sample, str]]) -> None:
        """Samples with their words, in as many rows as they need."""
        group = self.canvas.group("legend")
        self.y += 16
        x = MARGIN
        for sample, words in entries:
            needed = 30 + width_of(words, _SMALL)
            if x > MARGIN and x + needed > self.width - MARGIN:
                x, self.y = MARGIN, self.y + 20
            sample(group, x + 11, self.y - 4)
            lines = wrap(words, self.room - 30, _SMALL)
            for number, line in enumerate(lines):
                self.y += 16 if number else 0
                group.text(x + 26, self.y, line, _SMALL)
            x += needed + 16
        self.y += 8

    def notes(self, texts: Sequence[str]) -> None:
        group = self.canvas.group("notes")
        for text in texts:
            self.y += 4
            for line in wrap(text, self.room, _SMALL):
                self.y += 15
                group.text(MARGIN, self.y, line, _SMALL, colour=GREY)

    def finished(self, sentence: str, table: Table) -> Chart:
        where = "The same figures stand in a table at chart.html and chart.csv, asked for in the same way."
        svg = finished(self.canvas, self.width, self.y + 16, self.title, f"{sentence} {where}")
        return Chart(svg, self.title, sentence, table)


def line_sample(colour: str, width: float, dash: str) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.line(x - 11, y, x + 11, y, colour, width, dash)

    return draw


def mark_sample(shape: str, colour: str, size: float = 4.5, *, hollow: bool = False) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.mark(shape, x, y, colour, size, hollow=hollow)

    return draw


def letter_sample(letter: str) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.text(x, y + 4, letter, _SMALL, "middle", INK, bold=True)

    return draw


def bar_sample(colour: str) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.rect(x - 10, y - 5, 20, 10, colour)

    return draw
