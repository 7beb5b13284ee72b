"""Whether somebody works on a case or supervises it, as the case system last said."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import driver_connection

# For the driver: it is asked whenever an audit is begun.
WORKS_ON = """
SELECT 1 FROM open_case AS held JOIN open_case_list AS list ON list.id = held.list_id
WHERE held.case_reference = $1 AND $2 = ANY(held.workers || held.managers) AND NOT EXISTS (
  SELECT FROM open_case_list AS newer
  WHERE newer.unit = list.unit AND (newer.as_at, newer.revision) > (list.as_at, list.revision))
LIMIT 1
"""


async def works_on(session: AsyncSession, account: str, case_reference: str) -> bool:
    """Whether the newest list of any team names the account with the case."""
    connection = await driver_connection(session)
    return await connection.fetchval(WORKS_ON, case_reference, account) is not None
