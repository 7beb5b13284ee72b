"""Posting one view and one complaint beside the floor and two peers: 16 connections, durable commits.

Each is one uvicorn worker on the same database. Ours checks a real token, every code, the words for what identifies or
speaks of harm, counts a complaint's clocks, records the deed, limits, counts and logs as in production, and answers the
whole record. The floor checks nothing. The peers verify the token, look the codes up and count the day a stage is due.
Rounds alternate, and medians count.
`python benchmarks/feedback_posting.py [rounds] [requests]` prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.running.servers import apply_framework, compare, request_of, serving  # noqa: E402
from services.postgres import throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402

SERVERS = {
    "ours": "services.feedback_api.app:create_app",
    "floor": "benchmarks.floors.feedback_posting:app",
    "litestar": "benchmarks.peers.feedback_litestar:app",
    "ninja": "benchmarks.peers.feedback_ninja:app",
}
AT_ONCE = 16
_CONNECTIONS = {"QAPF_WRITERS": str(AT_ONCE), "QAPF_POOL_SIZE": "4", "PEER_URLS": "benchmarks.peers.feedback_ninja"}
_number = itertools.count()


def a_view() -> dict[str, Any]:
    """A view with its words; each has a reference of its own."""
    return {
        "source": "case_management", "source_ref": f"V-{next(_number)}", "channel": "review_process",
        "respondent_group": "young_person", "unit": "fs_weymouth", "given_on": "2026-10-14", "age_band": "10-15",
        "rating": 4, "sentiment": "positive", "themes": ["voice_of_the_child", "communication"],
        "what_works": "My worker tells me what happens next and asks what I think first.",
        "what_should_change": "I would like the meetings after school, not during it.",
        "consent": "anonymous", "links": [{"kind": "review", "ref": "R-2026-0033"}],
    }  # fmt: skip


def a_complaint() -> dict[str, Any]:
    """A complaint that ended at its first stage, with what was learned."""
    ended = {
        "stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "partially_upheld",
    }  # fmt: skip
    return {
        "respond_ref": f"CSC-{next(_number)}", "procedure": "statutory", "received_on": "2026-10-05",
        "unit": "fs_weymouth", "respondent_group": "parent_carer", "themes": ["communication"], "eligible": True,
        "consent_given": True, "stages": [ended], "learning": "Families were not told when their worker changed.",
        "improvement": "Every family is now rung in the week before a worker leaves.",
    }  # fmt: skip


def measure(url: str, keys: Path, rounds: int, requests: int) -> dict[str, Any]:
    issuer = LocalIssuer(keys / "issuer.pem")
    token = issuer.token("benchmark", ["qa_manager"])
    kinds: dict[str, Callable[[], dict[str, Any]]] = {"views": a_view, "complaints": a_complaint}
    found: dict[str, Any] = {"benchmark": "feedback_posting", "rounds": rounds}
    with contextlib.ExitStack() as stack:
        ports = {
            name: stack.enter_context(serving(app, "feedback", url, keys, **_CONNECTIONS))
            for name, app in SERVERS.items()
        }
        apply_framework(ports["ours"], issuer, read_tree(ROOT / "framework" / "dorset").entries_for("feedback"))
        for kind, make in kinds.items():

            def next_request(kind: str = kind, make: Callable[[], dict[str, Any]] = make) -> bytes:
                return request_of("POST", f"/v1/{kind}", token, json.dumps(make()).encode())

            found[kind] = compare(ports, next_request, rounds, requests, AT_ONCE)
    return found


def main() -> None:
    rounds, requests = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 5), (2, 800)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18, durable=True) as server:
        keys = Path(folder)
        LocalIssuer.create(keys)
        server.execute("CREATE DATABASE posting")
        url = server.admin_url().replace("/postgres?", "/posting?")
        migrate("feedback", url)
        print(json.dumps(measure(url, keys, rounds, requests)))


if __name__ == "__main__":
    main()
