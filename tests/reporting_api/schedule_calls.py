"""Calls to the schedule that several tests make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

YEAR = {"from": "2026-04-01", "to": "2027-03-31"}


async def materialise(client: httpx.AsyncClient, span: Mapping[str, str] = YEAR) -> dict[str, Any]:
    answer = await client.post("/v1/schedule/materialisations", json=dict(span))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def occurrences(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = await client.get("/v1/occurrences", params={**query, **({"after": after} if after else {})})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        after = answer.json()["next"]
    return found
