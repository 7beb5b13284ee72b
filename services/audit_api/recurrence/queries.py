"""Counting themes over the audits of a span, and reading what stands behind those that recur."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import still_blind
from services.audit_api.models import Action, Audit, AuditFinding, RecurrenceResponse
from services.audit_api.reach import reached
from services.audit_api.recurrence.rules import Counted, Place
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.tables import org_unit, org_unit_succession

audits, findings, responses = table_of(Audit), table_of(AuditFinding), table_of(RecurrenceResponse)
_actions = table_of(Action)
SHOWN = 20
Span = tuple[date, date]


async def _chosen(session: AsyncSession, caller: Caller, span: Span) -> list[sa.ColumnElement[bool]]:
    return [
        audits.c.submitted_on.is_not(None),
        audits.c.status != "withdrawn",
        audits.c.counts_on.between(*span),
        await reached(session, caller, audits.c.unit, audits.c.auditor),
    ]


async def count_themes(session: AsyncSession, caller: Caller, span: Span) -> list[Counted]:
    """In how many audits of each unit each theme was found, strengths apart."""
    strength = (findings.c.kind == "strength").label("strength")
    each = (
        sa.select(audits.c.id, audits.c.unit, strength, sa.func.unnest(findings.c.themes).label("theme"))
        .join(findings, findings.c.audit_id == audits.c.id)
        .where(*await _chosen(session, caller, span))
        .distinct()
        .subquery()
    )
    by = each.c.theme, each.c.unit, each.c.strength
    statement = sa.select(*by, sa.func.count().label("number")).group_by(*by)
    rows = (await session.execute(statement)).all()
    return [Counted(row.theme, row.unit, row.strength, row.number) for row in rows]


async def newest_behind(
    session: AsyncSession, caller: Caller, span: Span, themes: Sequence[str], units: Sequence[str]
) -> Sequence[Any]:
    """The newest findings of each unit on each theme, each with the one before it of another audit."""
    strength = (findings.c.kind == "strength").label("strength")
    each = (
        sa.select(
            findings.c.id,
            findings.c.audit_id,
            findings.c.position,
            findings.c.repeat_of,
            audits.c.unit,
            audits.c.counts_on,
            strength,
            sa.func.unnest(findings.c.themes).label("theme"),
        )
        .join(audits, audits.c.id == findings.c.audit_id)
        .where(*await _chosen(session, caller, span), audits.c.unit.in_(units), findings.c.themes.overlap(themes))
        .where(sa.not_(still_blind(caller, audits.c.id)))
        .subquery()
    )
    group = (each.c.theme, each.c.unit, each.c.strength)
    newest_first = (each.c.counts_on.desc(), each.c.audit_id.desc(), each.c.position.desc())

    def over(function: sa.Function[Any]) -> sa.Over[Any]:
        return function.over(partition_by=group, order_by=newest_first)

    ranked = (
        sa.select(
            each,
            over(sa.func.lead(each.c.id)).label("before"),
            over(sa.func.lead(each.c.audit_id)).label("audit_before"),
            over(sa.func.row_number()).label("place"),
        )
        .where(each.c.theme.in_(themes))
        .subquery()
    )
    return (await session.execute(sa.select(ranked).where(ranked.c.place <= SHOWN))).all()


async def read_tree(session: AsyncSession) -> dict[str, Place]:
    """Every unit, closed ones too, since what they recorded is still theirs."""
    heir, heirs = sa.func.min(org_unit_succession.c.successor), sa.func.count(org_unit_succession.c.successor)
    unit, only = org_unit.c, sa.case((heirs == 1, heir)).label("heir")
    statement = (
        sa.select(unit.code, unit.parent, unit.kind, unit.name, unit.valid_to, only)
        .outerjoin(org_unit_succession, org_unit_succession.c.code == unit.code)
        .group_by(unit.code)
    )
    rows = (await session.execute(statement)).all()
    return {row.code: Place(row.parent, row.kind, row.name, row.valid_to, row.heir) for row in rows}


async def read_responses(session: AsyncSession, period: str) -> dict[tuple[str, str, str], Any]:
    """What was answered for a period, by rule, unit and theme."""
    rows = (await session.execute(sa.select(responses).where(responses.c.period == period))).all()
    return {(row.rule, row.unit, row.theme): row for row in rows}


async def action_within_reach(session: AsyncSession, caller: Caller, action: Any) -> bool:
    """Whether the caller may point to that action."""
    within = await reached(session, caller, _actions.c.unit, _actions.c.owner_subject, _actions.c.raised_by)
    return (await session.execute(sa.select(_actions.c.id).where(_actions.c.id == action, within))).first() is not None
