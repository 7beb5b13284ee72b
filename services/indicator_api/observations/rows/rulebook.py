"""Keeps what rows are checked against from one request to the next, for as long as the framework stays the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import read_definitions
from services.indicator_api.observations.rows.checks import Checker, Rules
from services.indicator_api.places import read_places
from shared.auth.caller import Caller
from shared.clock import Clock
from shared.database import driver_connection
from shared.framework.kept import STATE
from shared.framework.store import read_items


class Rulebook:
    """The rules of one application's database, read anew when the framework has changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._state: UUID | None = None
        self._rules: Rules | None = None
        self._places: dict[str, str] = {}

    async def checker(self, session: AsyncSession, caller: Caller) -> Checker:
        """What this caller's rows are checked against."""
        state = await (await driver_connection(session)).fetchval(STATE)
        if self._rules is None or state != self._state:
            places = await read_places(session)
            values_from = {
                kind: [item["code"] for item in await read_items(session, kind, retired=True)]
                for kind in ("units", "agencies")
            }
            rules = Rules(await read_definitions(session), values_from, self._clock.today)
            self._state, self._rules, self._places = state, rules, places
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
