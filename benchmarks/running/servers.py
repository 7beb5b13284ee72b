"""What benchmarks of requests share: applications side by side, one worker each on one database, and a light caller."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("floor", "litestar", "ninja")


@contextmanager
def serving(app: str, service: str, url: str, keys: Path, **settings: str) -> Iterator[int]:
    """One worker of an application with its production settings; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "QAPF_ENVIRONMENT": "local", f"QAPF_{service.upper()}_DATABASE_URL": url, "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"),
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"),
    }  # fmt: skip
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "error", "--no-access-log"]
    command += ["--factory"] if app.endswith(":create_app") else []
    log = (keys / f"{port}.log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment, **settings}, stdout=log)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/livez")
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)
        log.close()


class Connection:
    """One persistent connection, as light as can be: what is timed is the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer, which must be a good one."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length: " in head:
            body = await self._reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r")[0]))
        else:  # Django sends in chunks
            body = await self._reader.readuntil(b"0\r\n\r\n")
        assert head.startswith(b"http/1.1 20"), head + body[:500]
        return body


def request_of(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


async def rate(port: int, next_request: Callable[[], bytes], requests: int, at_once: int) -> float:
    """Requests a second, all connections asking one after another."""

    async def keep_asking(connection: Connection, made: Iterable[bytes]) -> None:
        for request in made:
            await connection.ask(request)

    shares = [[next_request() for _ in range(requests // at_once)] for _ in range(at_once)]
    open_ = [await Connection.to(port) for _ in range(at_once)]
    begun = time.perf_counter()
    await asyncio.gather(*map(keep_asking, open_, shares))
    return requests / (time.perf_counter() - begun)


def compare(
    ports: Mapping[str, int], next_request: Callable[[], bytes], rounds: int, requests: int, at_once: int
) -> dict[str, Any]:
    """Ours as a multiple of each of the others: rounds alternate, and medians count."""
    found: dict[str, list[float]] = {name: [] for name in ports}
    for turn in range(rounds + 1):
        for name in ports if turn % 2 else reversed(ports):
            # The first round warms up.
            rate_now = asyncio.run(rate(ports[name], next_request, requests if turn else 10 * at_once, at_once))
            found[name] += [rate_now] if turn else []
    rates = {name: median(all_) for name, all_ in found.items()}
    ratios = {f"of_{name}": round(rates["ours"] / rates[name], 2) for name in PEERS}
    return {"a_second": round(rates["ours"]), **ratios}


def apply_framework(port: int, issuer: LocalIssuer, items: list[dict[str, Any]]) -> None:
    """Apply framework items through the service itself."""
    admin = {"Authorization": f"Bearer {issuer.token('benchmark', ['admin'])}"}
    address = f"http://127.0.0.1:{port}/v1/framework/applications"
    answer = httpx.post(address, json={"items": items}, headers=admin, timeout=120)
    assert answer.status_code == 200, answer.text[:500]


def cpu_seconds(pid: int) -> float:
    """The processor time a process has used: what a request costs, however busy the machine is with other things."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
