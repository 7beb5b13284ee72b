"""Three replicas of the clock, killed with -9 and stalled past their lease: each due report is drafted once, whole."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from shared.settings import ServiceName
from tests.conftest import Server
from tests.faults.test_kill_during_job import ask, wait_for

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# For the proof of a release: DUE=500 KILLS=100 STALLS=20.
DUE, KILLS, STALLS = (
    int(os.environ.get(name, few)) for name, few in (("DUE", "120"), ("KILLS", "10"), ("STALLS", "1"))
)
REPLICAS, LEASE_SECONDS = 3, 2
_OPEN = "SELECT 1 FROM occurrence WHERE requested_by = 'ledger' AND assemblies = 0 LIMIT 1"
_OWED = f"""
INSERT INTO occurrence (id, report, period, occasion, period_start, period_end, opens_on, due_on, stage, owner_role,
  unit, audiences, boards, catch_up, requested_by, request_reason, assemblies, version)
SELECT gen_random_uuid(), 'icrm_thematic_audits', '2026-10', number, '2026-10-01', '2026-10-31', '2026-11-20',
  '2026-12-18', 'due', 'qa_manager', NULL, '{{csdg}}', '{{csdg}}', 'all', 'ledger', 'Asked for.', 0, 1
FROM generate_series(1, {DUE}) AS number
"""


def start(url: str, issuer: LocalIssuer) -> subprocess.Popen[bytes]:
    keys: Path = issuer.directory  # type: ignore[attr-defined]
    settings = {
        "QAPF_ENVIRONMENT": "local", "QAPF_REPORTING_DATABASE_URL": url, "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"), "QAPF_LOCAL_ISSUER_KEY_FILE": str(keys / "issuer.pem"),
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"), "QAPF_LOG_LEVEL": "error",
    }  # fmt: skip
    program = [sys.executable, str(ROOT / "tests" / "reporting_api" / "clock_replica.py")]
    return subprocess.Popen(
        [*program, NOW.isoformat(), str(LEASE_SECONDS)],
        cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def disturb(url: str, issuer: LocalIssuer, replicas: list[subprocess.Popen[bytes]], dice: random.Random) -> int:
    """Kill one at a time and start it anew, and stall some longer than their lease, until all is drafted."""
    deeds = ["kill"] * KILLS + ["stall"] * STALLS
    dice.shuffle(deeds)
    done = 0
    for deed in deeds:
        time.sleep(dice.uniform(0.02, 0.2))
        if ask(url, _OPEN) == []:
            break
        place = dice.randrange(REPLICAS)
        if deed == "kill":
            replicas[place].send_signal(signal.SIGKILL)
            replicas[place].wait(10)
            replicas[place] = start(url, issuer)
        else:
            replicas[place].send_signal(signal.SIGSTOP)
            time.sleep(LEASE_SECONDS + 1)
            replicas[place].send_signal(signal.SIGCONT)
        done += 1
    return done


def test_each_due_report_is_drafted_once_whatever_happens_to_the_replicas(
    server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer
) -> None:
    url = server.url(asyncio.run(server.clone(template("reporting", True))))
    ask(url, _OWED)
    replicas = [start(url, issuer) for _ in range(REPLICAS)]
    try:
        wait_for(lambda: ask(url, "SELECT 1 FROM job WHERE status = 'running'") != [], 30)
        assert disturb(url, issuer, replicas, random.Random(20261123)) >= (1 if KILLS <= 10 else KILLS // 2)
        wait_for(lambda: ask(url, _OPEN) == [], 60 + DUE)
        wait_for(lambda: ask(url, "SELECT 1 FROM job WHERE status IN ('queued', 'running')") == [], 60)
    finally:
        for one in replicas:
            one.kill()
            one.wait(10)
    theirs = "FROM occurrence o WHERE o.requested_by = 'ledger'"
    assert ask(url, f"SELECT count(*), min(assemblies), max(assemblies), min(stage), max(stage) {theirs}") == [
        (DUE, 1, 1, "draft", "draft")
    ]
    # One edition, of one revision, told once in the activity log: what an overtaken worker did was rolled back whole.
    assert ask(
        url, "SELECT count(*), count(DISTINCT occurrence) FROM report WHERE report = 'icrm_thematic_audits'"
    ) == [(DUE, DUE)]
    reports = "(SELECT id FROM report WHERE report = 'icrm_thematic_audits')"
    assert ask(url, f"SELECT count(*), max(revision) FROM report_revision WHERE report IN {reports}") == [(DUE, 1)]
    told = (
        "SELECT count(*) FROM activity WHERE action = 'report.assembled' AND data->>'report' = 'icrm_thematic_audits'"
    )
    assert ask(url, told) == [(DUE,)]
    assert ask(url, "SELECT count(*) FROM job WHERE status <> 'succeeded'") == [(0,)]
    assert ask(url, "SELECT max(attempt) > 1 FROM job") == [(True,)]
