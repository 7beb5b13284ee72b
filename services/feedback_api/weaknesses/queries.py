"""Counting themes by unit over complaints and negative views, in a period and the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.schemas.periods import Period

MOST_ACTIONS = 50
# A view that turned out to be a complaint is counted as that, and a complaint that was merged with what it became.
_WEAKNESSES = sa.text(
    """
    WITH told AS (
      SELECT unit, themes, received_on AS day, true AS complaint, outcome IN ('upheld', 'partially_upheld') AS upheld
      FROM complaint WHERE received_on BETWEEN :before AND :last AND status <> 'merged'
        AND (CAST(:units AS text[]) IS NULL OR unit = ANY(:units))
      UNION ALL
      SELECT unit, themes, given_on, false, false
      FROM view v WHERE given_on BETWEEN :before AND :last AND sentiment = 'negative'
        AND NOT EXISTS (SELECT FROM recategorisation r
                        WHERE r.kind = 'view' AND r.ref = v.id::text AND r.undone_at IS NULL)
        AND (CAST(:units AS text[]) IS NULL OR unit = ANY(:units))),
    counted AS (
      SELECT unit, theme,
             count(*) FILTER (WHERE complaint AND day >= :first) AS complaints,
             count(*) FILTER (WHERE upheld AND day >= :first) AS upheld,
             count(*) FILTER (WHERE NOT complaint AND day >= :first) AS negative_views,
             count(*) FILTER (WHERE day >= :first) AS total,
             count(*) FILTER (WHERE complaint AND day < :first) AS complaints_before,
             count(*) FILTER (WHERE upheld AND day < :first) AS upheld_before,
             count(*) FILTER (WHERE NOT complaint AND day < :first) AS negative_views_before,
             count(*) FILTER (WHERE day < :first) AS total_before
      FROM told CROSS JOIN LATERAL unnest(themes) AS theme GROUP BY 1, 2),
    acted AS (
      SELECT unit, theme, action_ref FROM weakness_link WHERE unit IS NOT NULL
      UNION
      SELECT c.unit, named.theme, l.action_ref
      FROM weakness_link l JOIN complaint own ON own.id = l.complaint_id
      JOIN complaint c ON c.id = coalesce(own.merged_into, own.id)
      CROSS JOIN LATERAL unnest(c.themes) AS named(theme))
    SELECT counted.*, u.name AS unit_title, coalesce(i.content->>'name', counted.theme) AS theme_title, a.actions
    FROM counted JOIN org_unit u ON u.code = counted.unit
    LEFT JOIN framework_item i ON i.kind = 'themes' AND i.code = counted.theme
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(action_ref ORDER BY action_ref), '{}') AS actions FROM acted
                        WHERE acted.unit = counted.unit AND acted.theme = counted.theme) AS a
    WHERE counted.total > 0
      AND (CAST(:without_action AS boolean) IS NULL OR (cardinality(a.actions) = 0) = :without_action)
      AND (CAST(:after_total AS int) IS NULL OR (-counted.total, counted.unit, counted.theme)
           > (-CAST(:after_total AS int), CAST(:after_unit AS text), CAST(:after_theme AS text)))
    ORDER BY counted.total DESC, counted.unit, counted.theme LIMIT :limit
    """
)


async def count_weaknesses(
    session: AsyncSession, period: Period, units: list[str] | None, without_action: bool | None,
    after: tuple[Any, ...] | None, limit: int,
) -> Sequence[sa.Row[Any]]:  # fmt: skip
    """The themes of units people complained of, most first, from the place after the cursor."""
    total, unit, theme = after or (None, None, None)
    bound = {
        "before": period.predecessor.start, "first": period.start, "last": period.end, "units": units,
        "without_action": without_action, "after_total": total, "after_unit": unit, "after_theme": theme,
        "limit": limit,
    }  # fmt: skip
    return (await session.execute(_WEAKNESSES, bound)).all()
