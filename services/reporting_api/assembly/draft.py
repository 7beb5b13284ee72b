"""The draft that an assembly refreshes, as it was assembled last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from shared.schemas.board_report import BoardReport

_revision = editions.revision_table.c


@dataclass(frozen=True)
class Draft:
    """A revision of an edition: its content at both levels of disclosure, and what people wrote over it."""

    report: UUID
    revision: int
    content: BoardReport
    protected: BoardReport | None
    edits: dict[str, Any]


async def read_draft(session: AsyncSession, occurrence: UUID) -> Draft | None:
    """The draft of an occurrence, where there is one."""
    statement = (
        sa.select(
            editions.c.id, editions.c.revision, _revision.edits,
            sa.cast(_revision.content, sa.Text).label("content"),
            sa.cast(_revision.protected, sa.Text).label("protected"),
        )
        .join(
            editions.revision_table,
            sa.and_(_revision.report == editions.c.id, _revision.revision == editions.c.revision),
        )
        .where(editions.c.occurrence == occurrence, editions.c.status == "draft")
    )  # fmt: skip
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    content, protected = (BoardReport.model_validate_json(text) if text else None for text in row[3:])
    assert content is not None
    return Draft(row.id, row.revision, content, protected, row.edits)
