"""A gateway as the one shipped behaves, for machines without it: a refused connection goes to the other replica.

What was begun is not repeated unless it only reads; each request has ten seconds to find a replica that takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
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
        self._turns = itertools.cycle(ports)
        # The shipped gateway keeps idle connections for 30 s, less than the services do.
        limits = httpx.Limits(max_connections=200, keepalive_expiry=30)
        self._client = httpx.AsyncClient(timeout=60, limits=limits, verify=False)
        self.app = Starlette(routes=[Route("/{path:path}", self._pass_on, methods=["GET", "POST", "PUT"])])

    async def _pass_on(self, request: Request) -> Response:
        body = await request.body()
        headers = [(name, value) for name, value in request.headers.items() if name not in _HOP]
        deadline = asyncio.get_running_loop().time() + _TRY_SECONDS
        while True:
            url = f"http://127.0.0.1:{next(self._turns)}{request.url.path}"
            try:
                answer = await self._client.request(
                    request.method, url, params=request.url.query, content=body, headers=headers
                )
            except httpx.ConnectError:
                again = True
            except httpx.TransportError:
                again = request.method == "GET"
            else:
                kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
                return Response(answer.content, answer.status_code, kept)
            if not again or asyncio.get_running_loop().time() > deadline:
                return Response(status_code=503, headers={"Retry-After": "5"})
            await asyncio.sleep(_PAUSE)


@contextlib.contextmanager
def gateway(ports: Sequence[int]) -> Iterator[str]:
    """The address of a gateway before these ports."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(Gateway(ports).app, log_config=None, access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
        thread.start()
        while not server.started:
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)
