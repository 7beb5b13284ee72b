"""Imports of figures beside their floor and beside Django Ninja, and the memory a million rows take.

Each runs as one uvicorn worker on a database of its own in one server, with the same tables and the same framework;
rounds alternate, medians count. In a round each takes one file, or ten batches of JSON, each sent first, again and
changed. `python benchmarks/observation_imports.py [rows] [rounds]` prints one line of JSON; 10,000 rows or more.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import Framework, read_tree  # noqa: E402
from shared.schemas.periods import Period  # noqa: E402

SERVERS = {
    "floor": "benchmarks.floors.observation_imports:app",
    "ours": "services.indicator_api.app:create_app",
    "ninja": "benchmarks.peers.imports_ninja:application",
}
HEADER = "indicator,area,period,breakdown,numerator,denominator,value,value_status,source_ref"
BATCH, BATCHES, MILLION = 1_000, 10, 1_000_000
Steps = dict[str, tuple[bytes, str]]


def figures(framework: Framework, count: int, shift: int) -> Iterator[list[str]]:
    """Plausible rows under keys of their own, as a council's system exports them; `shift` changes every value."""
    dice = random.Random(1)
    areas = list(framework.items["areas"])
    indicators: list[Any] = [one for one in framework.items["indicators"].values() if not one.dimensions]
    for place in range(count):
        block, area = divmod(place, len(areas))
        step, which = divmod(block, len(indicators))
        one = indicators[which]
        part = {"month": 12, "financial_quarter": 4, "term": 3, "half_term": 6}.get(one.period_kind.value)
        period = Period(one.period_kind, 1995 + step % 30, step % part + 1 if part else 0).code
        breakdown = f"group={step}" if step >= 30 else ""
        numerator, denominator = dice.randint(6, 900), dice.randint(901, 9_000)
        value = {
            "percentage": f"{100 * numerator / denominator + shift / 10:.1f}",
            "ordinal": f"{dice.randint(1, 3) + shift}",
            "mean": f"{numerator % 30 + shift}.5",
            "count": f"{numerator + shift}",
        }.get(one.measure.value, f"{numerator + shift}.5")
        parts = [str(numerator), str(denominator)] if one.measure in ("percentage", "rate") else ["", ""]
        yield [one.code, areas[area], period, breakdown, *parts, value, "", f"Synthetic {step}"]


def as_csv(rows: Iterator[list[str]]) -> bytes:
    return "\n".join([HEADER, *(",".join(row) for row in rows), ""]).encode()


def as_json(rows: list[list[str]]) -> bytes:
    names = HEADER.split(",")
    numbers = ("numerator", "denominator", "value")
    items = [
        {
            name: (float(cell) if name in numbers else cell) if cell else None
            for name, cell in zip(names, row, strict=True)
        }
        for row in rows
    ]
    return json.dumps({"items": items}).encode()


@contextmanager
def serving(target: str, url: str, keys: Path) -> Iterator[tuple[httpx.Client, int]]:
    """One worker of an application, and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "QAPF_ENVIRONMENT": "local", "QAPF_INDICATOR_DATABASE_URL": url, "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"), "QAPF_LOG_LEVEL": "error",
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"),
        "PEER_URLS": "benchmarks.peers.imports_ninja", "PEER_KEEPS_CONNECTION": "yes",
    }  # fmt: skip
    command = [sys.executable, "-m", "uvicorn", target, "--port", str(port), "--log-level", "error", "--no-access-log"]
    if target.endswith(":create_app"):
        command.append("--factory")
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    token = LocalIssuer(keys / "issuer.pem").token("benchmark", ["admin"])
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=600) as client:
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    client.get("/livez")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield client, process.pid
    finally:
        process.terminate()
        process.wait(30)


def post(client: httpx.Client, body: bytes, kind: str) -> tuple[float, dict[str, Any]]:
    begun = time.perf_counter()
    answer = client.post("/v1/observations/imports", content=body, headers={"Content-Type": kind})
    took = time.perf_counter() - begun
    assert answer.status_code == 200, answer.text[:500]
    return took, answer.json()


def peak_memory(pid: int) -> int:
    """The most the process ever held, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def compare(
    clients: dict[str, httpx.Client], clean: Callable[[str], None], rounds: list[list[Steps]]
) -> dict[str, dict[str, float]]:
    """Median seconds of each step on each server; in every round each takes the same, another one first."""
    took: dict[tuple[str, str], list[float]] = {}
    names = list(clients)
    for turn, given in enumerate(rounds):
        for name in (*names[turn % len(names) :], *names[: turn % len(names)]):
            clean(name)
            for step, (body, kind) in (one for steps in given for one in steps.items()):
                seconds, report = post(clients[name], body, kind)
                took.setdefault((name, step), []).append(seconds)
                assert (report["created"] > 0) == (step == "first"), (name, step, report["created"])
                assert (report["changed"] > 0) == (step == "changed"), (name, step, report["changed"])
    return {step: {name: median(took[name, step]) for name in names} for step in rounds[0][0]}


