"""Voices heard in surveys, counted like those of views: by channel and group, on the day they were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession


class Voices(NamedTuple):
    """How many answered, of one group through one channel."""

    channel: str
    respondent_group: str
    number: int


_HEARD = """
SELECT w.channel, r.respondent_group, count(*) AS number
FROM survey_response r JOIN survey_wave w ON w.id = r.wave_id
WHERE r.answered_on BETWEEN :first AND :last {units}
GROUP BY 1, 2 ORDER BY 1, 2
"""
_OF_ALL = sa.text(_HEARD.format(units=""))
_OF_UNITS = sa.text(_HEARD.format(units="AND r.unit = ANY(CAST(:units AS text[]))"))


async def heard(session: AsyncSession, first: date, last: date, units: Sequence[str] | None) -> list[Voices]:
    """True counts of those who answered a survey in the days given; units None is the whole council."""
    bound = {"first": first, "last": last}
    if units is None:
        rows = await session.execute(_OF_ALL, bound)
    else:
        rows = await session.execute(_OF_UNITS, bound | {"units": list(units)})
    return [Voices(row.channel, row.respondent_group, row.number) for row in rows]
