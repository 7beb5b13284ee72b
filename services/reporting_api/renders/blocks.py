"""A report laid out in plain blocks, the same for the page and for print: what stands where, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.reporting_api.renders.drawing import Chart
from services.reporting_api.renders.wording import Tone

DASH = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell: its words, a mark before them for the eye alone, and smaller lines below."""

    text: str
    below: Sequence[str] = ()
    mark: str = ""
    tone: Tone | None = None
    flag: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.text == DASH and not self.below and not self.flag


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `share` is how much of the width it takes beside the others, where it takes more than its words."""

    title: str
    number: bool = False
    share: float | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first cell of each row is its heading."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    size: Literal["wide", "full", "narrow"] = "full"
    kind: str = "table"

    def kept(self) -> Table:
        """Without the columns in which nothing stands."""
        used = [
            place
            for place in range(len(self.columns))
            if place == 0 or not all(row[place].is_empty for row in self.rows)
        ]
        rows = [[row[place] for place in used] for row in self.rows]
        return Table(self.caption, [self.columns[place] for place in used], rows, self.size)


@dataclass(frozen=True, slots=True)
class Tables:
    """Narrow tables side by side."""

    tables: Sequence[Table]
    kind: str = "tables"


@dataclass(frozen=True, slots=True)
class Total:
    label: str
    display: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """A few numbers that sum a section up."""

    items: Sequence[Total]
    kind: str = "totals"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Lead:
    """The sentence to read if only one is read."""

    text: str
    kind: str = "lead"


@dataclass(frozen=True, slots=True)
class Prose:
    """What a person wrote, in its own lines."""

    text: str
    kind: str = "prose"


@dataclass(frozen=True, slots=True)
class Small:
    """What must be said and need not be read first."""

    text: str
    kind: str = "small"


@dataclass(frozen=True, slots=True)
class Notice:
    """What nobody may overlook."""

    text: str
    items: Sequence[str] = ()
    kind: str = "notice"


@dataclass(frozen=True, slots=True)
class Points:
    items: Sequence[str]
    kind: str = "points"


@dataclass(frozen=True, slots=True)
class Charts:
    """Drawings, as many beside one another as there is room for."""

    items: Sequence[Chart]
    kind: str = "charts"


Block = Table | Tables | Totals | Heading | Lead | Prose | Small | Notice | Points | Charts


@dataclass(frozen=True, slots=True)
class Part:
    """One numbered part of the report."""

    code: str
    title: str
    blocks: Sequence[Block]
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """The whole report: its head, what it says in short, its parts, and what stands at its foot."""

    title: str
    board: str
    period: str
    span: str
    draft: bool
    facts: Sequence[tuple[str, str]]
    opening: Sequence[Notice]
    parts: Sequence[Part]
    closing: Sequence[Small]
    fingerprint: str
    name: str
    mark: str | None = field(default=None)
