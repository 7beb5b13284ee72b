"""A little server that says whatever a test has it say, and a client to ask it."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.clients.answers import Answer, NeighbourUnavailable
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
GOOD = b'{"rate": 65.0}'

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Figures(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rate: float
    as_of: AwareDatetime | None = None


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A little server on a port of its own, that says whatever the test has it say."""
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


def says(*answers: bytes, then: Talk | None = None) -> tuple[Talk, list[bytes]]:
    """A talk that gives each connection the next answer, the last one ever after; and the heads it heard."""
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answers[min(len(heard), len(answers)) - 1])
        await writer.drain()
        if then is not None:
            await then(reader, writer)

    return talk, heard


def http(body: bytes = GOOD, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if "Content_Length" not in headers else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A talk that never says anything."""
    await asyncio.sleep(30)


async def ask(url: str, **settings: Any) -> Answer[Figures]:
    settings = {"deadline": 0.8, "retries": 0, **settings}
    async with Neighbours(Neighbour("indicator", base_url=url, **settings)) as neighbours:
        return await neighbours["indicator"].get("/v1/figures", None, Figures)


async def reason_for(talk: Talk, **settings: Any) -> str:
    async with listening(talk) as url:
        began = time.monotonic()
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url, **settings)
        assert time.monotonic() - began < 1
        assert failure.value.name == "indicator"
        return failure.value.reason
