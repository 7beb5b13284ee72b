"""Reading assessments with every look at them, within the caller's units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.checkpoint_models import SenAssessment, SenCheckpoint
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key

assessments, checkpoints = table_of(SenAssessment), table_of(SenCheckpoint)


def _latest(name: str) -> sa.ScalarSelect[Any]:
    looks = sa.select(checkpoints.c.outcome).where(
        checkpoints.c.assessment_id == assessments.c.id, checkpoints.c.checkpoint == name
    )
    return looks.order_by(checkpoints.c.position.desc()).limit(1).correlate(assessments).scalar_subquery()


_sign_off, _panel = _latest("manager_sign_off"), _latest("panel")
_fields = (part for column in checkpoints.c if column.name != "assessment_id" for part in (column.name, column))
_looks = (
    sa.select(sa.func.jsonb_agg(aggregate_order_by(sa.func.jsonb_build_object(*_fields), checkpoints.c.position)))
    .where(checkpoints.c.assessment_id == assessments.c.id)
    .correlate(assessments)
    .scalar_subquery()
)
_row = sa.select(assessments, _sign_off.label("manager_sign_off"), _panel.label("panel"))
_whole = _row.add_columns(_looks.label("looks"))


async def find_assessment(session: AsyncSession, caller: Caller, assessment: UUID) -> sa.Row[Any] | None:
    """The assessment with every look at it; None out of reach."""
    within = await reached(session, caller, assessments.c.unit)
    return (await session.execute(_whole.where(assessments.c.id == assessment, within))).one_or_none()


async def lock_assessment(session: AsyncSession, caller: Caller, assessment: UUID) -> bool:
    """Hold the assessment until the transaction ends; False out of reach."""
    within = await reached(session, caller, assessments.c.unit)
    statement = sa.select(assessments.c.id).where(assessments.c.id == assessment, within)
    return (await session.execute(statement.with_for_update(of=assessments))).one_or_none() is not None


async def list_assessments(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    *,
    missing: str | None,
    started_before: date | None,
    units: frozenset[str] | None,
) -> Sequence[sa.Row[Any]]:
    """A page of assessments, those begun first first."""
    statement = _row.where(await reached(session, caller, assessments.c.unit))
    if missing is not None:
        no_sign_off, no_panel = (latest.is_distinct_from("agreed") for latest in (_sign_off, _panel))
        lacking = {
            "either": sa.or_(no_sign_off, no_panel),
            "both": sa.and_(no_sign_off, no_panel),
            "manager_sign_off": no_sign_off,
            "panel": no_panel,
        }
        statement = statement.where(assessments.c.ended_on.is_(None), lacking[missing])
    if started_before is not None:
        statement = statement.where(assessments.c.started_on < started_before)
    if units is not None:
        statement = statement.where(assessments.c.unit.in_(sorted(units)))
    key = (assessments.c.started_on, assessments.c.id)
    if at.after is not None:
        last = (sa.literal(part) for part in cursor_key(at.after, date.fromisoformat, UUID))
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*last))
    return (await session.execute(statement.order_by(*key).limit(at.fetch))).all()


async def begun_between(
    session: AsyncSession, caller: Caller, first: date, last: date, units: frozenset[str] | None
) -> Sequence[sa.Row[Any]]:
    """The assessments begun in a span of days."""
    statement = _whole.where(
        await reached(session, caller, assessments.c.unit), assessments.c.started_on.between(first, last)
    )
    if units is not None:
        statement = statement.where(assessments.c.unit.in_(sorted(units)))
    return (await session.execute(statement)).all()


async def teams_assessing(session: AsyncSession, caller: Caller, units: frozenset[str] | None) -> list[str]:
    """Every team that has ever begun one, so that a team that stopped stands there with none."""
    statement = sa.select(assessments.c.unit).where(await reached(session, caller, assessments.c.unit)).distinct()
    if units is not None:
        statement = statement.where(assessments.c.unit.in_(sorted(units)))
    return sorted((await session.execute(statement)).scalars())
