"""Posting one whole audit of 40 answers beside the floor and two peers: 16 connections, durable commits.

Each is one uvicorn worker on the same database; ours checks a real token, holds every answer to its tool, records the
deed, limits, counts and logs as in production, and answers the whole audit. The floor checks nothing. The peers verify
the token, look up what is named and hold the answers to the tool as well. Rounds alternate, and medians count.
`python benchmarks/audit_posting.py [rounds] [requests]` prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import sys
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
from tests.audit_api.framework import dorset_tool  # noqa: E402
from tests.audit_api.papers import answers, whole  # noqa: E402

SERVERS = {
    "ours": "services.audit_api.app:create_app",
    "floor": "benchmarks.floors.audit_posting:app",
    "litestar": "benchmarks.peers.posting_litestar:app",
    "ninja": "benchmarks.peers.posting_ninja:app",
}
AT_ONCE = 16
_CONNECTIONS = {"QAPF_WRITERS": str(AT_ONCE), "QAPF_POOL_SIZE": "4", "PEER_URLS": "benchmarks.peers.posting_ninja"}
_MORE = ("one_more", "and_another")


def measure(url: str, keys: Path, rounds: int, requests: int) -> dict[str, Any]:
    issuer = LocalIssuer(keys / "issuer.pem")
    token, body = issuer.token("benchmark", ["qa_manager"]), json.dumps(_forty_answers()).encode()
    request = request_of("POST", "/v1/audits", token, body)
    with contextlib.ExitStack() as stack:
        ports = {
            name: stack.enter_context(serving(app, "audit", url, keys, **_CONNECTIONS)) for name, app in SERVERS.items()
        }
        apply_framework(ports["ours"], issuer, _items())
        found = compare(ports, lambda: request, rounds, requests, AT_ONCE)
    return {"benchmark": "audit_posting", "rounds": rounds, **found}


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


def _items() -> list[dict[str, Any]]:
    items = read_tree(ROOT / "framework" / "dorset").entries_for("audit")
    return [one | ({"content": _tool_of_forty()} if one["code"] == "case_audit" else {}) for one in items]


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
