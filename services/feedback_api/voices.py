"""Through which channels somebody was heard: one list of everything that breaks a channel's silence (R13)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.review_models import HEARD

# Answers to surveys, and reviews of their care in which children were heard, are told of whom they are; the codes of a
# return come through whichever channel the framework says they feed.
_ANSWERS = """
SELECT w.channel, r.unit, r.answered_on AS day, r.respondent_group
FROM survey_response r JOIN survey_wave w ON w.id = r.wave_id
UNION ALL
SELECT i.code, p.unit, p.reviewed_on, 'child' FROM review_participation p
JOIN framework_item i ON i.kind = 'channels' AND i.content->>'fed_by' = 'ssda903_reviews'
WHERE p.code = ANY(CAST(:heard AS text[]))
"""
_OF_FAMILIES = f"""
SELECT a.channel, a.unit, a.day FROM ({_ANSWERS}) AS a
JOIN framework_item g ON g.kind = 'respondent_groups' AND g.code = a.respondent_group
WHERE g.content->>'family' = 'children_and_families'
"""  # noqa: S608 - fixed text of this module; values travel as bound parameters
# Whatever is heard through a channel otherwise than by a view is one SELECT more here. A method, and a board that
# challenges, have their channel in the framework.
_BESIDES_VIEWS = f"""
SELECT m.content->>'channel' AS channel, a.unit, a.ended_on AS day
FROM participation_activity a JOIN framework_item m ON m.kind = 'participation_methods' AND m.code = a.method
WHERE a.took_place AND a.withdrawn_because IS NULL AND m.content->>'channel' IS NOT NULL
UNION ALL
SELECT b.content->'challenges'->>'channel', c.unit, c.raised_on
FROM challenge c JOIN framework_item b ON b.kind = 'boards' AND b.code = c.raised_by_body
WHERE b.content->'challenges'->>'channel' IS NOT NULL
UNION ALL
SELECT channel, unit, day FROM ({_ANSWERS}) AS answer
"""  # noqa: S608 - fixed text of this module; values travel as bound parameters
_COUNT = """
SELECT channel, unit, count(*) AS voices FROM ({voices}) AS voice
WHERE day BETWEEN :first AND :last AND (CAST(:units AS text[]) IS NULL OR unit = ANY(CAST(:units AS text[])))
GROUP BY channel, unit
"""
_VIEWS = sa.text(_COUNT.format(voices="SELECT channel, unit, given_on AS day FROM view"))
_FAMILIES = sa.text(_COUNT.format(voices=_OF_FAMILIES)).bindparams(heard=list(HEARD))
_OTHERS = sa.text(_COUNT.format(voices=_BESIDES_VIEWS)).bindparams(heard=list(HEARD))
# How often each channel was heard in each unit; a pair that is absent was silent.
Voices = dict[tuple[str, str], int]


async def count_views(session: AsyncSession, first: date, last: date, units: list[str] | None) -> Voices:
    """Views by channel and unit."""
    return await _count(session, _VIEWS, first, last, units)


async def count_answers(session: AsyncSession, first: date, last: date, units: list[str] | None) -> Voices:
    """Children, young people, parents and carers who answered a survey or were heard in a review."""
    return await _count(session, _FAMILIES, first, last, units)


async def count_besides_views(session: AsyncSession, first: date, last: date, units: list[str] | None) -> Voices:
    """Everything else that was heard through a channel."""
    return await _count(session, _OTHERS, first, last, units)


async def _count(
    session: AsyncSession, statement: sa.TextClause, first: date, last: date, units: list[str] | None
) -> Voices:
    rows = await session.execute(statement, {"first": first, "last": last, "units": units})
    return {(row.channel, row.unit): row.voices for row in rows.all()}
