"""Assembling the largest monthly pack from live services: 20 indicators, 14 teams, 12 periods, every kind of section.

Four uvicorn workers on one database server, as in production; the pack is asked for over HTTP, and what is measured
ends when its content is stored at both levels of disclosure and answered for. In the same round each question it put to
a neighbour is asked again alone: the very request the report names as its source, while nothing else is going on. The
slowest of them is the slowest single call upstream; `over` is the pack's 95th percentile beyond 1.3 times that, which
may be 100 ms. The other reading of the same bound stands beside it: `slowest_during` is the slowest call while the
pack was assembled, by reporting's own clock around each, and `over_during` what the pack takes beyond 1.3 times that.
`python benchmarks/pack_assembly.py [rounds]` prints one line of JSON, times in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from benchmarks.audit_history import fill  # noqa: E402
from benchmarks.feedback_summary import _CODES, _VIEWS  # noqa: E402
from benchmarks.running.servers import serving  # noqa: E402
from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402

SERVICES = ("audit", "indicator", "feedback")
INDICATORS, TEAMS, MONTHS, VIEWS = 20, 14, 12, 100_000
REPORT, PERIOD = "csdg_monthly", "2026-10"
ENOUGH = 100.0
_FIGURES = """
INSERT INTO observation (indicator, area, period, breakdown, numerator, denominator, value, provisional, revised,
  source_ref, definition_version, revision, import_id, recorded_at)
SELECT i, a, to_char(date '2025-11-01' + make_interval(months => m), 'YYYY-MM'), '', n, d, round(100.0 * n / d, 1),
  false, false, 'Synthetic', 1, 1, '01890000-0000-7000-8000-000000000000', timestamptz '2026-11-05 09:00:00+00'
FROM (SELECT i, a, m, 40 + (m * 7 + length(a || i) * 13) % 31 + m % 3 AS n, 80 + (m + length(a)) % 9 AS d
  FROM unnest($${indicators}$$::text[]) i, unnest($${areas}$$::text[]) a, generate_series(0, {months} - 1) m) made
"""


def framework(service: str) -> list[dict[str, Any]]:
    """Dorset's framework with 20 monthly indicators beside its own, and a pack that shows them with every section."""
    items = read_tree(ROOT / "framework" / "dorset").entries_for(service)
    model = next((one["content"] for one in items if one["code"] == "supervision_in_time"), None)
    if service == "indicator" and model is not None:
        for code in codes():
            content = model | {"code": code, "title": code, "benchmarks": ["england", "dfe_neighbours_2025"],
                               "no_benchmark_reason": None, "expected_from": None}  # fmt: skip
            items.append({"kind": "indicators", "code": code, "content": content})
    for one in items:
        if one["kind"] == "reports" and one["code"] == REPORT:
            due = {"rule": "working_days_after_period_end", "days": 200}
            one["content"] = one["content"] | {"sections": _sections(one["content"]["sections"]), "due": due}
    return items


def codes() -> list[str]:
    return [f"pack_indicator_{number:02}" for number in range(INDICATORS)]


