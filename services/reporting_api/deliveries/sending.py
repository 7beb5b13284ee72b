"""One signed message to one receiver: where it may go, and how the sending ended."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpx

from services.reporting_api.public_addresses import is_public
from shared.clients.exchange import no_cookies, retry_after

SECONDS = 10.0
_LONGEST_ASKED = 86_400.0


@dataclass(frozen=True)
class Outcome:
    """How a sending ended; only a 2xx is an acknowledgement."""

    kind: str
    status: int | None = None
    took_ms: int = 0
    retry_after: float | None = None


class PrivateAddress(Exception):
    """The receiver's name leads to an address inside a network."""


class Sender:
    """Sends messages, each on a connection of its own to the very address that was looked at."""

    def __init__(self, *, private: bool, tls: ssl.SSLContext | None = None) -> None:
        self._private = private
        # A kept connection is kept by address: another name there would be spoken to under this one's certificate.
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(
            trust_env=False, follow_redirects=False, limits=limits, timeout=httpx.Timeout(SECONDS),
            verify=tls or ssl.create_default_context(),
            # Kept by address too: what one receiver set would go to another behind the same address.
            cookies=no_cookies(),
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Outcome:
        """Send once. Never raises for the receiver's sake, reads no more than the head of its answer."""
        began = time.perf_counter()
        status, asked = None, None
        try:
            async with asyncio.timeout(SECONDS):
                response = await self._client.send(await self._request(url, body, headers), stream=True)
                status, asked = response.status_code, retry_after(response.headers.get("retry-after"), now)
                await response.aclose()
            kind = _kind(status)
        except PrivateAddress:
            kind = "private_address"
        except (TimeoutError, httpx.TimeoutException):
            kind = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            kind = "tls" if _is_tls(error) else "unreachable"
        took = round((time.perf_counter() - began) * 1000)
        return Outcome(kind, status, took, None if asked is None else min(asked, _LONGEST_ASKED))

    async def _request(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Request:
        wanted = httpx.URL(url)
        address = await self._address(wanted.host, wanted.port or (443 if wanted.scheme == "https" else 80))
        return self._client.build_request(
            "POST",
            wanted.copy_with(host=address),
            content=body,
            headers={**headers, "Host": wanted.netloc.decode(), "Content-Type": "application/json",
                     "User-Agent": "qapf-webhooks"},
            extensions={"sni_hostname": wanted.host},
        )  # fmt: skip

    async def _address(self, host: str, port: int) -> str:
        """Where the name leads now; it is not asked again, for a second answer might be another one."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not self._private and not all(is_public(ip_address(one.partition("%")[0])) for one in addresses):
            raise PrivateAddress
        return addresses[0]


def _kind(status: int) -> str:
    if 200 <= status < 300:
        return "acknowledged"
    if status in (410, 429):
        return "gone" if status == 410 else "rate_limited"
    return {3: "redirected", 4: "refused"}.get(status // 100, "failed")


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
