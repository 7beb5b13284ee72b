"""Anonymous submissions offered faster than they may be taken: each is served, or refused with Retry-After.

One uvicorn worker on a durable database. Submissions are offered at a steady rate whatever becomes of them; then all
that were refused are sent again with the same tokens until they are taken. At last the ledger is read: what was
acknowledged is stored exactly once, nothing else is, and as many tokens are spent.
`python benchmarks/public_submissions.py [seconds] [offered a second] [taken a second]` prints one line of JSON.
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
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import asyncpg  # noqa: E402
import httpx  # noqa: E402

from benchmarks.running.servers import cpu_seconds  # noqa: E402
from services.postgres import throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402

BATCH = {"unit": "fs_weymouth", "channel": "questionnaires", "respondent_group": "young_person"}
_MOST_TOKENS = 5_000
_WORDS = "My worker comes when she says she will, and asks what I think before the meeting. "
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def serving(url: str, keys: Path, taken: float) -> Iterator[tuple[int, int]]:
    """One worker of the feedback service as in production, but for one address that may send all; its port and pid."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "QAPF_ENVIRONMENT": "local", "QAPF_FEEDBACK_DATABASE_URL": url, "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"), "QAPF_PUBLIC_PER_SECOND": str(taken),
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"),
        "QAPF_PUBLIC_PER_ADDRESS_PER_MINUTE": "1000000",
    }  # fmt: skip
    command = [sys.executable, "-m", "uvicorn", "services.feedback_api.app:create_app", "--factory"]
    log = (keys / "log").open("wb")
    process = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "error", "--no-access-log", "--timeout-keep-alive", "600"],
        cwd=ROOT, env={**os.environ, **settings}, stdout=log,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/livez")
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def prepare(port: int, issuer: LocalIssuer, count: int) -> list[str]:
    """Dorset's framework, and so many tokens."""
    headers = {"Authorization": f"Bearer {issuer.token('benchmark', ['admin'])}"}
    found: list[str] = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as client:
        items = read_tree(ROOT / "framework" / "dorset").entries_for("feedback")
        client.post("/v1/framework/applications", json={"items": items}).raise_for_status()
        while len(found) < count:
            wanted = BATCH | {"count": max(min(_MOST_TOKENS, count - len(found)), 10)}
            found += client.post("/v1/token-batches", json=wanted).raise_for_status().json()["tokens"]
    return found[:count]


def words_of(token: str) -> str:
    """Words by which a submission is known again; the token itself would be taken out of them."""
    return f"{_WORDS}{token[::-1]}"


class Crowd:
    """People who send at their own time, each waiting for the answer on a connection of their own or a free one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: list[Connection] = []
        self.answers: Counter[int] = Counter()
        self.without_wait = 0
        self.seconds: dict[int, list[float]] = {202: [], 503: [], 429: []}
        self.acknowledged: set[str] = set()

    async def send(self, token: str) -> bool:
        """Whether it was taken."""
        body = json.dumps({"token": token, "rating": 4, "what_works": words_of(token)}).encode()
        head = "POST /v1/public/views HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        reader, writer = self.free.pop() if self.free else await asyncio.open_connection("127.0.0.1", self.port)
        begun = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(answer.split(b"content-length: ")[1].split(b"\r")[0]))
        status = int(answer[9:12])
        self.seconds.setdefault(status, []).append(time.perf_counter() - begun)
        self.answers[status] += 1
        self.free.append((reader, writer))
        if status == 202:
            self.acknowledged.add(token)
        elif b"retry-after: " not in answer:
            self.without_wait += 1
        return status == 202

    async def offer(self, tokens: list[str], a_second: float) -> list[str]:
        """Send at that rate, whatever becomes of it; those that were not taken."""
        begun, sent = time.perf_counter(), []
        for number, token in enumerate(tokens):
            ahead = begun + number / a_second - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            sent.append(asyncio.create_task(self.send(token)))
        taken = await asyncio.gather(*sent)
        return [token for token, good in zip(tokens, taken, strict=True) if not good]


async def read_ledger(url: str) -> tuple[Counter[str], int]:
    """How often each token's words are stored, and how many tokens are spent."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    rows = await connection.fetch("SELECT what_works FROM public_submission")
    spent = await connection.fetchval("SELECT count(*) FROM submission_token WHERE digest IS NULL")
    await connection.close()
    return Counter(row["what_works"] for row in rows), spent


async def measure(served: tuple[int, int], url: str, tokens: list[str], offered: float, taken: float) -> dict[str, Any]:
    port, pid = served
    crowd = Crowd(port)
    begun, used = time.perf_counter(), cpu_seconds(pid)
    left = await crowd.offer(tokens, offered)
    lasted, first = time.perf_counter() - begun, Counter(crowd.answers)
    used = cpu_seconds(pid) - used
    waits = {status: sorted(all_) for status, all_ in crowd.seconds.items() if all_}
    stored, spent = await read_ledger(url)
    whole = stored == Counter(map(words_of, crowd.acknowledged)) and spent == len(crowd.acknowledged)
    deadline = time.monotonic() + 300
    while left and time.monotonic() < deadline:
        await asyncio.sleep(1)
        left = await crowd.offer(left, min(offered, taken) * 0.5)
    stored, spent = await read_ledger(url)
    return {
        "benchmark": "public_submissions", "offered": len(tokens), "offered_a_second": round(len(tokens) / lasted),
        "served": first[202], "refused": first[503] + first[429],
        "anything_else": sum(first.values()) - first[202] - first[503] - first[429],
        "refused_without_retry_after": crowd.without_wait,
        "served_p50_ms": _ms(waits.get(202), 0.5), "served_p95_ms": _ms(waits.get(202), 0.95),
        "refused_p95_ms": _ms(waits.get(503), 0.95),
        "cpu_ms_a_request": round(1000 * used / len(tokens), 2), "acknowledged_is_stored": whole,
        "sent_again_until_taken": stored == Counter(map(words_of, tokens)) and spent == len(tokens),
    }  # fmt: skip


def _ms(waits: list[float] | None, part: float) -> float | None:
    return None if not waits else round(waits[int(len(waits) * part)] * 1000, 1)


def main() -> None:
    given = [float(value) for value in sys.argv[1:]]
    seconds, offered, taken = (given[at] if len(given) > at else default for at, default in enumerate((20, 500, 200)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18, durable=True) as server:
        keys = Path(folder)
        issuer = LocalIssuer.create(keys)
        server.execute("CREATE DATABASE submissions")
        url = server.admin_url().replace("/postgres?", "/submissions?")
        migrate("feedback", url)
        with serving(url, keys, taken) as served:
            tokens = prepare(served[0], issuer, int(seconds * offered))
            print(json.dumps(asyncio.run(measure(served, url, tokens, offered, taken))))


if __name__ == "__main__":
    main()
