"""A small app under the middleware, with a route for each way a request can end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.logging import current_request_id, get_logger
from shared.request_telemetry import RequestTelemetry
from shared.telemetry import Telemetry

CANARY = "canary-9434765919"


async def say_sorry(scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
    await JSONResponse({"request_id": scope["state"]["request_id"]}, status_code=500)(scope, receive, send)


async def page(request: Request) -> Response:
    return Response()


async def no_file(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=404)(scope, receive, send)


def sample_app(telemetry: Telemetry, **middleware: Any) -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/v1/things")

    @router.get("/{code}", operation_id="read_thing")
    async def read(code: str, request: Request) -> dict[str, Any]:
        get_logger("shared.sample").info("inside")
        return {"bound": current_request_id(), "state": request.state.request_id}

    @router.post("/{code}/failures", operation_id="fail")
    async def fail(code: str) -> None:
        raise ValueError(CANARY)

    @router.get("/{code}/torn", operation_id="tear")
    async def tear(code: str) -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"half"
            raise ValueError(CANARY)

        return StreamingResponse(body())

    @router.get("/{code}/slow", operation_id="wait")
    async def wait(code: str) -> None:
        await asyncio.sleep(30)

    @router.get("/{code}/gone", operation_id="lose")
    async def lose(code: str) -> None:
        raise ClientDisconnect

    app.include_router(router)
    app.add_route("/pages/{name}", page)
    app.mount("/files", no_file)
    app.add_route("/metrics", telemetry.endpoint)
    app.add_middleware(RequestTelemetry, telemetry=telemetry, **middleware)
    return app


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://audit")
