"""Reading who may audit what: the auditors with what they have in hand, and from which units nobody may come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.independence import Unit, kept_apart
from services.audit_api.loads import read_loads
from services.audit_api.models import Auditor as AuditorRow
from services.audit_api.registry import table_of
from services.audit_api.selection.assigning import Auditor, Bench, Job, bench_of
from shared.schemas.framework.audit_selection import Independence
from shared.tables import org_unit

_auditors = table_of(AuditorRow)


@dataclass(frozen=True)
class Staffing:
    """Who may audit on a day: all auditors, and for each audited unit what its auditor must be."""

    bench: Bench
    jobs: Mapping[str, Job]
    on: date


async def read_staffing(
    session: AsyncSession, units: Iterable[str], tool: str, audit_type: str, rule: Independence, on: date
) -> Staffing:
    """All auditors of the council, whatever the caller's reach: independence means looking outside one's own part."""
    rows = (await session.execute(sa.select(_auditors))).all()
    auditors = [
        Auditor(
            row.reference, row.unit, frozenset(row.tools), frozenset(row.audit_types), row.capacity_per_month,
            row.available_from, row.available_to,
        )
        for row in rows
    ]  # fmt: skip
    bench = bench_of(auditors, await read_loads(session, on))
    found = await session.execute(sa.select(org_unit.c.code, org_unit.c.kind, org_unit.c.parent))
    tree = {row.code: Unit(row.kind, row.parent) for row in found}
    jobs = {unit: Job(tool, audit_type, on, kept_apart(unit, tree, rule)) for unit in units}
    return Staffing(bench, jobs, on)
