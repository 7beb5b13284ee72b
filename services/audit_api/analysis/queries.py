"""Counting what submitted audits say; each question is one statement over the audits of the period."""

from __future__ import annotations

from collections.abc import Sequence
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
    AuditParticipant,
    AuditView,
    ToolVersion,
)
from services.audit_api.registry import table_of
from shared.tables import framework_item

_audits, _findings, _views = table_of(Audit), table_of(AuditFinding), table_of(AuditView)
_participants, _editions = table_of(AuditParticipant), table_of(ToolVersion)
_actions, _evidence = table_of(Action), table_of(ActionEvidence)
_TITLES = 30
Rows = Sequence[Any]


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


async def grades(session: AsyncSession, chosen: Chosen) -> Rows:
    """Audits by edition of their tool and by the three grades."""
    by = (
        _audits.c.tool, _audits.c.tool_version, _audits.c.quality_grade, _audits.c.outcomes_grade,
        _audits.c.process_grade,
    )  # fmt: skip
    statement = sa.select(*by, sa.func.count().label("audits")).where(*chosen.audits()).group_by(*by)
    return (await session.execute(statement)).all()


async def scales(session: AsyncSession, editions: Sequence[tuple[str, int]], tool: str | None) -> Rows:
    """The scales of these editions; where there are none, of the tool asked for or of all in use."""
    scale = _editions.c.content["scale"].label("scale")
    statement = sa.select(_editions.c.tool, _editions.c.version, scale)
    if editions:
        statement = statement.where(sa.tuple_(_editions.c.tool, _editions.c.version).in_(editions))
    else:
        statement = statement.where(_editions.c.status == "published")
        statement = statement if tool is None else statement.where(_editions.c.tool == tool)
    return (await session.execute(statement.order_by(_editions.c.tool, _editions.c.version))).all()


async def kinds_of_findings(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """How many findings of each kind."""
    statement = (
        sa.select(_findings.c.kind, sa.func.count().label("number"))
        .join(_audits, _audits.c.id == _findings.c.audit_id)
        .where(*chosen.audits())
        .group_by(_findings.c.kind)
    )
    return {row.kind: row.number for row in (await session.execute(statement)).all()}


async def themes(session: AsyncSession, chosen: Chosen) -> Rows:
    """How many findings bear each theme (none: null), the most frequent first, with the theme's name."""
    # A finding without a theme is counted under none, so that nothing found goes missing.
    theme = sa.func.unnest(
        sa.case(
            (sa.func.cardinality(_findings.c.themes) == 0, sa.cast([None], sa.ARRAY(sa.Text))),
            else_=_findings.c.themes,
        )
    ).label("theme")
    each = (
        sa.select(theme)
        .select_from(_findings.join(_audits, _audits.c.id == _findings.c.audit_id))
        .where(*chosen.audits())
        .subquery()
    )
    item = framework_item
    named = sa.and_(item.c.kind == "themes", item.c.code == each.c.theme)
    name, number = item.c.content["name"].astext, sa.func.count()
    statement = (
        sa.select(each.c.theme, name.label("name"), number.label("number"))
        .outerjoin_from(each, item, named)
        .group_by(each.c.theme, name)
        .order_by(number.desc(), each.c.theme)
    )
    return (await session.execute(statement)).all()


async def titles(session: AsyncSession, chosen: Chosen, kind: str) -> list[str]:
    """The titles of findings of a kind, equal ones once, the most frequent and then the newest first."""
    statement = (
        sa.select(_findings.c.title)
        .join(_audits, _audits.c.id == _findings.c.audit_id)
        .where(*chosen.audits(), _findings.c.kind == kind)
        .group_by(_findings.c.title)
        .order_by(sa.func.count().desc(), sa.func.max(_audits.c.counts_on).desc(), _findings.c.title)
        .limit(_TITLES)
    )
    return list((await session.execute(statement)).scalars())


async def voices(session: AsyncSession, chosen: Chosen) -> Rows:
    """Views by whose they are and, where not heard, why."""
    heard = _views.c.feedback.is_not(None).label("heard")
    reason = sa.case((_views.c.feedback.is_(None), _views.c.reason)).label("reason")
    statement = (
        sa.select(_views.c.view_of, heard, reason, sa.func.count().label("number"))
        .join(_audits, _audits.c.id == _views.c.audit_id)
        .where(*chosen.audits())
        .group_by(_views.c.view_of, heard, reason)
    )
    return (await session.execute(statement)).all()


async def levels(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """In how many audits each level took part."""
    number = sa.func.count(sa.distinct(_participants.c.audit_id)).label("number")
    statement = (
        sa.select(_participants.c.level, number)
        .join(_audits, _audits.c.id == _participants.c.audit_id)
        .where(*chosen.audits())
        .group_by(_participants.c.level)
    )
    return {row.level: row.number for row in (await session.execute(statement)).all()}


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
