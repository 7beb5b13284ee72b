"""The same audits side by side: by team, by service, by tool or by theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.domains import Editions, domains
from services.audit_api.analysis.groups import Part, Tally
from services.audit_api.analysis.parts import findings, voices
from services.audit_api.analysis.questions import profile, questions
from services.audit_api.analysis.remembered import Counted
from shared.schemas.audit_summary import BreakdownRow, FindingsOut, ThemeCount
from shared.tables import org_unit

By = Literal["team", "service", "tool", "theme"]


async def breakdown(
    session: AsyncSession, by: By | None, now: Counted, before: Counted, found: FindingsOut, true_numbers: bool
) -> list[BreakdownRow]:
    """A row for each team, service or tool that was audited, in order of its title; themes as they are counted."""
    if by is None:
        return []
    if by == "theme":
        return [_of_theme(theme) for theme in found.themes if theme.theme is not None]
    names, places = await _places(session, by, now)
    parts, earlier = _split(now.parts.values(), by, places), _split(before.parts.values(), by, places)
    editions = {**before.editions, **now.editions}
    rows = [
        _row(code, names.get(code, code), parts[code], earlier.get(code, []), editions, true_numbers) for code in parts
    ]
    return sorted(rows, key=lambda row: (row.title, row.code))


def _of_theme(theme: ThemeCount) -> BreakdownRow:
    return BreakdownRow(
        code=theme.theme or "",
        title=theme.title,
        audits=theme.audits or 0,
        domains=[],
        strengths=theme.strengths,
        areas_for_improvement=theme.areas_for_improvement,
        concerns=theme.concerns,
        voices=[],
        profile=[],
    )


async def _places(session: AsyncSession, by: By, now: Counted) -> tuple[dict[str, str], dict[str, str]]:
    """Titles by code, and for services the one each unit belongs to."""
    if by == "tool":
        return {tool: edition.tool.title for (tool, _), edition in sorted(now.editions.items())}, {}
    columns = org_unit.c.code, org_unit.c.name, org_unit.c.kind, org_unit.c.parent
    units = {row.code: row for row in (await session.execute(sa.select(*columns))).all()}
    names = {code: row.name for code, row in units.items()}
    if by == "team":
        return names, {}
    services = {}
    for code in units:
        at, passed = code, {code}
        # The nearest service above; what stands above all services stands for itself.
        while units[at].kind != "service" and (above := units[at].parent) in units and above not in passed:
            passed.add(above)
            at = above
        services[code] = at if units[at].kind == "service" else code
    return names, services


def _split(parts: Iterable[Part], by: By, services: Mapping[str, str]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for part in parts:
        code = part.group.tool if by == "tool" else services.get(part.group.unit, part.group.unit)
        found.setdefault(code, []).append(part)
    return found


def _row(
    code: str,
    title: str,
    now: Sequence[Part],
    before: Sequence[Part],
    editions: Editions,
    true_numbers: bool,
) -> BreakdownRow:
    tally = Tally(now, titles=False)
    own = {
        key: edition for key, edition in editions.items() if key in {(one.group.tool, one.group.version) for one in now}
    }
    found = findings(tally, {})
    return BreakdownRow(
        code=code,
        title=title,
        audits=tally.audits,
        domains=domains(tally, Tally(before, titles=False), editions),
        strengths=found.strengths,
        areas_for_improvement=found.areas_for_improvement,
        concerns=found.concerns,
        voices=voices(tally, true_numbers),
        profile=[one for one in profile(questions(tally, own), own) if one.section is None],
    )
