"""Reading returns: one, with its steps, and what the caller may do about it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.chain import Power, authority
from services.reporting_api.definitions import Definitions
from services.reporting_api.models import DfeReturn, DfeReturnStep
from services.reporting_api.registry import table_of
from services.reporting_api.returns.schemas import DueOut, ReturnOut, ReturnsDueOut, StepOut
from services.reporting_api.returns_due import Due
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.organisation.units import visible_units
from shared.problems import NotFound

table, step_table = table_of(DfeReturn), table_of(DfeReturnStep)
c, s = table.c, step_table.c
_later, _any = table.alias("later"), table.alias("any")
# With everybody who prepared or changed it, in this submission or one it takes up, and whether it was taken up again.
SELECT = sa.select(
    table,
    sa.select(sa.func.array_agg(s.subject.distinct()))
    .join(_any, _any.c.id == s.dfe_return)
    .where(
        _any.c.code == c.code,
        _any.c.period == c.period,
        _any.c.submission <= c.submission,
        s.step.in_(("prepared", "changed")),
    )
    .correlate(table)
    .scalar_subquery()
    .label("preparers"),
    sa.exists()
    .where(_later.c.code == c.code, _later.c.period == c.period, _later.c.submission > c.submission)
    .label("taken_up"),
)


async def find_return(session: AsyncSession, caller: Caller, wanted: UUID, *, lock: bool = False) -> Any:
    """One return of the caller's part of the council; raises NotFound."""
    statement = SELECT.where(c.id == wanted)
    row = (await session.execute(statement.with_for_update(of=[table]) if lock else statement)).one_or_none()
    allowed = await visible_units(session, caller)
    if row is None or (allowed is not None and row.unit not in allowed):
        raise NotFound()
    return row


async def read_steps(session: AsyncSession, wanted: UUID) -> Sequence[Any]:
    return (await session.execute(sa.select(step_table).where(s.dfe_return == wanted).order_by(s.id))).all()


def return_out(
    row: Any,
    known: Definitions,
    caller: Caller,
    powers: Sequence[Power],
    today: date,
    steps: Sequence[Any] | None = None,
) -> ReturnOut:
    definition = known.returns.get(row.code)
    open_eyes = row.figures is None or editions.sees_full(caller)
    return ReturnOut(
        id=str(row.id), code=row.code, title=definition.title if definition else row.code,
        department=definition.department if definition else "", period=row.period,
        period_label=period_words(row.period), submission=row.submission,
        resubmission_reason=row.resubmission_reason, unit=row.unit, reviewer_role=row.reviewer_role,
        due_on=row.due_on, status=row.status, on_time=on_time(row, today),
        content_hash=row.content_hash if open_eyes else None, file_name=row.file_name,
        figures=row.figures if open_eyes else None, prepared_by=row.prepared_by, prepared_at=row.prepared_at,
        signed_by=row.signed_by, signed_for=row.signed_for, signed_at=row.signed_at, submitted_by=row.submitted_by,
        submitted_at=row.submitted_at, receipt=row.receipt,
        steps=None if steps is None else [_step_out(one, open_eyes) for one in steps], version=row.version,
        allowed_actions=_allowed(row, caller, powers),
    )  # fmt: skip


def due_out(found: Sequence[Due], first: date, last: date, today: date) -> ReturnsDueOut:
    items = [
        DueOut(
            code=one.definition.code, title=one.definition.title, period=one.period.code,
            period_label=period_words(one.period.code), unit=one.definition.unit,
            reviewer_role=one.definition.reviewer, due_on=one.due_on, status=one.standing,
            on_time=one.on_time(today), submission=one.newest.submission if one.newest else None,
            return_id=str(one.newest.id) if one.newest else None,
        )
        for one in found
    ]  # fmt: skip
    return ReturnsDueOut(
        first=first, last=last, owed=len(items), items=items,
        submitted=sum(one.was_submitted for one in found),
        overdue=sum(one.due_on < today and not one.was_submitted for one in found),
    )  # fmt: skip


def on_time(row: Any, today: date) -> bool | None:
    """By the day it was submitted; while it is not, the day after it was due is too late."""
    if row.submitted_at is not None:
        return bool(local_date(row.submitted_at) <= row.due_on)
    return False if today > row.due_on else None


def _step_out(row: Any, open_eyes: bool) -> StepOut:
    return StepOut(
        step=row.step, subject=row.subject, on_behalf_of=row.on_behalf_of, words=row.words, taken_at=row.taken_at,
        content_hash=row.content_hash if open_eyes else None,
    )  # fmt: skip


def _allowed(row: Any, caller: Caller, powers: Sequence[Power]) -> list[str]:
    found: list[str] = []
    writes, signs = caller.may("reporting:write"), caller.may("reporting:sign")
    right = authority(caller, row.reviewer_role, powers, row.code, row.unit, row.preparers) if signs else None
    if row.status in ("prepared", "signed"):
        if writes:
            found.append("change")
        if row.status == "prepared" and right and not {caller.subject, right.on_behalf_of} & set(row.preparers):
            found.append("sign")
        if right:
            found.append("send_back")
    if row.status == "signed" and writes and caller.subject not in (row.signed_by, row.signed_for):
        found.append("submit")
    if row.status == "submitted" and writes and not row.taken_up:
        found.append("resubmit")
    return found
