"""What moved in a draft from one assembly to the next: pure comparison of two contents, in words a writer reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from services.reporting_api.words import counted, listed, sentence
from shared.canonical import canonical
from shared.schemas.base import OutModel
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report import BoardReport, BoardSection
from shared.schemas.board_report_items import SummaryLine

Moved = Literal["boards", "section", "availability", "total", "figure", "rows", "participation"]
# A row is named by the first of these it has.
_NAMES = ("sentence", "text", "title", "question", "unit_name", "name", "label", "body_name")
_MOST = 10


class Movement(OutModel):
    """One thing that is not as it was at the assembly before."""

    what: Moved
    section: str | None = Field(description="the section's code; null for what belongs to none")
    subject: str | None = Field(default=None, description="the indicator or the total that moved")
    before: str | None = None
    now: str | None = None
    came: list[str] = Field(default=[], description="rows that were not there before, ten at most")
    went: list[str] = Field(default=[], description="rows that are not there any more, ten at most")
    sentence: str


def movements(before: BoardReport, now: BoardReport) -> list[Movement]:
    """In the order of the sections as they stand now, then what is gone."""
    earlier = {one.code: one for one in before.sections}
    found: list[Movement] = []
    if [board.code for board in before.audiences] != [board.code for board in now.audiences]:
        were, are = (listed([board.name for board in one.audiences]) for one in (before, now))
        words = sentence(f"It goes to {are}, it went to {were}")
        found.append(Movement(what="boards", section=None, before=were, now=are, sentence=words))
    for section in now.sections:
        held = earlier.pop(section.code, None)
        if held is None:
            found.append(_section(section, "is new"))
        else:
            found += _within(held, section)
    found += [_section(gone, "is no longer part of the report") for gone in earlier.values()]
    if before.participation != now.participation:
        found.append(
            Movement(what="participation", section=None, sentence="The participation statement of the records changed.")
        )
    return found


def _section(section: BoardSection, words: str) -> Movement:
    return Movement(what="section", section=section.code, sentence=sentence(f"{section.title} {words}"))


def _within(before: BoardSection, now: BoardSection) -> Iterator[Movement]:
    if before.availability != now.availability:
        yield Movement(
            what="availability", section=now.code, before=before.availability, now=now.availability,
            sentence=sentence(f"{now.title}: {before.availability} before, {now.availability} now"),
        )  # fmt: skip
    yield from _totals(now, {one.code: one for one in before.summary})
    yield from _figures(before, now)
    yield from _rows(before, now)


def _totals(now: BoardSection, before: Mapping[str, SummaryLine]) -> Iterator[Movement]:
    gone = dict(before)
    for one in now.summary:
        held = gone.pop(one.code, None)
        was = held.display if held else None
        if was != one.display:
            words = f"{was} before, {one.display} now" if was else f"{one.display} is new"
            yield Movement(
                what="total", section=now.code, subject=one.code, before=was, now=one.display,
                sentence=sentence(f"{now.title}: {one.label}, {words}"),
            )  # fmt: skip
    for one in gone.values():
        yield Movement(
            what="total", section=now.code, subject=one.code, before=one.display,
            sentence=sentence(f"{now.title}: {one.label} is no longer told"),
        )  # fmt: skip


def _figures(before: BoardSection, now: BoardSection) -> Iterator[Movement]:
    held = {one.indicator: one for one in before.figures}
    for figure in now.figures:
        then = held.pop(figure.indicator, None)
        told = f"{figure.display} for {figure.period_label}"
        was = f"{then.display} for {then.period_label}" if then else None
        if was != told:
            words = f"{was} before, {told} now" if was else f"{told} is new"
            yield Movement(
                what="figure", section=now.code, subject=figure.indicator, before=was, now=told,
                sentence=sentence(f"{now.title}: {figure.title}, {words}"),
            )  # fmt: skip
        if then is not None:
            yield from _beside(now, then, figure)
    for gone in held.values():
        yield Movement(
            what="figure", section=now.code, subject=gone.indicator, before=f"{gone.display} for {gone.period_label}",
            sentence=sentence(f"{now.title}: {gone.title} is no longer shown"),
        )  # fmt: skip


def _beside(section: BoardSection, then: BoardFigure, figure: BoardFigure) -> Iterator[Movement]:
    """What else was told of a figure and is told otherwise: a target, an earlier period, a team, another area."""
    earlier, later = _told_beside(then), _told_beside(figure)
    for key, (name, now) in later.items():
        _, was = earlier.get(key, (name, now))
        if was != now:
            yield Movement(
                what="figure", section=section.code, subject=figure.indicator, before=was, now=now,
                sentence=sentence(f"{section.title}: {figure.title}, {name}, {was} before, {now} now"),
            )  # fmt: skip


def _told_beside(figure: BoardFigure) -> dict[tuple[str, str], tuple[str, str]]:
    """What it is called and reads, by kind and code, for names are not unique; its own period is told as the figure."""
    earlier = [*figure.trend, *figure.previous, *([figure.year_end] if figure.year_end else [])]
    return {
        ("target", ""): ("target", figure.target_display or "none"),
        ("rating", ""): ("rating", figure.rag_words or "none"),
        ("direction", ""): ("direction", figure.direction_words or "none"),
        **{("period", one.period): (one.label, one.display) for one in earlier if one.period != figure.period},
        **{("team", team.unit): (team.name, team.display) for team in figure.units},
        **{("set", area.comparator_set): (area.name, area.display) for area in figure.comparisons},
    }


def _rows(before: BoardSection, now: BoardSection) -> Iterator[Movement]:
    if before.items == now.items:
        return
    earlier, later = _named(before), _named(now)
    came = [name for row, name in later.items() if row not in earlier]
    went = [name for row, name in earlier.items() if row not in later]
    if came or went:
        numbers = ((len(came), "came or changed"), (len(went), "went"))
        words = listed([f"{counted(number, 'row')} {how}" for number, how in numbers if number])
        yield Movement(
            what="rows", section=now.code, came=came[:_MOST], went=went[:_MOST],
            sentence=sentence(f"{now.title}: {words}"),
        )  # fmt: skip


def _named(section: BoardSection) -> dict[bytes, str]:
    """Each row by its whole content, with what it is called."""
    found = {}
    for item in section.items:
        row = item.model_dump(mode="json")
        found[canonical(row)] = next((str(row[name]) for name in _NAMES if row.get(name)), item.type)
    return found
