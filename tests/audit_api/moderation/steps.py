"""Steps of a moderation that the tests share."""

from __future__ import annotations

from typing import Any

import httpx

from tests.audit_api.papers import send, whole
from tests.conftest import Running

DOMAINS = ("quality_of_intervention", "outcomes_achieved", "adherence_to_process")
MODERATOR = {"grader": "moderator-1", "grader_unit": "safeguarding_and_standards"}
REASON = "The team sees better outcomes than the grade says."


async def an_audit(audit: Running, auditor: str = "auditor-1", unit: str = "fs_weymouth", **changed: Any) -> str:
    """A submitted audit, every domain graded good, by an auditor of Safeguarding and Standards."""
    client = await audit.client("auditor", subject=auditor)
    return str((await send(client, whole(unit, **changed)))["id"])


async def moderator(audit: Running, subject: str = "moderator-1") -> httpx.AsyncClient:
    """A second grader, who would not reach the audited team otherwise."""
    return await audit.client("auditor", unit="safeguarding_and_standards", subject=subject)


def graded(*grades: str, reason: str | None = None) -> dict[str, Any]:
    """Grades for the three domains in order; an empty one is left out."""
    return {
        domain: {"grade": grade} | ({"reason": reason} if reason else {})
        for domain, grade in zip(DOMAINS, grades, strict=True)
        if grade
    }


async def ask(client: httpx.AsyncClient, audit: str, **more: Any) -> httpx.Response:
    """Ask for a moderation of the audit as it is."""
    path = f"/v1/audits/{audit}"
    seen = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/moderations", json={"reason": REASON} | more, headers={"If-Match": seen})


async def asked(client: httpx.AsyncClient, audit: str, **more: Any) -> dict[str, Any]:
    """A moderation that must begin."""
    answer = await ask(client, audit, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def act(
    client: httpx.AsyncClient, moderation: str, step: str, body: Any = None, version: int | None = None
) -> httpx.Response:
    """A step of a moderation, at the version it is at unless another is given."""
    path = f"/v1/moderations/{moderation}"
    seen = f'"{version}"' if version is not None else (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{step}", json=body, headers={"If-Match": seen})


async def acted(client: httpx.AsyncClient, moderation: str, step: str, body: Any = None) -> dict[str, Any]:
    """A step that must be taken."""
    answer = await act(client, moderation, step, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def in_difference(audit: Running, *second: str, **more: Any) -> tuple[str, str]:
    """An audit graded good throughout and its moderation, once the second grader has graded it otherwise."""
    number = await an_audit(audit, **more)
    found = await asked(await audit.client("qa_manager"), number, **MODERATOR)
    grades = {"grades": graded(*(second or ("good", "requires_improvement", "good")))}
    told = await acted(await moderator(audit), found["id"], "gradings", grades)
    assert told["status"] == "consolidating"
    return number, found["id"]
