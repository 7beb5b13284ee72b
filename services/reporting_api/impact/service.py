"""A team's impact summary, asked in the caller's own name (R18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.reporting_api.asking import ask_as
from services.reporting_api.impact import parts
from services.reporting_api.impact.schemas import ImpactSummaryOut
from services.reporting_api.questions import (
    Subject,
    analysis_of,
    challenges_of,
    learning_of,
    recommendations_of,
    said_and_done_of,
    shared_learning_of,
    standings_of,
    summary_of,
    themes_of,
)
from shared.auth.caller import Caller
from shared.clients.neighbour import Neighbour

_PARTS = (parts.indicators, parts.audits, parts.feedback, parts.partners, parts.learned)


async def summarise(
    caller: Caller, neighbours: Mapping[str, Neighbour], subject: Subject, now: datetime
) -> ImpactSummaryOut:
    """Everything a team should know of its own effect and its partners', and what was learned."""
    asks = [
        standings_of(subject), analysis_of(subject), summary_of(subject), said_and_done_of(subject),
        challenges_of(subject, about_themes=False), themes_of(subject, family="partners", of="views"),
        learning_of(subject), recommendations_of(subject), shared_learning_of(),
    ]  # fmt: skip
    answers = await ask_as(caller, neighbours, asks, now)
    found = [make(subject, answers) for make in _PARTS]
    return ImpactSummaryOut(
        unit=subject.unit or "", unit_name=subject.unit_name or "", period=subject.span, as_of=now,
        headlines=parts.headlines(found), parts=found,
    )  # fmt: skip
