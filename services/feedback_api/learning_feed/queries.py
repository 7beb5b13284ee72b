"""Reading shared learning: the approved words of complaints, and what agencies have shared, as one feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.approved_words import READABLE, readable_for
from shared.extracts.instants import read_instant
from shared.paging import Cursor, cursor_key

# Of a complaint only what a second person approved for boards is shared, and from that moment. What an agency shares it
# has approved itself; while its words wait for the duty role they are held back like anyone's.
_FEED = f"""
WITH approved AS (
  SELECT DISTINCT ON (c.id) c.id, 'complaint' AS origin, c.agency, c.themes, q.text AS learning,
         q.approved_at AS shared_at, CAST(NULL AS date) AS learned_on, CAST(NULL AS text) AS source_ref
  FROM complaint c JOIN quotation q ON q.subject_kind = 'complaint' AND q.subject_ref = c.respond_ref
  WHERE q.field = 'shared_learning' AND c.status <> 'merged' AND {READABLE}
  ORDER BY c.id, q.approved_at DESC),
shared AS (
  SELECT * FROM approved
  UNION ALL
  SELECT id, 'agency', agency, themes, learning, shared_at, learned_on, source_ref FROM agency_learning l
  WHERE withdrawn_at IS NULL AND (:waiting OR NOT EXISTS (
    SELECT FROM safeguarding_flag f
    WHERE f.subject_kind = 'agency_learning' AND f.subject_ref = l.id::text AND f.status <> 'decided')))
SELECT s.*, i.content->>'name' AS agency_title, e.acknowledged, e.evaluated, e.relevant
FROM shared s LEFT JOIN framework_item i ON i.kind = 'agencies' AND i.code = s.agency
CROSS JOIN LATERAL (
  SELECT count(*) AS acknowledged, count(relevant) AS evaluated, count(*) FILTER (WHERE relevant) AS relevant
  FROM learning_evaluation WHERE learning_id = s.id
    AND (CAST(:units AS text[]) IS NULL OR unit = ANY(CAST(:units AS text[])))) AS e
WHERE {{conditions}}
ORDER BY s.shared_at, s.id LIMIT :limit
"""  # noqa: S608 - fixed text; values travel as bound parameters


@dataclass(frozen=True)
class Filters:
    """What the feed may be narrowed to."""

    agency: str | None = None
    theme: str | None = None
    origin: str | None = None
    without: str | None = None


async def read_feed(
    session: AsyncSession, units: list[str] | None, filters: Filters, at: Cursor, today: date
) -> Sequence[sa.Row[Any]]:
    """One page and a row more of what is shared, oldest first, from the place after the cursor."""
    bound: dict[str, Any] = {"units": units, "limit": at.fetch, "waiting": False} | readable_for("boards", today)
    conditions = ["true"]
    for name, condition in (
        ("agency", "s.agency = :agency"),
        ("theme", "s.themes @> ARRAY[CAST(:theme AS text)]"),
        ("origin", "s.origin = :origin"),
        ("without", "NOT EXISTS (SELECT FROM learning_evaluation WHERE learning_id = s.id AND unit = :without)"),
    ):
        if (wanted := getattr(filters, name)) is not None:
            conditions.append(condition)
            bound[name] = wanted
    if at.after is not None:
        bound["shared_at"], bound["id"] = cursor_key(at.after, read_instant, UUID)
        conditions.append("(s.shared_at, s.id) > (CAST(:shared_at AS timestamptz), CAST(:id AS uuid))")
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    return (await session.execute(sa.text(_FEED.format(conditions=" AND ".join(conditions))), bound)).all()


async def find_learning(
    session: AsyncSession, units: list[str] | None, learning_id: UUID, today: date, *, waiting: bool = False
) -> sa.Row[Any] | None:
    """One piece of what is shared; also of an agency's that waits for the duty role, where that is asked for."""
    bound = {"units": units, "limit": 1, "id": learning_id, "waiting": waiting} | readable_for("boards", today)
    statement = sa.text(_FEED.format(conditions="s.id = CAST(:id AS uuid)"))
    return (await session.execute(statement, bound)).one_or_none()
