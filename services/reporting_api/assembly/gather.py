"""Asks the neighbours side by side; a neighbour that cannot answer costs its own sections and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from services.reporting_api.assembly import indicator_asks as asks
from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import (
    Ask,
    Evidence,
    Got,
    IndicatorItems,
    Missing,
)
from services.reporting_api.assembly.evidence_asks import evidence_asks
from services.reporting_api.assembly.indicator_answers import ConcernEntries, ConcernEntry, FocusLists
from services.reporting_api.neighbours import NAMES
from shared.clients.answers import NeighbourUnavailable
from shared.clients.neighbour import Neighbour
from shared.logging import get_logger
from shared.schemas.exceptions import ExceptionsOut
from shared.schemas.framework.reporting import ReportSection, SectionKind

_log = get_logger(__name__)
# So many questions of one neighbour at a time: its other callers want its connections too.
_AT_ONCE = 8
# These name indicators without showing their series.
_NAMED = (SectionKind.exceptions, SectionKind.surveys, SectionKind.workforce_voice)
# A register of more is read page by page where it is kept.
_MOST_PROVIDERS = 40
Put = Callable[[Iterable[Ask]], Awaitable[None]]


def _indicator_asks(brief: Brief, section: ReportSection) -> list[Ask | None]:
    match section.kind:
        case SectionKind.exceptions:
            return [asks.exceptions(brief)]
        case SectionKind.workforce:
            return [asks.registrations(brief)]
        case SectionKind.restatements:
            return [asks.restatements(brief)]
    return []


async def gather_evidence(neighbours: Mapping[str, Neighbour], brief: Brief, token: str | None) -> Evidence:
    """Put every question once, all at the same time; never raises for a neighbour's sake.

    `token` is the caller's own, so that his scope goes with the questions; None asks as this service.
    """
    every = [one for section in brief.report.sections for one in evidence_asks(brief, section)]
    every += [one for section in brief.report.sections for one in _indicator_asks(brief, section) if one]
    evidence, rooms = Evidence(), {name: asyncio.Semaphore(_AT_ONCE) for name in NAMES}

    async def one(question: Ask) -> None:
        async with rooms[question.service]:
            evidence.answers[question] = await _ask_one(neighbours, brief, question, token)

    async def put(questions: Iterable[Ask]) -> None:
        await asyncio.gather(*map(one, questions))

    async with asyncio.TaskGroup() as group:
        # What has to be asked in two rounds first: it takes longest.
        group.create_task(_gather_figures(brief, evidence, put))
        group.create_task(_gather_providers(brief, evidence, put))
        group.create_task(put(dict.fromkeys(every)))
    await put(_marks_of_exceptions(brief, evidence))
    _tell_slowest(brief, evidence)
    return evidence


def _tell_slowest(brief: Brief, evidence: Evidence) -> None:
    """Which answer an assembly waited for longest, for whoever looks why it took so long."""
    took = {question: found.seconds for question, found in evidence.answers.items() if isinstance(found, Got)}
    if took:
        slowest = max(took, key=took.__getitem__)
        _log.info(
            "neighbours_answered", report=brief.report.code, period=brief.occurrence.period, count=len(took),
            neighbour=slowest.service, route=slowest.path, duration_ms=round(1000 * took[slowest], 1),
        )  # fmt: skip


async def _gather_figures(brief: Brief, evidence: Evidence, put: Put) -> None:
    """The dictionary and the areas of focus first: they say which figures are wanted."""
    sections = [one for one in brief.report.sections if one.kind in asks.FIGURE_KINDS]
    if not sections and not any(one.kind in _NAMED for one in brief.report.sections):
        return
    focused = any(one.kind is SectionKind.focus for one in sections)
    await put([asks.CATALOGUE, *([asks.focus(brief)] if focused else [])])
    items: IndicatorItems | None = evidence.data(asks.CATALOGUE)
    for item in items.items if items else ():
        evidence.indicators[item.content.code] = item.content
    codes = wanted_codes(brief, evidence, sections)
    if brief.area is None or not codes:
        return
    with_teams = [one for one in sections if one.teams]
    evidence.series = asks.series(brief, codes, [brief.area], asks.NEWEST)
    known = evidence.indicators
    evidence.positions = asks.positions(brief, [code for code in codes if code not in known or known[code].benchmarks])
    if with_teams and brief.teams:
        some = wanted_codes(brief, evidence, with_teams)
        evidence.team_series = asks.series(brief, some, brief.teams, asks.NEWEST_OF_TEAMS)
    # Positions first: they take longest.
    kinds = (evidence.positions, evidence.team_series, evidence.series)
    await put(dict.fromkeys(question for kind in kinds for question in kind.values()))


def _marks_of_exceptions(brief: Brief, evidence: Evidence) -> Iterable[Ask]:
    """Which of their figures copies may not tell: no section shows the series of these, so it was not asked for."""
    found: ExceptionsOut | None = evidence.data(asks.exceptions(brief))
    named = [one.indicator for one in (*found.items, *found.resolved)] if found else []
    codes = [code for code in dict.fromkeys(named) if code not in evidence.series]
    return dict.fromkeys(asks.series(brief, codes, [brief.area], asks.NEWEST).values()) if brief.area else ()


def wanted_codes(brief: Brief, evidence: Evidence, sections: Iterable[ReportSection]) -> list[str]:
    """The indicators of these sections, each once; what a Head of Service names comes with the areas of focus."""
    found: list[str] = []
    for section in sections:
        found += asks.codes_for(brief, section, evidence.indicators)
        if section.kind is SectionKind.focus:
            lists: FocusLists | None = evidence.data(asks.focus(brief))
            found += lists.indicators if lists else []
    return list(dict.fromkeys(found))


async def _gather_providers(brief: Brief, evidence: Evidence, put: Put) -> None:
    """The entries of the registers first, then each register's year and each provider's page."""
    if not any(one.kind is SectionKind.providers for one in brief.report.sections):
        return
    await put([asks.concerns()])
    entries = concerns_in(brief, evidence)
    registers = sorted({one.provider_register for one in entries})
    providers = sorted({one.provider for one in entries})[:_MOST_PROVIDERS]
    await put([*(asks.register_year(brief, one) for one in registers), *(asks.provider(one) for one in providers)])


def concerns_in(brief: Brief, evidence: Evidence) -> list[ConcernEntry]:
    """The entries that stood in the period, those at risk first."""
    found: ConcernEntries | None = evidence.data(asks.concerns())
    first, last = brief.occurrence.period_start, brief.occurrence.period_end
    stood = [
        one
        for one in (found.items if found else ())
        if one.opened_on <= last and (one.closed_on is None or one.closed_on >= first)
    ]
    return sorted(stood, key=lambda one: (not one.at_risk, one.provider_register, one.provider_name, one.opened_on))


async def _ask_one(
    neighbours: Mapping[str, Neighbour], brief: Brief, question: Ask, token: str | None
) -> Got | Missing:
    neighbour = neighbours.get(question.service)
    if neighbour is None:
        return Missing("not_configured")
    try:
        answer = await neighbour.get(
            question.path, dict(question.params), question.model, token=token, hold=question.path in asks.LONG
        )
    except NeighbourUnavailable as failure:
        return Missing(failure.reason)
    return Got(answer.data, answer.as_of, brief.now, answer.duration)
