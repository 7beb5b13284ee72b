"""The words an edition points at, as they stood when it was produced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

# A record is its newest version itself; what it said before is in its history.
_COMPLAINTS = sa.text(
    """
    WITH wanted AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[])) AS w(id, version))
    SELECT w.id, coalesce(h.content->>'learning', CASE WHEN c.version = w.version THEN c.learning END) AS learning,
           coalesce(h.content->>'improvement', CASE WHEN c.version = w.version THEN c.improvement END) AS improvement,
           coalesce(h.content->>'refusal_reason', CASE WHEN c.version = w.version THEN c.refusal_reason END) AS refusal,
           c.learning IS NOT NULL AND c.improvement IS NOT NULL AS complete_now
    FROM wanted w JOIN complaint c ON c.id = w.id
    LEFT JOIN complaint_history h ON h.complaint_id = w.id AND h.version = w.version
    """
)
_UPDATES = sa.text(
    """
    WITH wanted AS (SELECT * FROM unnest(CAST(:units AS text[]), CAST(:versions AS int[])) AS w(unit, version))
    SELECT w.unit, coalesce(h.content->>'learning', u.learning) AS learning,
           coalesce(h.content->>'improvement', u.improvement) AS improvement,
           coalesce(h.content->>'updated_by', u.updated_by) AS updated_by,
           coalesce(h.valid_from, u.updated_at) AS updated_at
    FROM wanted w JOIN complaint_report_update u ON u.period = :period AND u.unit = w.unit
    LEFT JOIN complaint_report_update_history h
      ON h.period = u.period AND h.unit = u.unit AND h.version = w.version
    ORDER BY w.unit
    """
)
_SINCE = sa.text(
    """
    SELECT u.unit FROM complaint_report_update u
    WHERE u.period = :period AND NOT EXISTS (
      SELECT FROM unnest(CAST(:units AS text[]), CAST(:versions AS int[])) AS w(unit, version)
      WHERE w.unit = u.unit AND w.version = u.version)
    ORDER BY u.unit
    """
)
Pointers = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Words:
    """What was written: by complaint, by unit, the units that have written since, and what is approved for boards."""

    complaints: dict[str, sa.Row[Any]]
    updates: list[sa.Row[Any]]
    since: list[str]
    approved: Sequence[sa.Row[Any]]


async def read_words(
    session: AsyncSession, period: str, complaints: Pointers, updates: Pointers,
    approved: Sequence[sa.Row[Any]],
) -> Words:  # fmt: skip
    """Of every complaint and update pointed at, the version pointed at."""
    found: dict[str, sa.Row[Any]] = {}
    if complaints:
        bound = {"ids": [one["id"] for one in complaints], "versions": [one["version"] for one in complaints]}
        found = {str(row.id): row for row in (await session.execute(_COMPLAINTS, bound)).all()}
    written = {
        "period": period,
        "units": [one["unit"] for one in updates],
        "versions": [one["version"] for one in updates],
    }
    kept = (await session.execute(_UPDATES, written)).all()
    since = (await session.execute(_SINCE, written)).scalars().all()
    return Words(found, list(kept), list(since), approved)
