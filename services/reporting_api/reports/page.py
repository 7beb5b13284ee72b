"""The report as a page: read on a screen, by a screen reader and on paper, without any script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reporting_api.words import date_words, in_period, period_short, reason_words
from shared.clock import LONDON
from shared.schemas.board_report import BoardReport

_TRAVEL = {
    "improving": ("▲", "improving"),
    "worsening": ("▼", "worsening"),
    "no_change": ("=", "no change"),
    "rising": ("↗", "rising"),
    "falling": ("↘", "falling"),
    "unknown": ("–", "not known"),
}
_RAG = {"green": "Green: met", "amber": "Amber: within tolerance", "red": "Red: missed", "none": "–"}
_GOOD = {"high": "higher is better", "low": "lower is better", "no_judgement": "neither is better"}
_STATUS = {
    "draft": "Draft",
    "submitted": "Submitted for signature",
    "signed_off": "Signed off, not yet published",
    "published": "Published",
    "superseded": "Superseded",
}


def _moment(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{date_words(local.date())}, {local:%H:%M}"


def _day(day: date | None) -> str:
    return "–" if day is None else date_words(day)


def _span(code: str) -> str:
    """A period within a sentence: "October 2026", "the year to 31 March 2025"."""
    return in_period(code).removeprefix("in ")


def _runs(rows: Sequence[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Neighbouring rows that share a value, in the order they came: strengths stay first."""
    return [(value, list(run)) for value, run in groupby(rows, key=attrgetter(name))]


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(moment=_moment, day=_day, reason=reason_words, runs=_runs, short=period_short, span=_span)
_templates.globals.update(travel=_TRAVEL, rag=_RAG, good=_GOOD, status_words=_STATUS)


def render(report: BoardReport) -> bytes:
    """The page; everything a person wrote is escaped."""
    return _templates.get_template("page.html.j2").render(report=report).encode()
