"""Drawing in SVG: plain elements, no style, no script, nothing from elsewhere, and words for who cannot see it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

FONT = "Arial, Helvetica, 'Libertinus Serif', sans-serif"
INK, GREY, RULE, PAPER = "#1a1a1a", "#4d5358", "#d9dde1", "#ffffff"
# The colours of official statistics, told apart on paper too: what a mark means is in its shape as well.
BLUE, BAND, TARGET, GOOD, BAD, NEUTRAL = "#12436d", "#e6eef5", "#a3123b", "#1b7a3d", "#b3450b", "#5c4a8a"
# What XML cannot hold: one such sign in a title and no program would read the drawing.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SHADES = ("#12436d", "#28a197", "#e6b35c", "#c05a3e", "#6b5b95", "#8a8f94")
WIDTH = 400.0


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing, what it shows in words, and its figures as a table."""

    code: str
    section: str
    kind: Literal["trend", "teams", "grades"]
    title: str
    description: str
    svg: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def number(value: float) -> str:
    """A coordinate to the tenth, always written the same way."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def wrapped(words: str, width: float, size: float, most: int = 2) -> list[str]:
    """Words in lines that fit a width, by the width letters have on average; what is too long ends in an ellipsis."""
    room = max(4, int(width / (size * 0.52)))
    lines: list[str] = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    return [line if len(line) <= room else f"{line[: room - 1].rstrip()}…" for line in lines]


# Values that differ by less are one on any drawing; of the smallest numbers there are no quarters.
_TOLD_APART = 1e-12


def ticks(values: Sequence[float], wanted: int = 4, *, from_zero: bool = False) -> list[float]:
    """Round numbers from just below the least to just above the greatest."""
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    if high - low < _TOLD_APART:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


def tick_words(values: Sequence[float]) -> list[str]:
    step = values[1] - values[0]
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{value + 0.0:,.{places}f}" for value in values]


class Drawing:
    """A drawing under way; `y` is how far down it has come."""

    def __init__(self) -> None:
        self.root = Element("svg")
        self.y = 8.0

    def add(self, name: str, **attributes: str | float | None) -> Element:
        """An element; `stroke_width` becomes `stroke-width`, and what is None is left out."""
        given = {
            key.replace("_", "-"): value if isinstance(value, str) else number(value)
            for key, value in attributes.items()
            if value is not None
        }
        return SubElement(self.root, name, given)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], colour: str = RULE, width: float = 1,
        dash: str | None = None,
    ) -> None:  # fmt: skip
        (x1, y1), (x2, y2) = start, end
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_dasharray=dash)

    def path(self, places: Iterable[tuple[float, float]], colour: str, width: float, dash: str | None = None) -> None:
        steps = " ".join(f"{'L' if step else 'M'}{number(x)} {number(y)}" for step, (x, y) in enumerate(places))
        self.add("path", d=steps, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dash)

    def area(self, places: Iterable[tuple[float, float]], fill: str) -> None:
        self.add("polygon", points=" ".join(f"{number(x)},{number(y)}" for x, y in places), fill=fill)

    def text(
        self, x: float, y: float, words: str, size: float = 11, anchor: str = "start", colour: str = INK, *,
        bold: bool = False,
    ) -> None:  # fmt: skip
        weight = "bold" if bold else None
        made = self.add("text", x=x, y=y, font_size=size, text_anchor=anchor, fill=colour, font_weight=weight)
        made.text = words

    def mark(self, shape: str, x: float, y: float, colour: str, *, hollow: bool = False, size: float = 3.6) -> None:
        """A point: a circle, or a diamond or square where it stands out; hollow where it may still change."""
        fill = PAPER if hollow else colour
        if shape == "circle":
            self.add("circle", cx=x, cy=y, r=size, fill=fill, stroke=colour, stroke_width=1.5)
            return
        reach = size * 1.5
        corners = {
            "diamond": ((0, -reach), (reach, 0), (0, reach), (-reach, 0)),
            "square": ((-size, -size), (size, -size), (size, size), (-size, size)),
            "triangle": ((0, -reach), (reach, reach * 0.8), (-reach, reach * 0.8)),
        }[shape]
        points = " ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners)
        self.add("polygon", points=points, fill=fill, stroke=colour, stroke_width=1.2)

    def heading(self, title: str, below: str) -> None:
        for line in wrapped(title, WIDTH - 16, 14):
            self.y += 16
            self.text(8, self.y, line, 14, bold=True)
        for line in wrapped(below, WIDTH - 16, 11):
            self.y += 15
            self.text(8, self.y, line, 11, colour=GREY)
        self.y += 14

    def finished(self, code: str, title: str, description: str) -> str:
        """The whole: it scales by its viewBox and says in words what it shows; its ids are its own on any page."""
        height = self.y + 8
        svg = Element("svg")
        names = {"role": "img", "aria-labelledby": f"{code}-title {code}-text", "lang": "en-GB", "font-family": FONT}
        svg.attrib = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(WIDTH)} {number(height)}",
            **names,
        }
        SubElement(svg, "title", {"id": f"{code}-title"}).text = title
        SubElement(svg, "desc", {"id": f"{code}-text"}).text = description
        SubElement(svg, "rect", {"width": number(WIDTH), "height": number(height), "fill": PAPER})
        svg.extend(list(self.root))
        return _NOT_XML.sub("\ufffd", tostring(svg, encoding="unicode"))
