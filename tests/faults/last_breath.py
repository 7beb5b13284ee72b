"""A service in a process of its own that dies with the first byte of its answer: committed, and never heard of."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from typing import Any

import httpx
from starlette.types import Message, Receive, Scope, Send

from services.catalogue import create_service
from shared.clock import FixedClock
from shared.settings import Settings
from tests.conftest import Running

_FORKS = multiprocessing.get_context("forkserver")


def post_and_die(running: Running, path: str, body: dict[str, Any], headers: dict[str, str]) -> int | None:
    """Send it to another process of the service on the same database; answers how that process ended."""
    given = running.name, running.app.state.settings, running.clock, path, body, headers
    process = _FORKS.Process(target=_run, args=given, daemon=True)
    process.start()
    process.join(120)
    if process.is_alive():
        process.kill()
    return process.exitcode


def _run(*given: Any) -> None:
    asyncio.run(_post(*given))


async def _post(
    name: Any, settings: Settings, clock: FixedClock, path: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    app = create_service(name, settings, clock)

    async def dying(scope: Scope, receive: Receive, send: Send) -> None:
        async def first_byte(message: Message) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        await app(scope, receive, first_byte)

    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(dying)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}", headers=headers) as client:
            await client.post(path, json=body)
