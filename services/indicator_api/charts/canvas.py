"""Writing SVG: elements with plain attributes, no style, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from services.indicator_api.charts.text import FONT

INK, GREY, PALE, RULE = "#212b32", "#4c6272", "#aeb7bd", "#d8dde0"
# NHS Making Data Count's meanings in tones that print; what a mark means is in its shape too.
BLUE, ORANGE, PURPLE, NEUTRAL = "#005eb8", "#d06a00", "#4b2e83", "#5b6b78"
DASHES = {"solid": "", "dashed": "7 4", "dotted": "2 4", "long": "12 4", "mixed": "10 4 2 4"}
Value = str | float | int


def number(value: float) -> str:
    """A coordinate to the hundredth, always written the same way."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0", 1 if abs(value) < 0.005 else 0)


class Canvas:
    """A group of a drawing; its coordinates are those of the whole."""

    def __init__(self, root: Element) -> None:
        self.root = root

    def add(self, name: str, **attributes: Value | None) -> Element:
        """An element; `stroke_width` becomes `stroke-width`, and what is None is left out."""
        given = {
            key.replace("_", "-"): number(value) if isinstance(value, float | int) else value
            for key, value in attributes.items()
            if value is not None
        }
        return SubElement(self.root, name, given)

    def group(self, name: str) -> Canvas:
        return Canvas(SubElement(self.root, "g", {"class": name}))

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = INK, width: float = 1, dash: str = "solid"
    ) -> None:
        dashes = DASHES[dash] or None
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_dasharray=dashes)

    def path(self, places: Iterable[tuple[float, float]], colour: str, width: float = 1.5, dash: str = "solid") -> None:
        steps = " ".join(f"{'L' if step else 'M'}{number(x)} {number(y)}" for step, (x, y) in enumerate(places))
        dashes = DASHES[dash] or None
        self.add("path", d=steps, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dashes)

    def rect(self, x: float, y: float, width: float, height: float, fill: str, edge: str | None = None) -> None:
        self.add("rect", x=x, y=y, width=max(0.0, width), height=height, fill=fill, stroke=edge)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 12,
        anchor: str = "start",
        colour: str = INK,
        *,
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """Words at a place; a halo keeps them readable over lines and points."""
        look = {"font_weight": "bold"} if bold else {}
        if halo:
            look |= {"stroke": "#ffffff", "stroke_width": "4", "stroke_linejoin": "round", "paint_order": "stroke"}
        made = self.add("text", x=x, y=y, font_size=size, text_anchor=anchor, fill=colour, **look)
        made.text = words

    def mark(self, shape: str, x: float, y: float, colour: str, size: float = 4, *, hollow: bool = False) -> None:
        """A point: a circle, square, triangle or diamond, hollow where it may still change."""
        look = {"fill": "#ffffff" if hollow else colour, "stroke": colour, "stroke_width": 1.6 if hollow else 1}
        if shape == "circle":
            self.add("circle", cx=x, cy=y, r=size, **look)
        elif shape == "square":
            self.add("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, **look)
        else:
            reach = 1.4 * size
            corners = {
                "triangle": ((0, -reach), (1.1 * reach, 0.8 * reach), (-1.1 * reach, 0.8 * reach)),
                "diamond": ((0, -reach), (reach, 0), (0, reach), (-reach, 0)),
            }[shape]
            points = " ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners)
            self.add("polygon", points=points, **look)


def new_drawing() -> Canvas:
    return Canvas(Element("svg"))


def finished(canvas: Canvas, width: float, height: float, title: str, description: str) -> bytes:
    """The whole document: it scales by its viewBox and says in words what it shows."""
    root = canvas.root
    children = list(root)
    for child in children:
        root.remove(child)
    size = {"width": number(width), "height": number(height), "viewBox": f"0 0 {number(width)} {number(height)}"}
    words = {"role": "img", "aria-labelledby": "chart-title chart-description", "lang": "en-GB", "xml:lang": "en-GB"}
    root.attrib = {"xmlns": "http://www.w3.org/2000/svg", "version": "1.1", **size, **words, "font-family": FONT}
    SubElement(root, "title", {"id": "chart-title"}).text = title
    SubElement(root, "desc", {"id": "chart-description"}).text = description
    # White by itself: a chart is read on dark pages and printed too.
    SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    root.extend(children)
    return tostring(root, encoding="unicode").encode()
