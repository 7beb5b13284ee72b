"""One replica as a process of its own, to be killed and stalled: it ticks and works off drafts with a short lease."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from services.catalogue import create_service
from services.reporting_api.assembly.jobs import ASSEMBLE, assemble
from services.reporting_api.schedule.clock import Ticker
from shared.clock import FixedClock
from shared.jobs import Claim, run_jobs
from shared.settings import Settings
from tests.reporting_api.fake_neighbours import FakeNeighbours


async def main(now: str, lease: int) -> None:
    clock = FixedClock(datetime.fromisoformat(now))
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


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
