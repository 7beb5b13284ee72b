"""One replica as a process of its own, to be killed and stalled: it ticks and works off drafts with a short lease."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from multiprocessing.process import BaseProcess

from services.catalogue import create_service
from services.reporting_api.assembly.jobs import ASSEMBLE, assemble
from services.reporting_api.schedule.clock import Ticker
from shared.clock import FixedClock
from shared.jobs import Claim, run_jobs
from shared.settings import Settings
from tests.forks import FORKS
from tests.reporting_api.fake_neighbours import FakeNeighbours


def start(settings: Mapping[str, str], now: datetime, lease: int) -> BaseProcess:
    """A replica at work, with these settings in its environment and a lease of so many seconds."""
    replica = FORKS.Process(target=_run, args=(dict(settings), now, lease), daemon=True)
    replica.start()
    return replica


def _run(settings: dict[str, str], now: datetime, lease: int) -> None:
    os.environ.update(settings)
    asyncio.run(_main(now, lease))


async def _main(now: datetime, lease: int) -> None:
    clock = FixedClock(now)
    app = create_service("reporting", Settings(background=False), clock)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        await FakeNeighbours().attach(app, stack)

        async def work(held: Claim) -> None:
            await assemble(app, held)

        async def tick() -> None:
            ticker = Ticker(app.state.database, clock)
            while True:
                await ticker.tick()
                await asyncio.sleep(0.5)

        await asyncio.gather(tick(), run_jobs(app.state.database, {ASSEMBLE: work}, 0.05, lease))
