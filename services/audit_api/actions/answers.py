"""The answer that every step of an action gives: the action as it stands now."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.queries import read_action
from services.audit_api.actions.rendering import action_out
from services.audit_api.actions.schemas import ActionOut
from shared.auth.caller import Caller
from shared.problems import NotFound


async def read_out(session: AsyncSession, caller: Caller, action: UUID, today: date) -> ActionOut:
    """One action with its history; raises NotFound where there is none within reach."""
    row = await read_action(session, caller, action)
    if row is None:
        raise NotFound()
    return action_out(row, caller, today)
