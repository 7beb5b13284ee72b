"""What a route asks the application for: its database, clock and settings."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from shared.clock import Clock
from shared.database import Database
from shared.settings import Settings

# All are coroutines: FastAPI would send a plain function to a thread, which costs more than a query.


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


DatabaseOf = Annotated[Database, Depends(_database)]
ClockOf = Annotated[Clock, Depends(_clock)]
SettingsOf = Annotated[Settings, Depends(_settings)]
