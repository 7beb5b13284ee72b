"""One section of a report in blocks: what cannot be read says why, and what can begins with the sentence to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.reporting_api.renders.bar_charts import grades_chart
from services.reporting_api.renders.blocks import Block, Charts, Heading, Lead, Notice, Prose, Small, Total, Totals
from services.reporting_api.renders.council_table import council_table, team_tables
from services.reporting_api.renders.item_tables import item_blocks
from services.reporting_api.renders.trend_chart import trend_chart
from services.reporting_api.renders.wording import moment_words
from services.reporting_api.words import listed, reason_words
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import FocusItem

_CAPTION = "Each measure with earlier periods, its target, the way it is going and how others do"


def section_blocks(section: BoardSection) -> list[Block]:
    return [*_body(section), *_written(section), *_sources(section)]


def _body(section: BoardSection) -> Iterator[Block]:
    reason = reason_words(section.unavailable_reason)
    if section.availability == "unavailable":
        last = f" It was last read as of {moment_words(section.as_of)}." if section.as_of else ""
        yield Notice(f"This section is not available: {reason}.{last}")
        return
    if section.availability == "stale":
        shown = moment_words(section.as_of) if section.as_of else "the last reading"
        yield Notice(f"Shown as of {shown}: {reason} when it was asked again.")
    if section.headline:
        yield Lead(section.headline)
    if section.summary:
        yield Totals([Total(one.label, one.display) for one in section.summary])
    yield from _figures(section)
    # The drawing of the grades stands beside their table: strengths come before both.
    items = [_in_words(one, section) for one in section.items]
    first = next((place for place, one in enumerate(items) if one.type == "grade"), len(items))
    yield from item_blocks(items[:first])
    grades = grades_chart(section)
    if grades is not None:
        yield Charts([grades])
    yield from item_blocks(items[first:])


def _in_words(item: Any, section: BoardSection) -> Any:
    """An item that names indicators names them as the figures beside it do."""
    if not isinstance(item, FocusItem):
        return item
    titles = {one.indicator: one.title for one in section.figures}
    return item.model_copy(update={"indicators": [titles.get(code, code) for code in item.indicators]})


def _figures(section: BoardSection) -> Iterator[Block]:
    """The measures in their groups where they have any, whoever is in none first; then the drawings."""
    if not section.figures:
        return
    grouped = {code for group in section.groups for code in group.indicators}
    loose = [one for one in section.figures if one.indicator not in grouped]
    if loose:
        yield council_table(_CAPTION, loose)
    for group in section.groups:
        mine = [one for one in section.figures if one.indicator in group.indicators]
        if mine or group.headline:
            yield Heading(group.title)
        if group.headline:
            yield Prose(group.headline)
        if mine:
            yield council_table(f"{group.title}: {_CAPTION[:1].lower()}{_CAPTION[1:]}", mine)
    yield from team_tables(section.figures)
    yield from _trends(section.code, section.figures)


def _trends(section: str, figures: list[BoardFigure]) -> Iterator[Block]:
    drawn = [chart for one in figures if (chart := trend_chart(section, one))]
    if drawn:
        yield Heading("How each measure has gone")
        yield Charts(drawn)


def _written(section: BoardSection) -> Iterator[Block]:
    if section.narrative:
        yield Prose(section.narrative)
    elif section.kind == "narrative" and section.availability == "available":
        yield Small(f"Not written yet.{f' {section.prompt}' if section.prompt else ''}")
    for text in section.caveats:
        yield Small(text)
    if section.exempt_reason:
        yield Small(f"Not in the public copy: {section.exempt_reason}")


def _sources(section: BoardSection) -> Iterator[Block]:
    if section.sources:
        services = list(dict.fromkeys(one.service for one in section.sources))
        as_of = f", as of {moment_words(section.as_of)}" if section.as_of else ""
        yield Small(f"From the {listed(services)} {'service' if len(services) == 1 else 'services'}{as_of}.")
