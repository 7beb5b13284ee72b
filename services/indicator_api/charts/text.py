"""How wide a text is and where it breaks: charts are laid out before any browser sees them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

# The browser's Helvetica or whatever has its widths; a little room is left for what has not.
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
_ROOM = 1.06
_BOLD = 1.08
# Widths of Helvetica's characters from the space to the tilde, in thousandths of the size.
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
)  # fmt: skip
_FIRST = ord(" ")
_ELLIPSIS = "…"


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how many units wide the text is at that size."""
    whole = sum(_width(character) for character in text)
    return whole / 1000 * size * _ROOM * (_BOLD if bold else 1)


def _width(character: str) -> int:
    place = ord(character) - _FIRST
    if 0 <= place < len(_WIDTHS):
        return _WIDTHS[place]
    # Ideographs are square; letters with accents are as wide as the widest of the small ones.
    return 1000 if ord(character) >= 0x2E80 else 600


def wrap(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit the room."""
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and width_of(longer, size, bold=bold) <= room:
            found[-1] = longer
        else:
            found += _pieces(word, room, size, bold=bold)
    return found


def _pieces(word: str, room: float, size: float, *, bold: bool) -> list[str]:
    """A word too long for a line, broken where it must be."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, size, bold=bold) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if width_of(text, size, bold=bold) <= room:
        return text
    kept = text.rstrip(_ELLIPSIS + " ")
    while kept and width_of(kept + _ELLIPSIS, size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def spread(places: Sequence[float], gap: float, least: float, most: float) -> list[float]:
    """Places for labels no nearer than `gap`, as near as may be to where they belong and within the two ends."""
    order = sorted(range(len(places)), key=lambda number: (places[number], number))
    found = [min(max(places[number], least), most) for number in order]
    for before, after in pairwise(range(len(found))):
        found[after] = max(found[after], found[before] + gap)
    overhang = max(0.0, found[-1] - most) if found else 0.0
    if overhang:
        found[-1] -= overhang
        for after, before in pairwise(reversed(range(len(found)))):
            found[before] = min(found[before], found[after] - gap)
    moved = [0.0] * len(places)
    for place, number in enumerate(order):
        moved[number] = found[place]
    return moved


def rows_of(spans: Sequence[tuple[float, float]], gap: float) -> list[int]:
    """For labels side by side the row each stands in, the first in which it touches none before it."""
    ends: list[float] = []
    found = [0] * len(spans)
    for number in sorted(range(len(spans)), key=lambda one: spans[one]):
        first, last = spans[number]
        row = next((place for place, end in enumerate(ends) if end + gap <= first), len(ends))
        if row == len(ends):
            ends.append(last)
        ends[row] = last
        found[number] = row
    return found
