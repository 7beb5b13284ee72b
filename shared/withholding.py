"""What a service keeps from some callers in the lists that the platform answers with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller


@dataclass(frozen=True)
class Withholding:
    """Conditions that a deed of the feed, or a row of framework items or their versions, may be shown to a caller."""

    deeds: Callable[[AsyncSession, Caller], Awaitable[sa.ColumnElement[bool]]]
    items: Callable[[Caller, sa.Table], sa.ColumnElement[bool]]


def _of(request: Request) -> Withholding | None:
    found: Withholding | None = request.app.state.service.withholding
    return found


async def deeds_shown(request: Request, session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on the activity; true where the service keeps nothing back."""
    kept = _of(request)
    return sa.true() if kept is None else await kept.deeds(session, caller)


def items_shown(request: Request, caller: Caller, table: sa.Table) -> sa.ColumnElement[bool]:
    """The condition on a table of framework items; true where the service keeps nothing back."""
    kept = _of(request)
    return sa.true() if kept is None else kept.items(caller, table)
