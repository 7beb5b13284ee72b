"""How many took part in each quarter as it was told: worked out once and kept, whatever becomes of a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.coverage.people import Shown, added, quarters_of, told, untold
from services.feedback_api.coverage.queries import Span
from services.feedback_api.coverage.service import View
from services.feedback_api.coverage.statement_queries import count_people, count_people_then, was_anything_recorded
from services.feedback_api.models import ParticipationTold, table_of
from services.feedback_api.spans import told_from
from shared.activity.record import record_activity
from shared.auth.caller import system_caller
from shared.clock import local_date, local_midnight
from shared.database import Database
from shared.database_errors import DATABASE_ERRORS, takes_nothing
from shared.privacy.retention import read_periods
from shared.schemas.periods import Period

_TOLD = table_of(ParticipationTold)
# A record bears the moment its request began: one begun before the moment of telling is stored by then, or never.
_UNDER_WAY = timedelta(hours=1)
RETENTION = "participation"


async def people_told(
    database: Database, period: Period, view: View, now: datetime, *, read_only: bool = False
) -> Shown | None:
    """What callers without true figures are told, whoever asks; None where nothing is told, or not yet or no more.

    While the database takes no changes what was worked out is told and not kept.
    """
    quarters = quarters_of(period)
    if not quarters or view.units is not None or _from(quarters[-1]) + _UNDER_WAY > now:
        return None
    async with database.snapshot() as session:
        kept = await _kept(session, quarters)
        missing = [one for one in quarters if one.code not in kept]
        if missing and await _purged(session, missing[0].start, local_date(now)):
            return None
        fresh = {one.code: await _shown(session, one, view.threshold) for one in missing}
    if fresh and not read_only:
        try:
            kept = await _keep(database, quarters, fresh, view.threshold, now)
        except DATABASE_ERRORS as error:
            if not takes_nothing(error):
                raise
    return added([(fresh | kept)[one.code] for one in quarters])


def _from(quarter: Period) -> datetime:
    return local_midnight(told_from(quarter))


async def _kept(session: AsyncSession, quarters: Sequence[Period]) -> dict[str, Shown]:
    wanted = _TOLD.c.period.in_([one.code for one in quarters])
    rows = (await session.execute(sa.select(_TOLD.c.period, _TOLD.c.people).where(wanted))).all()
    return {row.period: row.people for row in rows}


async def _keep(
    database: Database, quarters: Sequence[Period], fresh: dict[str, Shown], threshold: int, now: datetime
) -> dict[str, Shown]:
    """Of two that are worked out at once the first is told to both readers."""
    async with database.transaction() as session:
        for code, people in fresh.items():
            values = {"period": code, "told_at": now, "threshold": threshold, "people": people}
            statement = insert(_TOLD).values(values).on_conflict_do_nothing().returning(_TOLD.c.period)
            if (await session.execute(statement)).scalar_one_or_none() is not None:
                data = {"period": code, "threshold": threshold}
                by = system_caller("feedback")
                await record_activity(session, by, "quarter.told", "participation_told", code, data=data)
        return await _kept(session, quarters)


async def _purged(session: AsyncSession, first: date, today: date) -> bool:
    """Whether activities of a quarter's first day may be gone: of those that are left another number would be told."""
    kept = (await read_periods(session)).get(RETENTION)
    return kept is not None and first.replace(year=first.year + int(kept["keep_years"])) <= today


async def _shown(session: AsyncSession, quarter: Period, threshold: int) -> Shown:
    """A quarter as it is told; what was recorded only later, or before anything was, is no nought and no number."""
    moment = _from(quarter)
    stood = await count_people_then(session, quarter.start, quarter.end, moment)
    if stood:
        return told(stood, threshold)
    now = await count_people(session, Span(quarter.start, quarter.end, None))
    return told({}, threshold) if not now and await was_anything_recorded(session, moment) else untold(now)
