"""Whether somebody works on a case or supervises it, as the case system last said."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import driver_connection
from shared.work import Work

# For the driver: it is asked whenever an audit is begun.
WORKS_ON = """
SELECT 1 FROM open_case AS held JOIN open_case_list AS list ON list.id = held.list_id
WHERE held.case_reference = $1 AND $2 = ANY(held.workers || held.managers) AND NOT EXISTS (
  SELECT FROM open_case_list AS newer
  WHERE newer.unit = list.unit AND (newer.as_at, newer.revision) > (list.as_at, list.revision))
LIMIT 1
"""
_NAMED_ON = """
SELECT audit.id, named FROM audit JOIN open_case AS held ON held.case_reference = audit.case_reference
JOIN open_case_list AS list ON list.id = held.list_id, unnest(held.workers || held.managers) AS named
WHERE audit.id = ANY($1::uuid[]) AND NOT EXISTS (
  SELECT FROM open_case_list AS newer
  WHERE newer.unit = list.unit AND (newer.as_at, newer.revision) > (list.as_at, list.revision))
"""


async def works_on(session: AsyncSession, account: str, case_reference: str) -> bool:
    """Whether the newest list of any team names the account with the case."""
    connection = await driver_connection(session)
    return await connection.fetchval(WORKS_ON, case_reference, account) is not None


async def is_own_case(work: Work, account: str, case_reference: str) -> bool:
    """The same for work on the driver."""
    return bool(await work.fetch(WORKS_ON, case_reference, account))


async def named_on(session: AsyncSession, audits: Collection[UUID]) -> dict[UUID, set[str]]:
    """The accounts that the newest lists name with the cases of audits."""
    found: dict[UUID, set[str]] = {}
    for audit, account in await (await driver_connection(session)).fetch(_NAMED_ON, list(audits)):
        found.setdefault(audit, set()).add(account)
    return found
