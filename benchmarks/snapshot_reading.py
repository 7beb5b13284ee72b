"""Reading a published report beside the floor, by the size of its copy, and a 304 beside the floor's whole reading.

Both are one uvicorn worker on the same database with three connections. Ours checks a real token, finds which copy the
caller may read and whether another edition took its place, limits, counts and logs as in production; the floor reads
the same bytes by key. Rounds alternate over persistent connections, and the median of their ratios counts.
`python benchmarks/snapshot_reading.py [rounds] [requests]` prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.running.servers import Connection, request_of, serving  # noqa: E402
from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402

SERVERS = {"ours": "services.reporting_api.app:create_app", "floor": "benchmarks.floors.snapshot_reading:app"}
KILOBYTES, AT_ONCE, WARM_UP = (30, 120, 500), 8, 100
_REPORT = "01890000-0000-7000-8000-00000000{size:04}"
_FILL = """
WITH o AS (
  INSERT INTO occurrence (id, report, period, occasion, period_start, period_end, opens_on, due_on, stage, owner_role,
    audiences, boards, catch_up, assemblies, published_on, version)
  VALUES ('{id}', 'pack', '2026-10', {size}, '2026-10-01', '2026-10-31', '2026-11-01', '2026-11-20', 'published',
    'analyst', '{{csdg}}', '{{csdg}}', 'all', 1, '2026-11-20', 1) RETURNING id),
r AS (
  INSERT INTO report (id, occurrence, report, period, edition, status, title, boards, disclosure, revision,
    content_hash, published_at, version, created_by)
  SELECT id, id, 'pack', '2026-10', 1, 'published', 'A pack', '{{csdg}}', 'full', 1, '{tag}', now(), 1, 'benchmark'
  FROM o RETURNING id)
INSERT INTO report_snapshot (report, disclosure, body, body_hash, content_hash, head_epoch, head_position, head_hash,
  published_by, published_at)
SELECT id, 'full', convert_to('{{"text": "' || (SELECT string_agg(md5(n::text), '') FROM generate_series(1, {lines}) n)
  || '"}}', 'UTF8'), '', '{tag}', id, 0, '', 'benchmark', now() FROM r
"""


def fill(server: LocalPostgres, database: str) -> None:
    for size in KILOBYTES:
        values = {"id": _REPORT.format(size=size), "size": size, "tag": f"{size:064}", "lines": size * 1024 // 32}
        server.execute(_FILL.format(**values), database=database)


async def head_of(connection: Connection, request: bytes) -> bytes:
    """The head of an answer without a body."""
    connection._writer.write(request)
    head = await connection._reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 304"), head
    return head


async def seconds(port: int, request: bytes, requests: int, *, not_modified: bool = False) -> float:
    """Seconds a request, those sent at once sharing the time."""
    open_ = [await Connection.to(port) for _ in range(AT_ONCE)]

    async def ask(connection: Connection) -> None:
        for _ in range(requests // AT_ONCE):
            await (head_of(connection, request) if not_modified else connection.ask(request))

    begun = time.perf_counter()
    await asyncio.gather(*map(ask, open_))
    took = time.perf_counter() - begun
    for connection in open_:
        connection._writer.close()
    return took / (requests // AT_ONCE * AT_ONCE)


async def compare(ports: dict[str, int], token: str, size: int, rounds: int, requests: int) -> dict[str, float]:
    path = f"/v1/reports/{_REPORT.format(size=size)}"
    plain = request_of("GET", path, token)
    known = plain.replace(b"Host: x\r\n", f'Host: x\r\nIf-None-Match: "{size:064}"\r\n'.encode())
    one, other = [await (await Connection.to(port)).ask(plain) for port in ports.values()]
    assert one == other, "the two answer different bytes"
    for port in ports.values():
        await seconds(port, plain, WARM_UP)
    whole, unchanged, milliseconds = [], [], []
    for turn in range(rounds):
        took = {}
        for name in ports if turn % 2 else reversed(ports):
            took[name] = await seconds(ports[name], plain, requests)
        held = await seconds(ports["ours"], known, requests, not_modified=True)
        whole.append(took["floor"] / took["ours"])
        unchanged.append(took["floor"] / held)
        milliseconds.append(took["ours"] * 1000)
    return {
        "milliseconds": round(median(milliseconds), 3), "of_floor": round(median(whole), 2),
        "not_modified_of_floor": round(median(unchanged), 2),
    }  # fmt: skip


def measure(server: LocalPostgres, keys: Path, rounds: int, requests: int) -> dict[str, Any]:
    server.execute("CREATE DATABASE reading")
    url = server.admin_url().replace("/postgres?", "/reading?")
    migrate("reporting", url)
    fill(server, "reading")
    token = LocalIssuer(keys / "issuer.pem").token("benchmark", ["analyst"])
    found: dict[str, Any] = {"benchmark": "snapshot_reading", "rounds": rounds}
    with contextlib.ExitStack() as stack:
        ports = {
            name: stack.enter_context(serving(app, "reporting", url, keys, QAPF_BACKGROUND="false"))
            for name, app in SERVERS.items()
        }
        for size in KILOBYTES:
            found[f"{size}_kilobytes"] = asyncio.run(compare(ports, token, size, rounds, requests))
    return found


def main() -> None:
    rounds, requests = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 9), (2, 1_600)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        keys = Path(folder)
        LocalIssuer.create(keys)
        print(json.dumps(measure(server, keys, rounds, requests)))


if __name__ == "__main__":
    main()
