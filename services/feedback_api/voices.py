"""Through which channels somebody was heard: one list of everything that breaks a channel's silence (R13)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.counting import Asked
from services.feedback_api.tallies import count_by_unit

# Whatever is heard through a channel otherwise than by a view is one SELECT more here. A method, and a board that
# challenges, have their channel in the framework.
_BESIDES_VIEWS = """
SELECT m.content->>'channel' AS channel, a.unit, a.ended_on AS day
FROM participation_activity a JOIN framework_item m ON m.kind = 'participation_methods' AND m.code = a.method
WHERE a.took_place AND a.withdrawn_because IS NULL AND m.content->>'channel' IS NOT NULL
UNION ALL
SELECT b.content->'challenges'->>'channel', c.unit, c.raised_on
FROM challenge c JOIN framework_item b ON b.kind = 'boards' AND b.code = c.raised_by_body
WHERE b.content->'challenges'->>'channel' IS NOT NULL
"""
_COUNT = """
SELECT channel, unit, count(*) AS voices FROM ({voices}) AS voice
WHERE day BETWEEN :first AND :last AND (CAST(:units AS text[]) IS NULL OR unit = ANY(CAST(:units AS text[])))
GROUP BY channel, unit
"""
_OF_OTHERS = sa.text(_COUNT.format(voices=_BESIDES_VIEWS))
# How often each channel was heard in each unit; a pair that is absent was silent.
Voices = dict[tuple[str, str], int]


async def count_views(session: AsyncSession, first: date, last: date, units: list[str] | None) -> Voices:
    """Views by channel and unit."""
    counts = await count_by_unit(session, "views", Asked(first, last, units), ["channels"])
    return {(channel, unit): n for unit, one in counts.items() for channel, n in one.channels.items()}


async def count_besides_views(session: AsyncSession, first: date, last: date, units: list[str] | None) -> Voices:
    """Everything else that was heard through a channel."""
    return await _count(session, _OF_OTHERS, first, last, units)


async def _count(
    session: AsyncSession, statement: sa.TextClause, first: date, last: date, units: list[str] | None
) -> Voices:
    rows = await session.execute(statement, {"first": first, "last": last, "units": units})
    return {(row.channel, row.unit): row.voices for row in rows.all()}
