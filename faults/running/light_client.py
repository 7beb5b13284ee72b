"""A client so light that a thousand connections cost the machine little: what is tried is the server.

The pool of an ordinary client goes through all its connections for each request, which at a thousand takes longer than
the request itself.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

_Open = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Answer:
    """What of an answer is counted."""

    status: int
    headers: dict[str, str]

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def says_when(self) -> bool:
        return self.headers.get("retry-after", "").isdigit()


class LightClient:
    """Sends over connections it keeps, so many at most; one more waits for its turn."""

    def __init__(self, token: str, most: int, seconds: float = 60) -> None:
        self._token, self._seconds = token, seconds
        self._turns = asyncio.Semaphore(most)
        self._at_rest: dict[str, list[_Open]] = {}
        self.answers: Counter[int | str] = Counter()
        self.untold = 0

    async def __aenter__(self) -> LightClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for kept in self._at_rest.values():
            for _, writer in kept:
                writer.close()

    async def send(self, method: str, url: str, body: object = None, key: str | None = None) -> Answer | None:
        """The answer, counted; None where there was none, counted under the name of what happened."""
        parts = urlsplit(url)
        request = self._request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, key)
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._exchange(parts.netloc, request)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.answers[type(error).__name__] += 1
                return None
        self.answers[answer.status] += 1
        self.untold += answer.status in (429, 503) and not answer.says_when
        return answer

    def _request(self, method: str, path: str, body: object, key: str | None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {self._token}"]
        lines += [f"Idempotency-Key: {key}"] if key else []
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"] if content else []
        return "\r\n".join([*lines, "", ""]).encode() + content

    async def _exchange(self, place: str, request: bytes) -> Answer:
        reader, writer = await self._connection(place)
        try:
            writer.write(request)
            answer = await _answer(reader)
        except BaseException:
            writer.transport.abort()
            raise
        if answer.headers.get("connection") == "close":
            writer.close()
        else:
            self._at_rest.setdefault(place, []).append((reader, writer))
        return answer

    async def _connection(self, place: str) -> _Open:
        kept = self._at_rest.get(place, [])
        while kept:
            reader, writer = kept.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        host, port = place.split(":")
        return await asyncio.open_connection(host, int(port))


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(first.split(" ")[1]), headers)
