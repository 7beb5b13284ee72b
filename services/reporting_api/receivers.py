"""The receivers of webhooks as those see them who keep them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import Webhook
from services.reporting_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.problems import NotFound

webhooks = table_of(Webhook)
c = webhooks.c


async def find_receiver(session: AsyncSession, caller: Caller, webhook: UUID, *, lock: bool = False) -> Any:
    """A webhook that is kept, held until the end of the transaction if `lock`; raises NotFound out of scope."""
    statement = sa.select(webhooks).where(c.id == webhook, c.status != "removed")
    row = (await session.execute(statement.with_for_update() if lock else statement)).one_or_none()
    allowed = await visible_units(session, caller)
    if row is None or (allowed is not None and row.unit not in allowed):
        raise NotFound()
    return row
