"""A receiver of webhooks: a little server that answers as a test says and keeps what it heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Answer = bytes | None


def answer(status: int, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", "Connection: close", "Content-Length: 0"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass
class Heard:
    """One request as it came."""

    head: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.head["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """Answers each request with what `say` returns; None hangs up without an answer."""

    url: str = ""
    say: Callable[[int], Answer] = lambda _: answer(204)
    heard: list[Heard] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        head = {name.lower(): value for name, _, value in (line.partition(": ") for line in raw)}
        body = await reader.readexactly(int(head["content-length"]))
        self.heard.append(Heard(head, body))
        if (said := self.say(len(self.heard))) is not None:
            writer.write(said)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found.talk, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
