"""A gateway as the one shipped behaves, for machines without it: a refused connection goes to the other replica.

What was begun is not repeated unless it only reads; each request has ten seconds to find a replica that takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TRY_SECONDS, _PAUSE = 10.0, 0.25
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


class Gateway:
    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._numbers = itertools.count()
        # Why requests found no replica: refused by both for too long, or cut after they had begun.
        self.gave_up: Counter[str] = Counter()
        # The shipped gateway keeps idle connections for 30 s, less than the services do.
        limits = httpx.Limits(max_connections=None, keepalive_expiry=30)
        self._client = httpx.AsyncClient(timeout=60, limits=limits, verify=False)
        self.app = Starlette(routes=[Route("/{path:path}", self._pass_on, methods=["GET", "POST", "PUT"])])

    async def _pass_on(self, request: Request) -> Response:
        body = await request.body()
        headers = [(name, value) for name, value in request.headers.items() if name not in _HOP]
        deadline = asyncio.get_running_loop().time() + _TRY_SECONDS
        for turn in itertools.count(next(self._numbers)):
            url = f"http://127.0.0.1:{self._ports[turn % len(self._ports)]}{request.url.path}"
            try:
                answer = await self._client.request(
                    request.method, url, params=request.url.query, content=body, headers=headers
                )
            except httpx.TransportError as error:
                why = type(error).__name__
                again = request.method == "GET" or isinstance(error, httpx.ConnectError)
            else:
                kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
                return Response(answer.content, answer.status_code, kept)
            if not again or asyncio.get_running_loop().time() > deadline:
                self.gave_up[f"{request.method}: {why}"] += 1
                return Response(status_code=503, headers={"Retry-After": "5"})
            await asyncio.sleep(_PAUSE)
        raise AssertionError("there is always another turn")


@contextlib.contextmanager
def gateway(ports: Sequence[int]) -> Iterator[tuple[str, Counter[str]]]:
    """The address of a gateway before these ports, and what it could not pass on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        made = Gateway(ports)
        server = uvicorn.Server(uvicorn.Config(made.app, log_config=None, access_log=False, timeout_keep_alive=120))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
        thread.start()
        while not server.started:
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{taken.getsockname()[1]}", made.gave_up
        server.should_exit = True
        thread.join(20)
