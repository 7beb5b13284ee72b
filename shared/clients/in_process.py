"""The way to a neighbour that runs in the same process: no socket, yet the same failures as over one."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class InProcessTransport(httpx.AsyncBaseTransport):
    """httpx's ASGI transport, made to behave as a network would.

    By itself it hands the caller's context variables to the callee, shows half an answer as a whole one,
    buffers without bound, and makes the caller wait for a callee that will not be cancelled.
    """

    def __init__(self, app: ASGIApp, *, max_body: int, root_path: str = "") -> None:
        self._app = app
        self._max_body = max_body
        self._root_path = root_path
        self._tasks: set[asyncio.Task[httpx.Response]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        watched = _Watched(self._app, self._max_body)
        inner = httpx.ASGITransport(watched, raise_app_exceptions=False, root_path=self._root_path)
        # An empty context: the caller's request id, log fields and session are none of the callee's business.
        task = asyncio.create_task(inner.handle_async_request(request), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        try:
            # Waiting for the task itself would wait for its clean-up too, however long that takes.
            await asyncio.wait({task})
        finally:
            task.cancel()
        if task.cancelled():
            raise httpx.ReadError("the call was given up by the neighbour")
        response = task.result()
        if watched.torn:
            response.stream = _Torn()
        return response

    def _forget(self, task: asyncio.Task[httpx.Response]) -> None:
        self._tasks.discard(task)
        # Looked at, so that asyncio does not report the failure of a call nobody waits for any more.
        if not task.cancelled():
            task.exception()

    async def aclose(self) -> None:
        for task in list(self._tasks):
            task.cancel()


class _Watched:
    """The callee, with an eye on how much it sends and whether it finishes."""

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app = app
        self._room = max_body
        self._started = False
        self._finished = False

    @property
    def torn(self) -> bool:
        return self._started and not self._finished and self._room >= 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted_send(message: Message) -> None:
            self._started = True
            if message["type"] == "http.response.body":
                self._room -= len(message.get("body", b""))
                self._finished = not message.get("more_body", False)
            await send(message)
            if self._room < 0 and not self._finished:
                # What has come is enough to show that it is too much.
                raise _TooMuchError

        await self._app(scope, receive, counted_send)
        if not self._finished:
            raise _UnfinishedError


class _Torn(httpx.AsyncByteStream):
    """The body of an answer that broke off."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        raise httpx.ReadError("the answer broke off")
        yield b""


class _TooMuchError(Exception):
    """The answer has passed the largest body its caller will take."""


class _UnfinishedError(Exception):
    """The callee returned before its answer was whole."""
