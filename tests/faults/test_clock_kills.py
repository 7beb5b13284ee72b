"""Three replicas of the clock, killed with -9 and stalled past their lease: each due report is drafted once, whole."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from shared.settings import ServiceName
from tests.conftest import Server
from tests.doses import tell
from tests.faults.test_kill_during_job import ask, wait_for
from tests.reporting_api import clock_replica

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# For the proof of a release: DUE=500 KILLS=100 STALLS=20 RUNS=10.
DUE, KILLS, STALLS, RUNS = (
    int(os.environ.get(name, few)) for name, few in (("DUE", "28"), ("KILLS", "6"), ("STALLS", "1"), ("RUNS", "1"))
)
REPLICAS, LEASE_SECONDS = 3, 2
_OPEN = "SELECT count(*) FROM occurrence WHERE requested_by = 'ledger' AND assemblies = 0"
_OWED = f"""
INSERT INTO occurrence (id, report, period, occasion, period_start, period_end, opens_on, due_on, stage, owner_role,
  unit, audiences, boards, catch_up, requested_by, request_reason, assemblies, version)
SELECT gen_random_uuid(), 'icrm_thematic_audits', '2026-10', number, '2026-10-01', '2026-10-31', '2026-11-20',
  '2026-12-18', 'due', 'qa_manager', NULL, '{{csdg}}', '{{csdg}}', 'all', 'ledger', 'Asked for.', 0, 1
FROM generate_series(1, {DUE}) AS number
"""


def start(url: str, issuer: LocalIssuer) -> BaseProcess:
    keys: Path = issuer.directory  # type: ignore[attr-defined]
    settings = {
        "QAPF_ENVIRONMENT": "local", "QAPF_REPORTING_DATABASE_URL": url, "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"), "QAPF_LOCAL_ISSUER_KEY_FILE": str(keys / "issuer.pem"),
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"), "QAPF_LOG_LEVEL": "error",
    }  # fmt: skip
    return clock_replica.start(settings, NOW, LEASE_SECONDS)


class Disturbed:
    """Replicas that are killed and started anew, or stalled for longer than their lease, all through their work."""

    def __init__(self, url: str, issuer: LocalIssuer, dice: random.Random) -> None:
        self._url, self._issuer, self._dice = url, issuer, dice
        self._replicas = [start(url, issuer) for _ in range(REPLICAS)]
        self._stalled: dict[int, float] = {}
        self.done = {"kills": 0, "stalls": 0}

    def through_the_work(self) -> None:
        deeds = ["kills"] * KILLS + ["stalls"] * STALLS
        self._dice.shuffle(deeds)
        for number, deed in enumerate(deeds):
            # Each falls into work: as many reports lie between two as there are for each.
            self._wait_until_open(DUE - DUE * (number + 1) // (len(deeds) + 1))
            victim = self._dice.choice([one for one in range(REPLICAS) if one not in self._stalled])
            self._kill(victim) if deed == "kills" else self._stall(victim)
            self.done[deed] += 1
        self._wait_until_open(0)

    def _wait_until_open(self, most: int) -> None:
        deadline = time.monotonic() + 60 + DUE
        while ask(self._url, _OPEN)[0][0] > most:
            assert time.monotonic() < deadline
            self._wake(time.monotonic())
            time.sleep(0.02)

    def _kill(self, victim: int) -> None:
        os.kill(self._pid(victim), signal.SIGKILL)
        self._replicas[victim].join(10)
        self._replicas[victim] = start(self._url, self._issuer)

    def _stall(self, victim: int) -> None:
        # One goes on, so that there is work to kill.
        while len(self._stalled) == REPLICAS - 1:
            self._wake(time.monotonic())
        os.kill(self._pid(victim), signal.SIGSTOP)
        self._stalled[victim] = time.monotonic() + LEASE_SECONDS + 1

    def _wake(self, now: float) -> None:
        for one in [one for one, until in self._stalled.items() if until <= now]:
            os.kill(self._pid(one), signal.SIGCONT)
            del self._stalled[one]

    def _pid(self, one: int) -> int:
        found = self._replicas[one].pid
        assert found is not None
        return found

    def rest(self) -> None:
        self._wake(time.monotonic() + LEASE_SECONDS + 1)
        wait_for(lambda: ask(self._url, "SELECT 1 FROM job WHERE status IN ('queued', 'running')") == [], 60)

    def end(self) -> None:
        for one in self._replicas:
            one.kill()
            one.join(10)


@pytest.mark.parametrize("run", range(RUNS))
def test_each_due_report_is_drafted_once_whatever_happens_to_the_replicas(
    server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer, run: int
) -> None:
    url = server.url(asyncio.run(server.clone(template("reporting", True))))
    ask(url, _OWED)
    replicas = Disturbed(url, issuer, random.Random(20261123 + run))
    try:
        replicas.through_the_work()
        replicas.rest()
    finally:
        replicas.end()
    tell(drafted=DUE, **replicas.done)
    _each_was_drafted_once(url)


def _each_was_drafted_once(url: str) -> None:
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
