"""Files of figures for the tests: rows as CSV, NDJSON and JSON, and how to send them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx

IMPORTS = "/v1/observations/imports"
DORSET = "E06000059"
COLUMNS = [
    "indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status", "source_ref"
]  # fmt: skip
MEDIA = {"csv": "text/csv", "ndjson": "application/x-ndjson", "json": "application/json"}


def row(**cells: Any) -> dict[str, Any]:
    """One good figure, but for what is given."""
    return {
        "indicator": "referrals_monthly", "area": DORSET, "period": "2026-04", "breakdown": None, "numerator": None,
        "denominator": None, "value": 412, "value_status": None, "source_ref": "Synthetic return",
    } | cells  # fmt: skip


def many(count: int, **cells: Any) -> list[dict[str, Any]]:
    """Good figures under keys of their own."""
    return [row(breakdown=f"group={number:05}", value=number + 100, **cells) for number in range(count)]


def body(kind: str, rows: list[dict[str, Any]]) -> bytes:
    """The rows in one of the three forms."""
    if kind == "json":
        return json.dumps({"items": rows}).encode()
    if kind == "ndjson":
        return b"".join(json.dumps(one).encode() + b"\n" for one in rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


async def send(
    client: httpx.AsyncClient, content: Any, kind: str = "csv", headers: dict[str, str] | None = None, **query: Any
) -> httpx.Response:
    """Import a body."""
    headers = {"Content-Type": MEDIA[kind], **(headers or {})}
    return await client.post(IMPORTS, content=content, headers=headers, params=query)


def counts(answer: httpx.Response) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, rejected of a report."""
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["rows"] == report["created"] + report["changed"] + report["unchanged"] + report["rejected"]
    assert report["accepted_existing"] == report["changed"] + report["unchanged"]
    return report["created"], report["changed"], report["unchanged"], report["rejected"]


async def stored(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Every figure the client sees, page by page."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await client.get("/v1/observations", params={"limit": 500, **query, **after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            return items
        after = {"after": page["next"]}
