"""The editions of an audit: each submission, of which the newest counts and the earlier ones are kept whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.parts import parts_of
from services.audit_api.models import AuditEdition
from services.audit_api.registry import table_of
from shared.clock import local_date

_editions = table_of(AuditEdition)


def day_of(row: Any) -> date:
    """The day this edition was submitted; the audit's own day stays the first one, by which it is on time or late."""
    first: date = row.submitted_on
    return first if row.edition == 1 else local_date(row.submitted_at)


async def keep_edition(session: AsyncSession, standing: Any, correction: Any, now: datetime) -> None:
    """Keep what was submitted before its correction takes its place."""
    row = {
        "audit_id": standing.id, "number": standing.edition, "submitted_on": day_of(standing),
        "submitted_at": standing.submitted_at, "submitted_by": standing.submitted_by,
        "quality_grade": standing.quality_grade, "outcomes_grade": standing.outcomes_grade,
        "process_grade": standing.process_grade, "content": parts_of(standing).content(),
        "reopened_at": correction.reopened_at, "reopened_by": correction.reopened_by,
        "reopened_why": correction.reopened_why, "superseded_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(_editions), row)


async def read_editions(session: AsyncSession, audit: UUID) -> Sequence[sa.Row[Any]]:
    """The editions that were superseded, the oldest first."""
    statement = sa.select(_editions).where(_editions.c.audit_id == audit).order_by(_editions.c.number)
    return (await session.execute(statement)).all()
