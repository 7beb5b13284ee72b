"""The days on which the council's own calendar differs from the library's bank holidays."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import BankHoliday, table_of
from shared.working_days import DaysOff

_DAY = table_of(BankHoliday)


async def local_days_off(session: AsyncSession) -> DaysOff:
    """The days off that the library does not know, and its bank holidays that are worked all the same."""
    rows = (await session.execute(sa.select(_DAY.c.day, _DAY.c.worked))).all()
    return DaysOff((row.day for row in rows if not row.worked), (row.day for row in rows if row.worked))
