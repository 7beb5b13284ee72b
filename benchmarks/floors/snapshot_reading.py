"""The floor of reading a published report: a bare ASGI application that reads the same bytes by key, for anybody."""

from __future__ import annotations

import os
import re
from typing import Any

import asyncpg

_BODY = "SELECT body FROM report_snapshot WHERE report = $1 AND disclosure = 'full'"
_held: dict[str, asyncpg.Pool] = {}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The bytes of `/v1/reports/{id}`."""
    if scope["type"] != "http":
        return
    answer = b"{}" if scope["path"] == "/livez" else await _body(scope["path"].rpartition("/")[2])
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _body(report: str) -> bytes:
    if "pool" not in _held:
        url = re.sub(r"^postgresql\+asyncpg", "postgresql", os.environ["QAPF_REPORTING_DATABASE_URL"])
        _held["pool"] = await asyncpg.create_pool(url, min_size=3, max_size=3)
    found: bytes = await _held["pool"].fetchval(_BODY, report)
    return found
