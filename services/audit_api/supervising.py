"""Each manager's own audits of supervision: when last, when next, and who is overdue (R35)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit
from services.audit_api.programmes_in_use import read_programmes
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import units_in_force
from shared.schemas.framework.audit_programmes import Programme
from shared.tables import framework_item, org_unit

_audits = table_of(Audit)


@dataclass(frozen=True, slots=True)
class Manager:
    """One manager under a programme of regular supervision audits, by unit and post."""

    programme: str
    title: str
    unit: str
    unit_name: str
    post: str | None
    roles: tuple[str, ...]
    auditor: str | None
    every_months: int
    last_done: date | None
    last_audit: str | None
    due_on: date
    overdue: bool
    days_overdue: int


async def managers(session: AsyncSession, caller: Caller, units: frozenset[str] | None, today: date) -> list[Manager]:
    """Every manager within reach who audits under a programme each_manager, the longest overdue first."""
    found = await read_programmes(session, ("each_manager",))
    in_force = set(await units_in_force(session, today)) if found else set()
    rows: list[Manager] = []
    for programme in found:
        asked = {slot.unit: slot.effective_from for slot in programme.slots_on(today) if slot.unit in in_force}
        mine = {unit: since for unit, since in asked.items() if units is None or unit in units}
        if mine:
            rows += await _of_programme(session, caller, programme, mine, today)
    return sorted(rows, key=lambda one: (one.due_on, one.programme, one.unit))


async def _of_programme(
    session: AsyncSession, caller: Caller, programme: Programme, since: Mapping[str, date], today: date
) -> list[Manager]:
    last = await _last_audits(session, caller, programme.audit_type.value, sorted(since))
    rows = []
    for unit in await _posts(session, sorted(since)):
        done = last.get(unit.code)
        months = programme.every_months or 0
        due_on = months_after(done.submitted_on if done else since[unit.code], months)
        rows.append(
            Manager(
                programme=programme.code,
                title=programme.title,
                unit=unit.code,
                unit_name=unit.name,
                post=unit.post,
                roles=programme.instigators,
                auditor=done.auditor if done else None,
                every_months=months,
                last_done=done.submitted_on if done else None,
                last_audit=str(done.id) if done and done.within else None,
                due_on=due_on,
                overdue=today > due_on,
                days_overdue=max((today - due_on).days, 0),
            )
        )
    return rows


async def _last_audits(session: AsyncSession, caller: Caller, kind: str, units: Sequence[str]) -> dict[str, Any]:
    """The last audit that each unit's manager did: theirs is the unit the auditor belongs to, wherever it looked."""
    within = await reached(session, caller, _audits.c.unit, _audits.c.auditor)
    statement = (
        sa.select(
            _audits.c.auditor_unit, _audits.c.id, _audits.c.auditor, _audits.c.submitted_on, within.label("within")
        )
        .where(
            # Written out, so that the index of supervision audits is known to hold them.
            _audits.c.audit_type == sa.literal(kind, literal_execute=True),
            _audits.c.submitted_on.is_not(None),
            _audits.c.status != "withdrawn",
            _audits.c.auditor_unit.in_(units),
        )
        .ext(distinct_on(_audits.c.auditor_unit))
        .order_by(_audits.c.auditor_unit, _audits.c.submitted_on.desc(), _audits.c.id.desc())
    )  # fmt: skip
    return {row.auditor_unit: row for row in (await session.execute(statement)).all()}


async def _posts(session: AsyncSession, codes: Sequence[str]) -> Sequence[Any]:
    item = framework_item
    post = item.c.content["head_role"].astext.label("post")
    statement = (
        sa.select(org_unit.c.code, org_unit.c.name, post)
        .outerjoin(item, sa.and_(item.c.kind == "units", item.c.code == org_unit.c.code))
        .where(org_unit.c.code.in_(codes))
    )
    return (await session.execute(statement.order_by(org_unit.c.code))).all()


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