def _sections(own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    figures = [{**one, "indicators": codes()} if one["code"] == "key_indicators" else one for one in own]
    kinds = {one["kind"] for one in own}
    others = ("benchmarking", "participation", "compliance", "contributions", "providers", "returns", "schedule")
    more = [{"code": kind, "title": kind, "kind": kind} for kind in others if kind not in kinds]
    return [*more, *figures]


def array(codes: list[str]) -> str:
    return "{" + ",".join(codes) + "}"


def fill_all(server: LocalPostgres, tree: list[dict[str, Any]]) -> None:
    """Figures of the council, its teams and every authority; two years of audits; a year of views and complaints."""
    areas = [one["code"] for one in tree if one["kind"] == "areas"]
    areas += [one["code"] for one in tree if one["kind"] == "units" and one["content"]["kind"] == "team"][:TEAMS]
    server.execute(
        _FIGURES.format(indicators=array(codes()), areas=array(areas), months=MONTHS), "VACUUM ANALYZE",
        database="indicator",
    )  # fmt: skip
    fill(server, "audit", 2)
    server.execute(_CODES + _VIEWS.format(views=VIEWS), database="feedback")
    server.execute("VACUUM ANALYZE", database="feedback")


class Pack:
    """One report, assembled again and again; the questions it asked are asked alone as well."""

    def __init__(self, ports: dict[str, int], token: str, log: Path) -> None:
        self._log = log
        headers = {"Authorization": f"Bearer {token}"}
        self._clients = {
            name: httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60)
            for name, port in ports.items()
        }

    async def occurrence(self) -> str:
        reporting = self._clients["reporting"]
        span = {"from": "2026-04-01", "to": "2027-03-31"}
        (await reporting.post("/v1/schedule/materialisations", json=span)).raise_for_status()
        found = await reporting.get("/v1/occurrences", params={"report": REPORT, "period": PERIOD})
        return str(found.json()["items"][0]["id"])

    async def assemble(self, occurrence: str) -> tuple[float, dict[str, Any]]:
        begun = time.perf_counter()
        answer = await self._clients["reporting"].post(f"/v1/occurrences/{occurrence}/assemblies")
        taken = time.perf_counter() - begun
        assert answer.status_code == 201, answer.text[:500]
        report: dict[str, Any] = (await self._clients["reporting"].get(f"/v1/reports/{answer.json()['id']}")).json()
        return 1000 * taken, report

    def slowest_during(self) -> tuple[str, float]:
        """Of the assembly before: the call that took longest, and how long, as reporting's log has it."""
        lines = (json.loads(one) for one in self._log.read_text().splitlines() if '"neighbours_answered"' in one)
        *_, last = lines
        return f"{last['neighbour']} {last['route']}", float(last["duration_ms"])

    async def alone(self, report: dict[str, Any]) -> dict[str, float]:
        sources = {
            (one["service"], one["path"])
            for section in report["sections"]
            for one in section["sources"]
            if one["service"] in SERVICES
        }
        return {f"{service} {path[:60]}": await self._timed(service, path) for service, path in sorted(sources)}

    async def _timed(self, service: str, path: str) -> float:
        begun = time.perf_counter()
        answer = await self._clients[service].get(path)
        taken = time.perf_counter() - begun
        assert answer.status_code == 200, (path, answer.text[:300])
        return 1000 * taken


async def measure(pack: Pack, rounds: int) -> dict[str, Any]:
    occurrence = await pack.occurrence()
    _, report = await pack.assemble(occurrence)
    await pack.alone(report)
    assert report["missing"] == [], report["missing"]
    packs, alone, during = [], [], []
    for _ in range(rounds):
        taken, report = await pack.assemble(occurrence)
        packs.append(taken)
        during.append(pack.slowest_during())
        alone.append(await pack.alone(report))
    slowest = [max(one.values()) for one in alone]
    named = max(alone[-1], key=lambda one: alone[-1][one])
    in_turn = [took for _, took in during]
    return {
        "p95": round(p95(packs)), "median": round(median(packs)), "questions": len(alone[-1]), "slowest": named,
        "slowest_median": round(median(slowest)), "slowest_p95": round(p95(slowest)),
        "over": round(p95(packs) - 1.3 * p95(slowest)), "enough": ENOUGH,
        "slowest_during": during[-1][0], "slowest_during_median": round(median(in_turn)),
        "slowest_during_p95": round(p95(in_turn)), "over_during": round(p95(packs) - 1.3 * p95(in_turn)),
        "all_of_them_one_after_another": round(median(sum(one.values()) for one in alone)),
        "bytes": len(json.dumps(report)), "figures": sum(len(one["figures"]) for one in report["sections"]),
        "teams": max(len(one["units"]) for section in report["sections"] for one in section["figures"]),
    }  # fmt: skip


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, int(0.95 * len(times)) - 1)]


def run(server: LocalPostgres, keys: Path, rounds: int) -> dict[str, Any]:
    issuer = LocalIssuer.create(keys)
    token = issuer.token("benchmark", ["admin"])
    ports: dict[str, int] = {}
    with ExitStack() as stack:
        for name in (*SERVICES, "reporting"):
            server.execute(f"CREATE DATABASE {name}")
            url = server.admin_url().replace("/postgres?", f"/{name}?")
            migrate(name, url)  # type: ignore[arg-type]
            others = {f"QAPF_{one.upper()}_URL": f"http://127.0.0.1:{port}" for one, port in ports.items()}
            app = f"services.{name}_api.app:create_app"
            ports[name] = stack.enter_context(
                serving(app, name, url, keys, QAPF_BACKGROUND=str(name == "indicator").lower(), **others)
            )
            items = framework(name)
            address = f"http://127.0.0.1:{ports[name]}/v1/framework/applications"
            headers = {"Authorization": f"Bearer {token}"}
            answer = httpx.post(address, json={"items": items}, headers=headers, timeout=120)
            assert answer.status_code == 200, answer.text[:500]
        fill_all(server, framework("indicator"))
        log = keys / f"{ports['reporting']}.log"
        return asyncio.run(measure(Pack(ports, token, log), rounds))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        print(json.dumps({"benchmark": "pack_assembly", **run(server, Path(folder), rounds)}))


if __name__ == "__main__":
    main()
