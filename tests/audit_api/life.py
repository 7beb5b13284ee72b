"""Steps of an audit's later life that the tests share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import sqlalchemy as sa

from services.audit_api.models import LearningItem, LearningSource
from services.audit_api.registry import table_of
from shared.ids import new_id
from tests.conftest import Running


def slug(answer: httpx.Response) -> str:
    """The kind of problem an answer is."""
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


def faults(answer: httpx.Response) -> set[tuple[str, str]]:
    """Where an answer points, with the codes."""
    return {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


async def analysis_of(client: httpx.AsyncClient, period: str) -> dict[str, Any]:
    """The analysis of a period but for when it was made and whether the loop is closed, which closing alone changes."""
    found: dict[str, Any] = (await client.get("/v1/analysis", params={"period": period})).json()
    return found | {"as_at": None, "loop": None, "headlines": None}


async def learn(audit: Running, from_audit: str, status: str = "disseminated", finding: str | None = None) -> str:
    """A learning item that names an audit, or one of its findings, as its source."""
    passed_on = status == "disseminated"
    item = {
        "id": new_id(), "unit": "fs_weymouth", "title": "Plans name who does what", "kind": "new", "audience": [],
        "visibility": "service", "themes": [], "status": status,
        "disseminated_on": date(2026, 11, 23) if passed_on else None,
        "disseminated_by": "test-qa_manager" if passed_on else None, "created_by": "test-qa_manager",
        "created_at": datetime(2026, 11, 23, tzinfo=UTC), "version": 1,
        "withdrawal_reason": "It rested on a misreading." if status == "withdrawn" else None,
    }  # fmt: skip
    source = {
        "learning_id": item["id"], "position": 0, "kind": "finding" if finding else "audit", "audit_id": from_audit,
        "finding_id": finding,
    }  # fmt: skip
    async with audit.database.transaction() as session:
        await session.execute(sa.insert(table_of(LearningItem)), item)
        await session.execute(sa.insert(table_of(LearningSource)), source)
    return str(item["id"])


async def step(
    client: httpx.AsyncClient, audit: str, name: str, body: Any = None, version: int | None = None, **headers: str
) -> httpx.Response:
    """Post a step of an audit's life, at the version it is at unless another is given."""
    path = f"/v1/audits/{audit}"
    seen = f'"{version}"' if version is not None else (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{name}", json=body, headers={"If-Match": seen, **headers})


async def stepped(client: httpx.AsyncClient, audit: str, name: str, body: Any = None) -> dict[str, Any]:
    """A step that must be taken."""
    answer = await step(client, audit, name, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def save(client: httpx.AsyncClient, audit: str, body: Any, version: int | None = None) -> httpx.Response:
    """Save a draft at the version it is at unless another is given."""
    path = f"/v1/audits/{audit}"
    seen = f'"{version}"' if version is not None else (await client.get(path)).headers["etag"]
    return await client.put(f"{path}/answers", json=body, headers={"If-Match": seen})


async def saved(client: httpx.AsyncClient, audit: str, body: Any) -> dict[str, Any]:
    """A draft that must be saved."""
    answer = await save(client, audit, body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
