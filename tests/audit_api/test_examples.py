"""The examples go in through the public API and show what they are meant to show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.audit_api.papers import cover, make_round, send
from tests.conftest import Running

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _items(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["items"]
    return found


async def test_the_example_rounds_are_whole_in_september_and_one_short_in_october(audit: Running) -> None:
    client = await audit.client("admin")
    for period in ("2026-09", "2026-10"):
        await make_round(client, period)
    findings: dict[tuple[str, int], str] = {}
    for body in _items("audits.json"):
        stored = await send(client, body)
        findings |= {(body["source_ref"], place): one["id"] for place, one in enumerate(stored["findings"])}
    for item in _items("actions.json"):
        body = {**item["action"], "finding": findings[item["audit"], item["finding"]]}
        answer = await client.post("/v1/actions", json=body)
        assert answer.status_code == 201, answer.text
    september, october = await cover(client, "2026-09"), await cover(client, "2026-10")
    assert (september["done"], september["rag"]) == (14, "green")
    assert (october["done"], october["rag"]) == (13, "red")
    found = (await client.get("/v1/analysis?period=FY2026-27")).json()
    assert (found["audits"], found["findings"]["strengths"]) == (27, 27)
    assert found["actions"]["open"] == len(_items("actions.json"))
