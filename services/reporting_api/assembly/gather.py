"""Asks the neighbours side by side; a neighbour that cannot answer costs its own sections and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import (
    Ask,
    Evidence,
    Got,
    IndicatorEntry,
    IndicatorItems,
    Missing,
    ask,
)
from services.reporting_api.assembly.evidence_asks import evidence_asks
from shared.clients.answers import NeighbourUnavailable
from shared.clients.neighbour import Neighbour
from shared.schemas.exceptions import ExceptionsOut
from shared.schemas.figures import Measure
from shared.schemas.framework.reporting import ReportSection, SectionKind
from shared.schemas.series import IndicatorSeries

FIGURE_KINDS = (SectionKind.indicators, SectionKind.benchmarking, SectionKind.value_for_money)
# These name indicators without showing their series.
_NAMED = (SectionKind.exceptions, SectionKind.surveys, SectionKind.workforce_voice)
CATALOGUE = ask("indicator", "/v1/framework/indicators", IndicatorItems, limit="500")
# So many series of one neighbour at a time: its other callers want its connections too.
_AT_ONCE = 8


def exceptions_ask(brief: Brief) -> Ask:
    return ask("indicator", "/v1/exceptions", ExceptionsOut, period=brief.shared_period, area=brief.area)


def series_ask(brief: Brief, code: str, comparators: Iterable[str]) -> Ask:
    sets = ",".join(comparators)
    path = f"/v1/indicators/{code}/series"
    return ask("indicator", path, IndicatorSeries, area=brief.area, comparators=sets or None)


def _asks(brief: Brief, section: ReportSection) -> list[Ask]:
    if section.kind is SectionKind.exceptions:
        return [exceptions_ask(brief)]
    return evidence_asks(brief, section)


def codes_for(brief: Brief, section: ReportSection, known: Mapping[str, IndicatorEntry]) -> list[str]:
    """The indicators of a section: those it names, by code, plan or focus area; else what its kind is about."""
    named = list(section.indicators)
    if section.plans or section.focus_areas:
        named += [
            code
            for code, entry in known.items()
            if set(entry.plans) & set(section.plans) or entry.focus_area in section.focus_areas
        ]
    if not (section.indicators or section.plans or section.focus_areas):
        named = _of_kind(brief, section, known)
    if section.kind is SectionKind.benchmarking:
        named = [code for code in named if code not in known or known[code].benchmarks]
    return list(dict.fromkeys(named))


def _of_kind(brief: Brief, section: ReportSection, known: Mapping[str, IndicatorEntry]) -> list[str]:
    if section.kind is SectionKind.value_for_money:
        return [code for code, entry in known.items() if entry.measure == Measure.money]
    if section.kind is SectionKind.benchmarking:
        beside = [one for one in brief.report.sections if one.kind is SectionKind.indicators]
        if beside:
            return [code for one in beside for code in codes_for(brief, one, known)]
    return list(known)


async def gather_evidence(neighbours: Mapping[str, Neighbour], brief: Brief, token: str | None) -> Evidence:
    """Put every question once, all at the same time; never raises for a neighbour's sake.

    `token` is the caller's own, so that his scope goes with the questions; None asks as this service.
    """
    questions = {one for section in brief.report.sections for one in _asks(brief, section)}
    evidence = Evidence()
    asking = asyncio.create_task(_ask_all(neighbours, brief, questions, token))
    try:
        await _gather_series(neighbours, brief, evidence, token)
        evidence.answers.update(await asking)
    finally:
        asking.cancel()
    return evidence


async def _gather_series(
    neighbours: Mapping[str, Neighbour], brief: Brief, evidence: Evidence, token: str | None
) -> None:
    sections = [one for one in brief.report.sections if one.kind in FIGURE_KINDS]
    if not sections and not any(one.kind in _NAMED for one in brief.report.sections):
        return
    evidence.answers[CATALOGUE] = await _ask_one(neighbours, brief, CATALOGUE, token)
    items: IndicatorItems | None = evidence.data(CATALOGUE)
    if items is not None:
        evidence.indicators = {one.content.code: one.content for one in items.items}
    if brief.area is None:
        return
    codes = {code for section in sections for code in codes_for(brief, section, evidence.indicators)}
    for code in codes:
        entry = evidence.indicators.get(code)
        evidence.series[code] = series_ask(brief, code, entry.benchmarks if entry else ())
    evidence.answers.update(await _ask_all(neighbours, brief, evidence.series.values(), token))


async def _ask_all(
    neighbours: Mapping[str, Neighbour], brief: Brief, questions: Iterable[Ask], token: str | None
) -> dict[Ask, Got | Missing]:
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(question: Ask) -> Got | Missing:
        async with room:
            return await _ask_one(neighbours, brief, question, token)

    wanted = list(questions)
    return dict(zip(wanted, await asyncio.gather(*map(one, wanted)), strict=True))


async def _ask_one(
    neighbours: Mapping[str, Neighbour], brief: Brief, question: Ask, token: str | None
) -> Got | Missing:
    neighbour = neighbours.get(question.service)
    if neighbour is None:
        return Missing("not_configured")
    try:
        answer = await neighbour.get(question.path, dict(question.params), question.model, token=token)
    except NeighbourUnavailable as failure:
        return Missing(failure.reason)
    as_of = getattr(answer.data, "as_at", None) or answer.as_of
    return Got(answer.data, as_of, brief.now)
