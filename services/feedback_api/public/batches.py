"""Batches of tokens: how many are safe to issue, how many were used, and taking a batch back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import SubmissionToken, TokenBatch, table_of
from services.feedback_api.public.errors import BatchNotOpen
from services.feedback_api.public.schemas import BatchIn
from services.feedback_api.references import units_in_view
from services.feedback_api.tokens import Terms
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.extracts.instants import read_instant
from shared.organisation.units import require_visible
from shared.paging import Cursor, cursor_key
from shared.problems import Fault, Malformed, NotFound
from shared.suppression import is_small

_BATCH, _TOKEN = table_of(TokenBatch), table_of(SubmissionToken)


def terms_of(body: BatchIn, threshold: int, now: datetime) -> Terms:
    """What the tokens are for; raises Malformed where they are so few that an answer would be as good as signed."""
    if is_small(body.count, threshold):
        words = f"give out more than {threshold} tokens together, so that nobody can be told by the batch"
        raise Malformed("The batch is too small.", errors=[Fault("/count", "too_few", words)])
    expires_at = now + timedelta(days=body.valid_days)
    return Terms("view", body.unit, expires_at, None, body.channel, body.respondent_group)


async def list_rows(session: AsyncSession, caller: Caller, unit: str | None, at: Cursor) -> Sequence[sa.Row[Any]]:
    """One page and a row more of the batches of the caller's units, newest first."""
    statement = sa.select(_BATCH)
    units = await units_in_view(session, caller, unit)
    if units is not None:
        statement = statement.where(_BATCH.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if at.after is not None:
        moment, key = cursor_key(at.after, read_instant, UUID)
        place = sa.tuple_(sa.literal(moment, sa.DateTime(timezone=True)), sa.literal(key))
        statement = statement.where(sa.tuple_(_BATCH.c.issued_at, _BATCH.c.id) < place)
    statement = statement.order_by(_BATCH.c.issued_at.desc(), _BATCH.c.id.desc()).limit(at.fetch)
    return (await session.execute(statement)).all()


async def used_before(session: AsyncSession, batches: Sequence[UUID], day: date) -> dict[UUID, int]:
    """How many of each were used before that day: of today nothing is told, or the moment would tell who it was."""
    statement = (
        sa.select(_TOKEN.c.batch_id, sa.func.count())
        .where(_TOKEN.c.batch_id.in_(batches), _TOKEN.c.used_on < day)
        .group_by(_TOKEN.c.batch_id)
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def find_batch(session: AsyncSession, caller: Caller, batch: UUID, *, lock: bool = False) -> dict[str, Any]:
    """One batch; raises NotFound where it does not exist or belongs to another's units."""
    statement = sa.select(_BATCH).where(_BATCH.c.id == batch)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row)


async def revoke(
    session: AsyncSession, caller: Caller, batch: dict[str, Any], reason: str, now: datetime
) -> dict[str, Any]:
    """Take back what is left of a batch; what was sent with the rest of it stays."""
    if batch["revoked_at"] is not None or batch["expires_at"] <= now:
        raise BatchNotOpen()
    changes = {"revoked_at": now, "version": batch["version"] + 1}
    await session.execute(sa.update(_BATCH).where(_BATCH.c.id == batch["id"]).values(changes))
    await record_activity(
        session, caller, "tokens.revoked", "token_batch", batch["id"], unit=batch["unit"], content={"reason": reason}
    )
    return batch | changes
