"""Invented open cases and auditors, and the steps the tests of selection share."""

from __future__ import annotations

from typing import Any

import httpx

AS_AT = "2026-11-20"
QA = "safeguarding_and_standards"


def case(number: int, **changed: Any) -> dict[str, Any]:
    """An invented open case."""
    found: dict[str, Any] = {
        "case_reference": f"SYN-{number:05}",
        "opened_on": "2026-01-12",
        "strata": {"status": "child_in_need" if number % 4 else "child_protection"},
        "workers": [f"worker-{number % 7}"],
        "managers": ["manager-1"],
    }
    return found | changed


def cases(count: int, start: int = 1) -> list[dict[str, Any]]:
    return [case(number) for number in range(start, start + count)]


async def post_cases(
    client: httpx.AsyncClient, unit: str, items: list[dict[str, Any]], as_at: str = AS_AT
) -> dict[str, Any]:
    """Post the open cases of a team, which must be taken."""
    answer = await client.put(f"/v1/units/{unit}/open-cases", json={"as_at": as_at, "items": items})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def keep_auditor(client: httpx.AsyncClient, reference: str, **changed: Any) -> dict[str, Any]:
    """Record an auditor of another service who is trained for the case audit."""
    body = {
        "unit": QA, "level": "senior_manager", "tools": ["case_audit"], "capacity_per_month": 20,
        "available_from": "2026-01-01",
    }  # fmt: skip
    answer = await client.put(f"/v1/auditors/{reference}", json=body | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def draw(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """Draw, which must succeed."""
    answer = await client.post("/v1/draws", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def draw_one(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """The one draw of a call for a slot or a unit."""
    (found,) = (await draw(client, **body))["draws"]
    made: dict[str, Any] = found
    return made


async def refused(client: httpx.AsyncClient, status: int, slug: str, **body: Any) -> dict[str, Any]:
    """The problem that a draw meets."""
    answer = await client.post("/v1/draws", json=body)
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"].endswith(f"/{slug}"), problem
    return problem


def reasons(found: dict[str, Any]) -> dict[str, str]:
    """Why each excluded case could not be drawn."""
    return {one["case_reference"]: one["reason"] for one in found["excluded"]}
