"""Listing quotations for those who redact and approve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.quoting import events, quotations
from services.feedback_api.references import units_in_view
from services.feedback_api.sharing.schemas import QuotationRow
from services.feedback_api.sharing.service import reads_words
from shared.auth.caller import Caller
from shared.extracts.instants import read_instant
from shared.paging import Cursor, cursor_key

KINDS = ("view", "complaint", "compliment", "survey_response")


async def list_quotations(
    session: AsyncSession, caller: Caller, at: Cursor, *, status: str | None, unit: str | None, subject_kind: str | None
) -> Sequence[sa.Row[Any]]:
    """One page and a row more of those the caller may see, the longest waiting first, without their words."""
    statement = sa.select(*(quotations.c[name] for name in QuotationRow.model_fields))
    if at.after is not None:
        place = cursor_key(at.after, read_instant, UUID)
        key = sa.tuple_(quotations.c.proposed_at, quotations.c.id)
        statement = statement.where(key > sa.tuple_(*(sa.literal(part) for part in place)))
    if not caller.may("feedback:share"):
        statement = statement.where(
            quotations.c.subject_kind.in_([kind for kind in KINDS if reads_words(caller, kind)])
        )
    if status is not None:
        statement = statement.where(quotations.c.status == status)
    if subject_kind is not None:
        statement = statement.where(quotations.c.subject_kind == subject_kind)
    units = await units_in_view(session, caller, unit)
    if units is not None:
        statement = statement.where(quotations.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    statement = statement.order_by(quotations.c.proposed_at, quotations.c.id).limit(at.fetch)
    return (await session.execute(statement)).all()


async def read_events(session: AsyncSession, quotation: UUID) -> Sequence[sa.Row[Any]]:
    statement = sa.select(events).where(events.c.quotation_id == quotation).order_by(events.c.position)
    return (await session.execute(statement)).all()


_FAMILIES = sa.text(
    "SELECT kind, code, content->>'family' AS family FROM framework_item"
    " WHERE kind IN ('channels', 'respondent_groups')"
)


async def read_families(session: AsyncSession) -> dict[tuple[str, str], str]:
    """Whose voice each channel and respondent group is, retired ones too."""
    return {(row.kind, row.code): row.family for row in (await session.execute(_FAMILIES)).all()}
