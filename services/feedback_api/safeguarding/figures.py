"""How the duty role has answered: counted from the history of each flag, so that opening one again hides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.safeguarding.schemas import FlagFigures
from shared.clock import local_midnight
from shared.schemas.figures import round_figure

# One row a flag: when it was first acknowledged, by when it should have been, and whether it went up.
_ANSWERED = sa.text(
    """
    SELECT f.status, f.subject_kind, f.reasons, f.outcome, e.escalated, e.first <= e.due_at AS in_time,
           extract(epoch FROM e.first - f.raised_at) / 60 AS minutes
    FROM safeguarding_flag f CROSS JOIN LATERAL (
      SELECT min(happened_at) FILTER (WHERE kind IN ('acknowledged', 'decided')) AS first,
             min(due_at) FILTER (WHERE kind = 'raised') AS due_at, bool_or(kind = 'escalated') AS escalated
      FROM safeguarding_event WHERE flag_id = f.id) AS e
    WHERE f.raised_at >= :begins AND f.raised_at < :ends
      AND (CAST(:units AS text[]) IS NULL OR f.unit = ANY(CAST(:units AS text[])))
    """
)


async def count_flags(session: AsyncSession, first: date, last: date, units: list[str] | None) -> FlagFigures:
    """The flags raised from one day to another, both included, in these units (None: all)."""
    bound = {"begins": local_midnight(first), "ends": local_midnight(last + timedelta(days=1)), "units": units}
    rows = (await session.execute(_ANSWERED, bound)).all()
    minutes = sorted(float(row.minutes) for row in rows if row.minutes is not None)
    return FlagFigures(
        raised=len(rows),
        waiting=sum(row.status == "waiting" for row in rows),
        decided=sum(row.status == "decided" for row in rows),
        acknowledged=len(minutes),
        acknowledged_in_time=sum(bool(row.in_time) for row in rows),
        escalated=sum(row.escalated for row in rows),
        median_minutes=_rounded(median(minutes)) if minutes else None,
        longest_minutes=_rounded(minutes[-1]) if minutes else None,
        by_reason=_counted(reason for row in rows for reason in row.reasons),
        by_outcome=_counted(row.outcome for row in rows if row.outcome),
        by_kind=_counted(row.subject_kind for row in rows),
    )


def _rounded(minutes: float) -> float:
    return float(round_figure(minutes, 1))


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