def steps_of(first: bytes, changed: bytes, kind: str) -> Steps:
    return {"first": (first, kind), "replay": (first, kind), "changed": (changed, kind)}


def batches(first: list[list[str]], changed: list[list[str]]) -> list[Steps]:
    """Some batches of figures in JSON, each under keys of its own."""
    places = [slice(at * BATCH, (at + 1) * BATCH) for at in range(BATCHES)]
    return [steps_of(as_json(first[at]), as_json(changed[at]), "application/json") for at in places]


def shown(found: dict[str, dict[str, float]], count: int) -> dict[str, Any]:
    return {
        step: {
            "rows_per_second": round(count / one["ours"]),
            "of_floor": round(one["floor"] / one["ours"], 2),
            "times_ninja": round(one["ninja"] / one["ours"], 1),
        }
        for step, one in found.items()
    }


def prepare(server: LocalPostgres, keys: Path, framework: Framework) -> dict[str, str]:
    """A database for each server, alike in tables and framework; their addresses."""
    urls = {name: server.admin_url().replace("/postgres?", f"/{name}?") for name in ("seed", *SERVERS)}
    server.execute("CREATE DATABASE seed")
    migrate("indicator", urls["seed"])
    with serving(SERVERS["ours"], urls["seed"], keys) as (client, _):
        items = framework.entries_for("indicator")
        assert client.post("/v1/framework/applications", json={"items": items}).status_code == 200
    server.execute(*(f"CREATE DATABASE {name} TEMPLATE seed" for name in SERVERS))
    # Django's application keeps the history itself.
    server.execute("DROP TRIGGER keep_history ON observation", database="ninja")
    return urls


def measure(server: LocalPostgres, keys: Path, rows: int, rounds: int) -> dict[str, Any]:
    framework = read_tree(ROOT / "framework" / "dorset")
    urls = prepare(server, keys, framework)

    def clean(name: str) -> None:
        server.execute("TRUNCATE observation, observation_history", "CHECKPOINT", database=name)

    first, changed = (list(figures(framework, rows, shift)) for shift in (0, 1))
    file = steps_of(as_csv(iter(first)), as_csv(iter(changed)), "text/csv")
    with ExitStack() as stack:
        serve = {name: stack.enter_context(serving(target, urls[name], keys)) for name, target in SERVERS.items()}
        clients, (ours, pid) = {name: one[0] for name, one in serve.items()}, serve["ours"]
        for name, client in clients.items():
            post(client, as_csv(iter(first[:BATCH])), "text/csv")
            # As PostgreSQL does by itself within a minute: nobody's plans are made in the dark.
            server.execute("ANALYZE observation", database=name)
        small = peak_memory(pid)
        csv = compare(clients, clean, [[file]] * rounds)
        json_ = compare(clients, clean, [batches(first, changed)] * rounds)
        clean("ours")
        large = [as_csv(figures(framework, MILLION, 0))] if rows >= 100_000 else []
        seconds = [round(post(ours, body, "text/csv")[0], 2) for body in large]
        grown = peak_memory(pid) - small

    return {
        "benchmark": "observation_imports",
        "rounds": rounds,
        "batches_a_round": BATCHES,
        f"csv_{rows}": shown(csv, rows),
        f"json_{BATCH}": shown(json_, BATCH),
        "million_rows_seconds": seconds,
        "memory_grown_mb": round(grown / 1024, 1),
    }


def main() -> None:
    rows, rounds = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 100_000), (2, 5)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        keys = Path(folder)
        LocalIssuer.create(keys)
        print(json.dumps(measure(server, keys, rows, rounds)))


if __name__ == "__main__":
    main()
