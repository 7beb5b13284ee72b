"""What follows a body is no header, over a real connection."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn

from shared.protocol import HeadersFirst

_REQUEST = (
    b"POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\n{}\r\n0\r\nX-Forwarded-For: 192.0.2.9\r\nAuthorization: Bearer of-somebody\r\n\r\n"
)


async def test_fields_after_the_last_chunk_are_not_among_the_headers() -> None:
    seen: list[tuple[str, list[tuple[bytes, bytes]]]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        seen.append((scope["client"][0], scope["headers"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(app, port=0, http=HeadersFirst, lifespan="off", log_config=None, proxy_headers=True)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(30):
            while not server.started:
                await asyncio.sleep(0.01)
            reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
            writer.write(_REQUEST)
            assert (await reader.readline()).split()[1] == b"204"
            writer.close()
    finally:
        server.should_exit = True
        await serving
    ((client, headers),) = seen
    assert client == "192.0.2.1"
    assert [name for name, _ in headers] == [b"host", b"x-forwarded-for", b"transfer-encoding"]
