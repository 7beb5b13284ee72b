"""The rule of lateness: it may be explained before and after, by whom the report belongs to, and no word is lost."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.lateness.errors import NeverLate
from services.reporting_api.lateness.schemas import LatenessIn
from services.reporting_api.occurrences import LatenessOut, c, lateness_table, table
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed, NotFound


async def explain(
    session: AsyncSession, caller: Caller, occurrence: UUID, body: LatenessIn, today: date
) -> LatenessOut:
    """One more reason beside the earlier ones."""
    row = (await session.execute(sa.select(table).where(c.id == occurrence).with_for_update())).one_or_none()
    allowed = await visible_units(session, caller)
    if row is None or (allowed is not None and row.unit not in allowed):
        raise NotFound()
    if row.withdrawn_on or row.due_on is None or (row.published_on is not None and row.published_on <= row.due_on):
        raise NeverLate()
    if body.expected_on is not None and (row.published_on is not None or body.expected_on < today):
        fault = Fault("/expected_on", "past", "give a day from today on, or leave it out where the report has come")
        raise Malformed("The day the report is expected on is past.", errors=[fault])
    lateness = sa.insert(lateness_table).values(
        id=new_id(), occurrence=occurrence, given_by=caller.subject, **body.model_dump()
    )
    kept = (await session.execute(lateness.returning(lateness_table))).one()
    await session.execute(sa.update(table).where(c.id == occurrence).values(version=c.version + 1))
    await record_activity(
        session, caller, "occurrence.lateness_explained", "occurrence", occurrence, unit=row.unit,
        content=body.reason, data={"report": row.report, "period": row.period, "cause": body.cause},
    )  # fmt: skip
    return LatenessOut.model_validate(kept)
