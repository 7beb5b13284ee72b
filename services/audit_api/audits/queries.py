"""Reading audits: one statement for one audit, columns only for lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import given_to_grade, still_blind
from services.audit_api.models import (
    Audit,
    AuditAnswer,
    AuditCorrection,
    AuditFinding,
    AuditParticipant,
    AuditView,
    LearningItem,
    LearningSource,
    ToolVersion,
)
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import codes_before
from shared.paging import Cursor, cursor_key

audits, answers, views = table_of(Audit), table_of(AuditAnswer), table_of(AuditView)
findings, participants, editions = table_of(AuditFinding), table_of(AuditParticipant), table_of(ToolVersion)
corrections, learning, sources = table_of(AuditCorrection), table_of(LearningItem), table_of(LearningSource)


def _parts(table: sa.Table, position: sa.Column[Any], name: str) -> sa.Label[Any]:
    """The rows of a part as one JSON array, in order."""
    whole = sa.func.to_jsonb(sa.literal_column(table.name))
    ordered = sa.select(sa.func.jsonb_agg(aggregate_order_by(whole, position))).select_from(table)
    return ordered.where(table.c.audit_id == audits.c.id).correlate(audits).scalar_subquery().label(name)


_answers = (
    sa.select(sa.func.jsonb_object_agg(answers.c.question, answers.c.value))
    .where(answers.c.audit_id == audits.c.id)
    .correlate(audits)
    .scalar_subquery()
    .label("answers")
)
_whole = sa.select(
    audits,
    editions.c.hash.label("tool_hash"),
    _answers,
    _parts(views, views.c.view_of, "views"),
    _parts(findings, findings.c.position, "findings"),
    _parts(participants, participants.c.position, "participants"),
).join(editions, sa.and_(editions.c.tool == audits.c.tool, editions.c.version == audits.c.tool_version))


async def _within(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    return sa.or_(within, given_to_grade(caller, audits.c.id))


def _blind(caller: Caller) -> sa.Label[bool]:
    return still_blind(caller, audits.c.id).label("blind")


async def read_audit(session: AsyncSession, caller: Caller, audit: UUID) -> sa.Row[Any] | None:
    """The audit with all its parts; None where there is none within reach."""
    statement = _whole.add_columns(_blind(caller)).where(audits.c.id == audit, await _within(session, caller))
    return (await session.execute(statement)).one_or_none()


async def lock_audit(session: AsyncSession, caller: Caller, audit: UUID) -> sa.Row[Any] | None:
    """The audit's own row, held until the transaction ends."""
    within = await _within(session, caller)
    statement = sa.select(audits).where(audits.c.id == audit, within).with_for_update(of=audits)
    return (await session.execute(statement)).one_or_none()


async def read_correction(session: AsyncSession, audit: UUID) -> sa.Row[Any] | None:
    """The draft of a re-opened audit."""
    return (await session.execute(sa.select(corrections).where(corrections.c.audit_id == audit))).one_or_none()


async def linked_learning(session: AsyncSession, audit: UUID) -> Sequence[Any]:
    """The learning items that name the audit as a source, held as they are until the transaction ends."""
    named = sa.exists().where(sources.c.learning_id == learning.c.id, sources.c.audit_id == audit)
    statement = sa.select(learning.c.id, learning.c.status).where(named).order_by(learning.c.id)
    return (await session.execute(statement.with_for_update(read=True, of=learning))).all()


async def earlier_findings(
    session: AsyncSession, caller: Caller, unit: str, wanted: Collection[UUID]
) -> dict[UUID, Any]:
    """These findings where they are within reach or of a submitted audit of this unit or of one it came after, each
    with its audit and day."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    same_team = sa.and_(audits.c.unit.in_(codes_before(unit)), audits.c.submitted_on.is_not(None))
    statement = (
        sa.select(findings.c.id, findings.c.audit_id, audits.c.submitted_on)
        .join(audits, audits.c.id == findings.c.audit_id)
        .where(findings.c.id.in_(wanted), sa.or_(within, same_team))
    )
    return {row.id: row for row in (await session.execute(statement)).all()}


async def list_audits(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    *,
    units: frozenset[str] | None,
    between: tuple[date, date] | None,
    statuses: Sequence[str],
    tool: str | None,
    programme: str | None,
) -> Sequence[sa.Row[Any]]:
    """A page of audits, newest first."""
    statement = sa.select(audits, _blind(caller)).where(await _within(session, caller))
    if units is not None:
        statement = statement.where(audits.c.unit.in_(sorted(units)))
    if between is not None:
        statement = statement.where(audits.c.counts_on.between(*between))
    if statuses:
        statement = statement.where(audits.c.status.in_(statuses))
    if tool is not None:
        statement = statement.where(audits.c.tool == tool)
    if programme is not None:
        statement = statement.where(audits.c.programme == programme)
    if at.after is not None:
        statement = statement.where(audits.c.id < cursor_key(at.after, UUID)[0])
    return (await session.execute(statement.order_by(audits.c.id.desc()).limit(at.fetch))).all()


async def versions_asking(session: AsyncSession, tool: str, questions: Sequence[str]) -> bool:
    """Whether some edition of the tool asks one of the questions."""
    codes = sa.cast("$.sections[*].questions[*].code", JSONPATH)
    asked = sa.func.jsonb_path_query_array(editions.c.content, codes)
    statement = sa.select(sa.literal(1)).where(
        editions.c.tool == tool, asked.op("?|")(sa.cast(list(questions), sa.ARRAY(sa.Text)))
    )
    return (await session.execute(statement.limit(1))).first() is not None
