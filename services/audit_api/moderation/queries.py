"""Reading moderations with their audits and gradings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import AuditParticipant, ToolVersion
from services.audit_api.moderating import audits, known_to, moderations, waits_for
from services.audit_api.moderation_models import ModerationGrade, ModerationGrading
from services.audit_api.own_cases import named_on
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key
from shared.problems import NotFound
from shared.tables import read_log

editions, participants = table_of(ToolVersion), table_of(AuditParticipant)
gradings, grades = table_of(ModerationGrading), table_of(ModerationGrade)
_OPEN = moderations.c.status.not_in(("settled", "withdrawn"))


def _parts(table: sa.Table, name: str) -> sa.Label[Any]:
    whole = sa.func.jsonb_agg(sa.func.to_jsonb(sa.literal_column(table.name)))
    mine = sa.select(whole).select_from(table).where(table.c.moderation_id == moderations.c.id)
    return mine.correlate(moderations).scalar_subquery().label(name)


_of_audit = (
    audits.c.auditor, audits.c.tool, audits.c.tool_version, audits.c.audit_type, audits.c.programme, audits.c.period,
    audits.c.case_reference, audits.c.submitted_by, audits.c.submitted_on, audits.c.counts_on,
    audits.c.version.label("audit_version"),
)  # fmt: skip
_rows = sa.select(moderations, *_of_audit).join(audits, audits.c.id == moderations.c.audit_id)
_whole = _rows.add_columns(
    editions.c.hash.label("tool_hash"), _parts(gradings, "gradings"), _parts(grades, "grades")
).join(editions, sa.and_(editions.c.tool == audits.c.tool, editions.c.version == audits.c.tool_version))


async def read_moderation(session: AsyncSession, caller: Caller, moderation: UUID) -> sa.Row[Any]:
    """The moderation with all its gradings; raises NotFound where there is none within reach."""
    statement = _whole.where(moderations.c.id == moderation, await known_to(session, caller))
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def lock_moderation(session: AsyncSession, caller: Caller, moderation: UUID) -> sa.Row[Any]:
    """The moderation and its audit, held until the transaction ends, with all the gradings there are then."""
    chosen = sa.select(moderations.c.id).join(audits, audits.c.id == moderations.c.audit_id)
    chosen = chosen.where(moderations.c.id == moderation, await known_to(session, caller))
    await session.execute(chosen.with_for_update(of=[audits, moderations]))
    return await read_moderation(session, caller, moderation)


async def of_audit(session: AsyncSession, caller: Caller, audit: UUID) -> Sequence[sa.Row[Any]]:
    """The moderations of an audit, the oldest first; raises NotFound for an audit out of reach."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    known = sa.exists().where(moderations.c.audit_id == audits.c.id, moderations.c.moderator == caller.subject)
    there = sa.select(audits.c.id).where(audits.c.id == audit, sa.or_(within, known))
    if (await session.execute(there)).first() is None:
        raise NotFound()
    statement = _whole.where(moderations.c.audit_id == audit, await known_to(session, caller))
    return (await session.execute(statement.order_by(moderations.c.id))).all()


async def list_moderations(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    today: date,
    *,
    statuses: Sequence[str],
    waiting: bool,
    overdue: bool,
    sample: UUID | None,
    units: frozenset[str] | None,
) -> Sequence[sa.Row[Any]]:
    """A page of moderations, those due first first."""
    statement = _rows.where(await known_to(session, caller))
    if statuses:
        statement = statement.where(moderations.c.status.in_(statuses))
    if waiting:
        statement = statement.where(waits_for(caller))
    if overdue:
        statement = statement.where(_OPEN, moderations.c.due_on < today)
    if sample is not None:
        statement = statement.where(moderations.c.sample_id == sample)
    if units is not None:
        statement = statement.where(moderations.c.unit.in_(sorted(units)))
    if at.after is not None:
        last = (sa.literal(part) for part in cursor_key(at.after, date.fromisoformat, UUID))
        statement = statement.where(sa.tuple_(moderations.c.due_on, moderations.c.id) > sa.tuple_(*last))
    ordered = statement.order_by(moderations.c.due_on, moderations.c.id).limit(at.fetch)
    return (await session.execute(ordered)).all()


async def of_sample(session: AsyncSession, sample: UUID) -> Sequence[sa.Row[Any]]:
    """The moderations a sample began, in the order they were drawn."""
    statement = _rows.where(moderations.c.sample_id == sample).order_by(moderations.c.id)
    return (await session.execute(statement)).all()


async def on_the_case(session: AsyncSession, wanted: Collection[UUID]) -> dict[UUID, set[str]]:
    """The accounts that work on these cases or supervise that work, as the audit or the case system says."""
    statement = sa.select(participants.c.audit_id, participants.c.reference).where(
        participants.c.audit_id.in_(wanted),
        participants.c.part.in_(("case_worker", "case_manager")),
        participants.c.reference.is_not(None),
    )
    found = _by_audit((await session.execute(statement)).all())
    for audit, accounts in (await named_on(session, wanted)).items():
        found.setdefault(audit, set()).update(accounts)
    return found


async def graders_before(session: AsyncSession, wanted: Collection[UUID]) -> dict[UUID, set[str]]:
    """The accounts that have graded these audits in any moderation."""
    statement = (
        sa.select(moderations.c.audit_id, gradings.c.by)
        .join(moderations, moderations.c.id == gradings.c.moderation_id)
        .where(moderations.c.audit_id.in_(wanted), gradings.c.part != "final", gradings.c.by.is_not(None))
    )
    return _by_audit((await session.execute(statement)).all())


async def open_loads(session: AsyncSession, graders: Collection[str]) -> dict[str, int]:
    """How many audits these have still to grade."""
    statement = (
        sa.select(moderations.c.moderator, sa.func.count().label("number"))
        .where(moderations.c.status == "allocated", moderations.c.moderator.in_(graders))
        .group_by(moderations.c.moderator)
    )
    return {row.moderator: row.number for row in (await session.execute(statement)).all()}


async def has_read(session: AsyncSession, grader: str, audit: UUID) -> bool:
    """Whether this account has read the audit, whole or in one of its versions."""
    statement = sa.select(sa.literal(1)).where(
        read_log.c.subject_type == "audit", read_log.c.subject_id == str(audit), read_log.c.actor == grader
    )
    return (await session.execute(statement.limit(1))).first() is not None


def _by_audit(rows: Sequence[Any]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for audit, name in rows:
        found.setdefault(audit, set()).add(name)
    return found
