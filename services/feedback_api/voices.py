"""Through which channels somebody was heard: one list of everything that breaks a channel's silence (R13)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

# Whatever else is heard through a channel is one SELECT more here. A method, and a board that challenges, have their
# channel in the framework.
_BESIDES_VIEWS = """
SELECT m.content->>'channel' AS channel, a.unit, a.ended_on AS day
FROM participation_activity a JOIN framework_item m ON m.kind = 'participation_methods' AND m.code = a.method
WHERE a.took_place AND a.withdrawn_because IS NULL AND m.content->>'channel' IS NOT NULL
UNION ALL
SELECT b.content->'challenges'->>'channel', c.unit, c.raised_on
FROM challenge c JOIN framework_item b ON b.kind = 'boards' AND b.code = c.raised_by_body
WHERE b.content->'challenges'->>'channel' IS NOT NULL
"""
_VOICES = "SELECT channel, unit, given_on AS day FROM view UNION ALL" + _BESIDES_VIEWS  # noqa: S608 - both are fixed text of this module
_HEARD = """
SELECT channel, unit, count(*) AS voices FROM ({voices}) AS voice
WHERE day BETWEEN :first AND :last AND (CAST(:units AS text[]) IS NULL OR unit = ANY(CAST(:units AS text[])))
GROUP BY channel, unit
"""


async def count_voices(
    session: AsyncSession, first: date, last: date, units: list[str] | None
) -> dict[tuple[str, str], int]:
    """How often each channel was heard in each of the units; a pair that is absent was silent."""
    return await _count(session, _VOICES, first, last, units)


async def channels_besides_views(session: AsyncSession, first: date, last: date, units: list[str] | None) -> set[str]:
    """The channels heard otherwise than by a view, for whoever has counted the views already."""
    return {channel for channel, _ in await _count(session, _BESIDES_VIEWS, first, last, units)}


async def _count(
    session: AsyncSession, voices: str, first: date, last: date, units: list[str] | None
) -> dict[tuple[str, str], int]:
    statement = sa.text(_HEARD.format(voices=voices))
    rows = await session.execute(statement, {"first": first, "last": last, "units": units})
    return {(row.channel, row.unit): row.voices for row in rows.all()}
