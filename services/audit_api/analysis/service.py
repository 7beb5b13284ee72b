"""What the organisation can learn from the audits of a period (R25, R28, R32)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis import queries
from services.audit_api.analysis.queries import Chosen
from shared.clock import local_date
from shared.schemas.audit_summary import (
    ActionsOut,
    AuditAnalysis,
    DomainGrades,
    FindingsOut,
    GradeCount,
    LevelCount,
    ThemeCount,
    VoicesOut,
)

_DOMAINS = {
    "quality_of_intervention": ("Quality of intervention", "quality_grade"),
    "outcomes_achieved": ("Outcomes achieved", "outcomes_grade"),
    "adherence_to_process": ("Adherence to process", "process_grade"),
}
_VOICES = ("child", "parent_carer", "icrs")
_LEVELS = ("practitioner", "team_manager", "senior_manager", "head_of_service", "director", "partner")


async def analyse(session: AsyncSession, period: str, unit: str | None, chosen: Chosen, now: datetime) -> AuditAnalysis:
    """The analysis of the chosen audits; never a word of free text, and strengths always beside the rest."""
    graded = await queries.grades(session, chosen)
    editions = sorted({(row.tool, row.tool_version) for row in graded})
    scales = await queries.scales(session, editions, chosen.tool)
    return AuditAnalysis(
        period=period,
        tool=chosen.tool,
        unit=unit,
        audits=sum(row.audits for row in graded),
        domains=_domains(graded, scales),
        findings=await _findings(session, chosen),
        voices=_voices(await queries.voices(session, chosen)),
        levels=await _levels(session, chosen),
        actions=_actions(await queries.actions(session, chosen, local_date(now))),
        strengths=await queries.titles(session, chosen, "strength"),
        areas_for_improvement=await queries.titles(session, chosen, "area_for_improvement"),
        concerns=await queries.titles(session, chosen, "concern"),
        as_at=now,
    )


def _domains(graded: Sequence[Any], scales: Sequence[Any]) -> list[DomainGrades]:
    """One distribution for each domain, in the order of the scale; editions with the same grade add up."""
    steps: dict[tuple[str, str], dict[str, Any]] = {}
    keys: dict[tuple[str, int, str], tuple[str, str]] = {}
    for edition in scales:
        for grade in edition.scale["grades"]:
            key = (grade["code"], grade["ofsted"] or "")
            steps.setdefault(key, grade)
            keys[edition.tool, edition.version, grade["code"]] = key
    found = []
    for domain, (title, column) in _DOMAINS.items():
        counts = dict.fromkeys(steps, 0)
        for row in graded:
            code = getattr(row, column)
            if code is not None:
                counts[keys[row.tool, row.tool_version, code]] += row.audits
        grades = [
            GradeCount(grade=step["code"], label=step["label"], ofsted=step["ofsted"] or "", count=counts[key])
            for key, step in sorted(steps.items(), key=lambda item: item[1]["order"])
        ]
        total = sum(counts.values())
        found.append(DomainGrades(domain=domain, title=title, graded=total, grades=grades))
    return found


async def _findings(session: AsyncSession, chosen: Chosen) -> FindingsOut:
    kinds = await queries.kinds_of_findings(session, chosen)
    themes = await queries.themes(session, chosen)
    return FindingsOut(
        strengths=kinds.get("strength", 0),
        areas_for_improvement=kinds.get("area_for_improvement", 0),
        concerns=kinds.get("concern", 0),
        themes=[
            ThemeCount(theme=row.theme, title=row.name or row.theme or "No theme given", count=row.number)
            for row in themes
        ],
    )


def _voices(rows: Sequence[Any]) -> list[VoicesOut]:
    found = []
    for view_of in _VOICES:
        mine = [row for row in rows if row.view_of == view_of]
        reasons = {row.reason: row.number for row in mine if not row.heard}
        found.append(
            VoicesOut(
                view_of=view_of,
                heard=sum(row.number for row in mine if row.heard),
                not_heard=sum(reasons.values()),
                reasons=dict(sorted(reasons.items())),
            )
        )
    return found


async def _levels(session: AsyncSession, chosen: Chosen) -> list[LevelCount]:
    counts = await queries.levels(session, chosen)
    return [LevelCount(level=level, audits=counts.get(level, 0)) for level in _LEVELS]


def _actions(row: Any) -> ActionsOut:
    percent = round(100 * row.closed / row.alive, 1) if row.alive else None
    return ActionsOut(
        open=row.open,
        overdue=row.overdue,
        completed=row.completed,
        closed=row.closed,
        with_impact_evidence=row.with_impact_evidence,
        loop_closed_percent=percent,
    )
