"""Reading learning items with their sources, acknowledgements and training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import untold_learning
from services.audit_api.learning_reach import seen_by
from services.audit_api.models import (
    Audit,
    AuditFinding,
    LearningAcknowledgement,
    LearningItem,
    LearningSource,
    LearningTraining,
)
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key

items, sources = table_of(LearningItem), table_of(LearningSource)
acknowledgements, trainings = table_of(LearningAcknowledgement), table_of(LearningTraining)
audits, findings = table_of(Audit), table_of(AuditFinding)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list of learning items."""

    status: str | None = None
    kind: str | None = None
    theme: str | None = None
    level: str | None = None
    audit: UUID | None = None
    units: frozenset[str] | None = None
    acknowledged: bool | None = None

    def conditions(self, caller: Caller) -> list[sa.ColumnElement[bool]]:
        """The conditions on the item."""
        found: list[sa.ColumnElement[bool]] = []
        for column, value in ((items.c.status, self.status), (items.c.kind, self.kind)):
            if value is not None:
                found.append(column == value)
        for column, value in ((items.c.themes, self.theme), (items.c.audience, self.level)):
            if value is not None:
                found.append(column.contains([value]))
        if self.audit is not None:
            found.append(_sources_of(sources.c.audit_id == self.audit))
        if self.units is not None:
            found.append(items.c.unit.in_(sorted(self.units)))
        if self.acknowledged is not None:
            mine = _acknowledged_by(caller)
            found.append(mine if self.acknowledged else sa.not_(mine))
        return found


def _sources_of(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    return sa.exists().where(sources.c.learning_id == items.c.id, *conditions)


def _acknowledged_by(caller: Caller) -> sa.Exists:
    return sa.exists().where(acknowledgements.c.learning_id == items.c.id, acknowledgements.c.subject == caller.subject)


def _number(table: sa.Table, name: str) -> sa.Label[int]:
    counted = sa.select(sa.func.count()).select_from(table).where(table.c.learning_id == items.c.id)
    return counted.correlate(items).scalar_subquery().label(name)


def _parts(table: sa.Table, order: sa.Column[Any], name: str) -> sa.Label[Any]:
    whole = sa.func.to_jsonb(sa.literal_column(table.name))
    ordered = sa.select(sa.func.jsonb_agg(aggregate_order_by(whole, order))).select_from(table)
    return ordered.where(table.c.learning_id == items.c.id).correlate(items).scalar_subquery().label(name)


def rows_for(caller: Caller) -> sa.Select[tuple[Any, ...]]:
    """The columns of a line of the list."""
    return sa.select(
        items,
        _number(acknowledgements, "acknowledgements"),
        _number(trainings, "trainings"),
        _acknowledged_by(caller).label("acknowledged_by_me"),
    )


async def _shown(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(await seen_by(session, caller), untold_learning(caller))


async def read_learning(session: AsyncSession, caller: Caller, learning: UUID) -> sa.Row[Any] | None:
    """The item with its sources and training; None where the caller may not see it."""
    statement = rows_for(caller).add_columns(
        _parts(sources, sources.c.position, "sources"), _parts(trainings, trainings.c.added_at, "training")
    )
    return (await session.execute(statement.where(items.c.id == learning, await _shown(session, caller)))).one_or_none()


async def lock_learning(session: AsyncSession, caller: Caller, learning: UUID) -> sa.Row[Any] | None:
    """The item's own row, held until the transaction ends."""
    statement = sa.select(items).where(items.c.id == learning, await seen_by(session, caller))
    return (await session.execute(statement.with_for_update(of=items))).one_or_none()


async def list_learning(session: AsyncSession, caller: Caller, at: Cursor, wanted: Wanted) -> Sequence[sa.Row[Any]]:
    """A page of learning items, newest first."""
    statement = rows_for(caller).where(await _shown(session, caller), *wanted.conditions(caller))
    if at.after is not None:
        statement = statement.where(items.c.id < cursor_key(at.after, UUID)[0])
    rows: Sequence[sa.Row[Any]] = (await session.execute(statement.order_by(items.c.id.desc()).limit(at.fetch))).all()
    return rows


async def acknowledged_by(session: AsyncSession, learning: UUID) -> Sequence[sa.Row[Any]]:
    """How many of each unit and level have acknowledged an item."""
    by = acknowledgements.c.unit, acknowledgements.c.level
    statement = sa.select(*by, sa.func.count().label("number")).where(acknowledgements.c.learning_id == learning)
    return (await session.execute(statement.group_by(*by).order_by(*by))).all()


async def read_audits(session: AsyncSession, caller: Caller, wanted: Sequence[UUID]) -> dict[UUID, Any]:
    """The audits within reach, by id, with their unit and whether they were submitted."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    statement = sa.select(
        audits.c.id.label("audit"), audits.c.id, audits.c.unit, audits.c.submitted_on, audits.c.status
    )
    rows = (await session.execute(statement.where(audits.c.id.in_(wanted), within))).all()
    return {row.id: row for row in rows}


async def read_findings(session: AsyncSession, caller: Caller, wanted: Sequence[UUID]) -> dict[UUID, Any]:
    """The findings within reach, by id, with their audit's id, unit and whether it was submitted."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    statement = sa.select(
        audits.c.id.label("audit"), findings.c.id, audits.c.unit, audits.c.submitted_on, audits.c.status
    ).join(audits, audits.c.id == findings.c.audit_id)
    rows = (await session.execute(statement.where(findings.c.id.in_(wanted), within))).all()
    return {row.id: row for row in rows}


async def closed_audits_left_without(session: AsyncSession, learning: UUID) -> bool:
    """Whether withdrawing an item would leave a closed audit without learning; holds its audits against closing."""
    of_item = sa.select(sources.c.audit_id).where(sources.c.learning_id == learning, sources.c.audit_id.is_not(None))
    held = sa.select(audits.c.id, audits.c.status).where(audits.c.id.in_(of_item)).order_by(audits.c.id)
    closed = [row.id for row in (await session.execute(held.with_for_update())).all() if row.status == "closed"]
    if not closed:
        return False
    others = (
        sa.select(sources.c.audit_id)
        .join(items, items.c.id == sources.c.learning_id)
        .where(sources.c.audit_id.in_(closed), items.c.id != learning, items.c.status == "disseminated")
        .distinct()
    )
    return len((await session.execute(others)).all()) < len(closed)
