"""The words and signs in which every form of a report says the same thing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from services.reporting_api.words import date_words
from shared.clock import LONDON
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report_items import GradeItem

Tone = Literal["green", "amber", "red", "blue", "grey"]
TRAVEL = {
    "improving": ("▲", "improving"),
    "worsening": ("▼", "worsening"),
    "no_change": ("=", "no change"),
    "rising": ("↗", "rising"),
    "falling": ("↘", "falling"),
    "unknown": ("", "not known"),
}
RAG = {"green": "Green: met", "amber": "Amber: within tolerance", "red": "Red: missed", "none": "–"}
GOOD_IS = {"high": "higher is better", "low": "lower is better", "no_judgement": "neither is better"}
STATUS = {
    "draft": "Draft",
    "submitted": "Submitted for signature",
    "signed_off": "Signed off, not yet published",
    "published": "Published",
    "superseded": "Superseded by a later edition",
}
# Ofsted's grades, the best first; a tool's own names follow them.
GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
SYMBOLS = "c hidden to protect somebody; x not available; z not applicable; k rounds to nought; u of low reliability."


def moment_words(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{date_words(local.date())}, {local:%H:%M}"


def day_words(day: date | None) -> str:
    return "–" if day is None else date_words(day)


def capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def plain(code: str) -> str:
    """A code as words: `head_of_service` as "Head of service"."""
    return capital(code.replace("_", " "))


def travel_words(figure: BoardFigure) -> str:
    return figure.direction_words or TRAVEL[figure.direction_of_travel][1]


def grade_rank(one: GradeItem) -> int:
    """Where a grade stands among Ofsted's four, 0 the best; after them where nobody knows."""
    words = one.ofsted or one.grade
    return next((place for place, word in enumerate(GRADES) if words.startswith(word)), len(GRADES))


def rag_words(figure: BoardFigure) -> str:
    return capital(figure.rag_words) if figure.rag_words else RAG[figure.rag]
