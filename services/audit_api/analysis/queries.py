"""Which audits an analysis is of, and what stands around them: rounds, actions and the learning they led to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import (
    Action,
    ActionEvidence,
    Audit,
    AuditFinding,
    LearningItem,
    LearningSource,
)
from services.audit_api.registry import table_of
from shared.tables import framework_item

_audits, _findings = table_of(Audit), table_of(AuditFinding)
_learning, _sources = table_of(LearningItem), table_of(LearningSource)
_actions, _evidence = table_of(Action), table_of(ActionEvidence)


@dataclass(frozen=True)
class Chosen:
    """The audits an analysis is of."""

    first: date
    last: date
    units: frozenset[str] | None
    tool: str | None

    def audits(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on the audit table."""
        found: list[sa.ColumnElement[bool]] = [
            _audits.c.submitted_on.is_not(None),
            _audits.c.status != "withdrawn",
            _audits.c.counts_on.between(self.first, self.last),
        ]
        if self.units is not None:
            found.append(_audits.c.unit.in_(sorted(self.units)))
        if self.tool is not None:
            found.append(_audits.c.tool == self.tool)
        return found


async def theme_names(session: AsyncSession) -> dict[str, str]:
    """The names of themes, retired ones too: findings bear them still."""
    item = framework_item
    statement = sa.select(item.c.code, item.c.content["name"].astext).where(item.c.kind == "themes")
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def learned_from(session: AsyncSession, chosen: Chosen) -> int:
    """How many of the audits have led to learning that was passed on."""
    passed_on = (
        sa.select(_sources.c.audit_id)
        .join(_learning, _learning.c.id == _sources.c.learning_id)
        .where(_learning.c.status == "disseminated", _sources.c.audit_id.is_not(None))
    )
    statement = sa.select(sa.func.count()).where(*chosen.audits(), _audits.c.id.in_(passed_on))
    return (await session.execute(statement)).scalar_one()


async def actions(session: AsyncSession, chosen: Chosen, today: date) -> Any:
    """The actions that were alive in the period, as they stand today."""

    def number(*when: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(sa.and_(*when))

    is_open, is_closed = _actions.c.status == "open", _actions.c.status == "closed"
    late = sa.func.least(_actions.c.due_on, _actions.c.original_due_on) < today
    shown = sa.exists().where(_evidence.c.action_id == _actions.c.id, _evidence.c.stage == "impact")
    statement = sa.select(
        sa.func.count().label("alive"),
        number(is_open).label("open"),
        number(is_open, late).label("overdue"),
        number(_actions.c.status.in_(("completed", "verified"))).label("completed"),
        number(is_closed).label("closed"),
        number(is_closed, shown).label("with_impact_evidence"),
        number(_actions.c.raised_on >= chosen.first).label("raised"),
    ).where(
        _actions.c.status != "cancelled",
        _actions.c.raised_on <= chosen.last,
        sa.func.coalesce(_actions.c.closed_on, chosen.last) >= chosen.first,
    )
    if chosen.units is not None:
        statement = statement.where(_actions.c.unit.in_(sorted(chosen.units)))
    if chosen.tool is not None:
        of_tool = (
            sa.select(_findings.c.id)
            .join(_audits, _audits.c.id == _findings.c.audit_id)
            .where(_audits.c.tool == chosen.tool)
        )
        statement = statement.where(_actions.c.finding_id.in_(of_tool))
    return (await session.execute(statement)).one()
