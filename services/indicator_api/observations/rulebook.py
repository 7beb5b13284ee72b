"""Keeps what rows are checked against from one request to the next, for as long as the framework stays the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import read_definitions
from services.indicator_api.observations.checks import Checker, Rules
from services.indicator_api.places import read_places
from shared.auth.caller import Caller
from shared.clock import Clock
from shared.framework.store import read_items
from shared.tables import framework_item

_KINDS = ("units", "agencies", "areas", "indicators")
# Every change of an item raises its version and none is ever deleted: the same sum is the same framework.
_EDITION = sa.select(sa.func.sum(framework_item.c.version)).where(framework_item.c.kind.in_(_KINDS))


class Rulebook:
    """The rules of one application's database, read anew when the framework has changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._edition: int | None = None
        self._rules: Rules | None = None
        self._places: dict[str, str] = {}

    async def checker(self, session: AsyncSession, caller: Caller) -> Checker:
        """What this caller's rows are checked against."""
        edition = (await session.execute(_EDITION)).scalar_one()
        if self._rules is None or edition != self._edition:
            places = await read_places(session)
            values_from = {
                kind: [item["code"] for item in await read_items(session, kind, retired=True)]
                for kind in ("units", "agencies")
            }
            rules = Rules(await read_definitions(session), values_from, self._clock.today)
            self._edition, self._rules, self._places = edition, rules, places
        places = self._places if caller.unit is None else await read_places(session, caller)
        return Checker(self._rules, places)


@asynccontextmanager
async def rulebook_of(app: FastAPI) -> AsyncIterator[None]:
    """Gives the application its rulebook."""
    app.state.rulebook = Rulebook(app.state.clock)
    yield


def rulebook(request: Request) -> Rulebook:
    found: Rulebook = request.app.state.rulebook
    return found
