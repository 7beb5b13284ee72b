"""What every change of an edition has in common: it is found and held, changed, and told in the activity log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.reports import errors
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.problems import NotFound
from shared.schemas.framework.reporting import Report


async def lock_edition(session: AsyncSession, caller: Caller, report: UUID, match: IfMatch, *statuses: str) -> Any:
    """The edition to change, held; in order: is it there, is it the one the caller read, does the step fit."""
    row = await editions.read_edition(session, caller, report, lock=True)
    if row is None:
        raise NotFound()
    match.check(row.version)
    if row.status not in statuses:
        raise errors.WrongStatus(f"The report is {row.status.replace('_', ' ')}.")
    return row


async def definition_of(session: AsyncSession, row: Any) -> tuple[Definitions, Report]:
    known = await read_definitions(session)
    definition = known.reports.get(row.report)
    if definition is None:
        raise NotFound()
    return known, definition


async def set_edition(session: AsyncSession, row: Any, **values: Any) -> None:
    await session.execute(
        sa.update(editions.table).where(editions.c.id == row.id).values(**values, version=row.version + 1)
    )


async def set_stage(session: AsyncSession, row: Any, stage: str) -> None:
    """The occurrence follows its first edition; a correction leaves it published."""
    await session.execute(
        sa.update(occurrence_table)
        .where(occurrence.id == row.occurrence, occurrence.published_on.is_(None))
        .values(stage=stage, version=occurrence.version + 1)
    )


async def record_step(session: AsyncSession, caller: Caller, action: str, row: Any, **more: Any) -> None:
    about = {"report": row.report, "period": row.period, "edition": row.edition, **more.pop("data", {})}
    await record_activity(session, caller, action, "report", row.id, unit=row.unit, data=about, **more)
