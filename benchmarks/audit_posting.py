"""Posting one whole audit of 40 answers beside the floor and two peers: 16 connections, durable commits.

Each is one uvicorn worker on the same database; ours checks a real token, holds every answer to its tool, records the
deed, limits, counts and logs as in production, and answers the whole audit. Rounds alternate, and medians count.
`python benchmarks/audit_posting.py [rounds] [requests]` prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from services.postgres import throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402
from tests.audit_api.framework import dorset_tool  # noqa: E402
from tests.audit_api.papers import answers, whole  # noqa: E402

SERVERS = {
    "ours": ("services.audit_api.app:create_app", "--factory"),
    "floor": ("benchmarks.floors.audit_posting:app",),
    "litestar": ("benchmarks.peers.posting_litestar:app",),
    "ninja": ("benchmarks.peers.posting_ninja:app",),
}
AT_ONCE, WARM_UP = 16, 160
_MORE = ("one_more", "and_another")


@contextmanager
def serving(name: str, url: str, keys: Path) -> Iterator[int]:
    """One worker of an application with its production settings; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "QAPF_ENVIRONMENT": "local", "QAPF_AUDIT_DATABASE_URL": url, "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"), "QAPF_WRITERS": str(AT_ONCE), "QAPF_POOL_SIZE": "4",
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"),
    }  # fmt: skip
    command = [sys.executable, "-m", "uvicorn", *SERVERS[name], "--port", str(port)]
    log = (keys / f"{name}.log").open("wb")
    process = subprocess.Popen(
        [*command, "--log-level", "error", "--no-access-log"], cwd=ROOT, env={**os.environ, **settings}, stdout=log
    )
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


async def rate(port: int, request: bytes, requests: int) -> float:
    """Audits a second, all connections posting one after another."""

    async def post(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        reader, writer = connection
        for _ in range(requests // AT_ONCE):
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b"content-length: " in head:
                body = await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r")[0]))
            else:  # Django sends in chunks
                body = await reader.readuntil(b"0\r\n\r\n")
            assert head.startswith(b"http/1.1 201"), head + body[:500]
        writer.close()

    open_ = [await asyncio.open_connection("127.0.0.1", port) for _ in range(AT_ONCE)]
    begun = time.perf_counter()
    await asyncio.gather(*map(post, open_))
    return requests / (time.perf_counter() - begun)


def measure(url: str, keys: Path, rounds: int, requests: int) -> dict[str, Any]:
    found: dict[str, list[float]] = {name: [] for name in SERVERS}
    issuer = LocalIssuer(keys / "issuer.pem")
    body = json.dumps(_forty_answers()).encode()
    head = (
        f"POST /v1/audits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {issuer.token('benchmark', ['qa_manager'])}\r\n"
    )
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(serving(name, url, keys)) for name in SERVERS}
        _apply(ports["ours"], issuer)
        for turn in range(rounds + 1):
            for name in SERVERS if turn % 2 else reversed(SERVERS):
                rate_now = asyncio.run(rate(ports[name], request, requests if turn else WARM_UP))
                if turn:  # the first round warms up
                    found[name].append(rate_now)
    rates = {name: median(all_) for name, all_ in found.items()}
    return {
        "benchmark": "audit_posting", "rounds": rounds, "audits_a_second": round(rates["ours"]),
        "of_floor": round(rates["ours"] / rates["floor"], 2),
        "times_litestar": round(rates["ours"] / rates["litestar"], 2),
        "times_ninja": round(rates["ours"] / rates["ninja"], 2),
    }  # fmt: skip


def _forty_answers() -> dict[str, Any]:
    given = answers(goals_met="some", goals_missed_why="The course began late.", safeguarding_concern="yes")
    given |= {
        "concern_raised_with": "The team manager, on the day.",
        "informal_support": "yes",
        **dict.fromkeys(_MORE, 4),
    }
    assert len(given) == 40
    return whole(answers=given)


def _tool_of_forty() -> dict[str, Any]:
    """Dorset's case audit asks 38 questions beside the views; two more make it the size that is measured."""
    tool = dorset_tool()
    more = [{"code": code, "text": "How far was this done?", "kind": "scale"} for code in _MORE]
    tool["sections"][1]["questions"] += more
    return tool


def _apply(port: int, issuer: LocalIssuer) -> None:
    admin = {"Authorization": f"Bearer {issuer.token('benchmark', ['admin'])}"}
    items = read_tree(ROOT / "framework" / "dorset").entries_for("audit")
    items = [one | ({"content": _tool_of_forty()} if one["code"] == "case_audit" else {}) for one in items]
    address = f"http://127.0.0.1:{port}/v1/framework/applications"
    answer = httpx.post(address, json={"items": items}, headers=admin, timeout=120)
    assert answer.status_code == 200, answer.text[:500]


def main() -> None:
    rounds, requests = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 5), (2, 800)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18, durable=True) as server:
        keys = Path(folder)
        LocalIssuer.create(keys)
        server.execute("CREATE DATABASE posting")
        url = server.admin_url().replace("/postgres?", "/posting?")
        migrate("audit", url)
        print(json.dumps(measure(url, keys, rounds, requests)))


if __name__ == "__main__":
    main()
