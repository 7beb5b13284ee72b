"""Two requests at once, one of them held where a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from tests.conftest import Running

_WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Pause:
    """A function that waits before it does its work, until it is let go on."""

    def __init__(self, work: Callable[..., Awaitable[Any]]) -> None:
        self._work, self.reached, self._go = work, asyncio.Event(), asyncio.Event()

    async def __call__(self, *given: Any, **named: Any) -> Any:
        self.reached.set()
        await self._go.wait()
        return await self._work(*given, **named)

    def go_on(self) -> None:
        self._go.set()


async def end_or_wait(audit: Running, *tasks: asyncio.Task[Any]) -> None:
    """Until each has ended or waits for a lock."""
    for _ in range(500):
        async with audit.database.snapshot() as session:
            waiting = (await session.execute(_WAITING)).scalar_one()
        if waiting + sum(task.done() for task in tasks) >= len(tasks):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("neither ended nor waiting")
