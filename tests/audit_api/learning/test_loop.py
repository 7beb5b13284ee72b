"""How far the loop is closed, and how much learning reaches training."""

from __future__ import annotations

from typing import Any

import httpx
import sqlalchemy as sa

from services.audit_api.learning.rendering import percent_of
from tests.audit_api.learning.test_learning import LEARNING
from tests.audit_api.papers import send, whole
from tests.conftest import Running


async def _learn(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/learning", json=LEARNING | {"disseminate": True} | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _run(audit: Running, statement: str, **values: Any) -> None:
    async with audit.database.transaction() as session:
        await session.execute(sa.text(statement), values)


async def test_R26_an_unfinished_audit_is_never_counted_as_closed(audit: Running) -> None:
    client = await audit.client("qa_manager")
    audits = [await send(client, whole(case_reference=f"CMS-30{number}")) for number in range(4)]
    await send(client, whole(submit=False))
    for one in audits[:3]:
        await _learn(client, sources=[{"kind": "audit", "id": one["id"]}])
    await _run(audit, "UPDATE audit SET status = 'closed' WHERE id = ANY(:ids)", ids=[one["id"] for one in audits[:2]])
    action = {
        "finding": audits[1]["findings"][1]["id"], "title": "Hold reviews within their time limits",
        "owner": {"role": "team_manager"}, "due_on": "2026-12-18",
    }  # fmt: skip
    assert (await client.post("/v1/actions", json=action)).status_code == 201
    found = (await client.get("/v1/loop-closure", params={"period": "2026-11"})).json()
    assert (found["submitted"], found["with_learning"], found["closed"]) == (4, 3, 2)
    assert (found["with_unfinished_actions"], found["loop_closed"], found["percent"]) == (1, 1, 25.0)
    assert (found["actions"], found["actions_closed_with_impact"], found["actions_percent"]) == (1, 0, 0.0)
    assert found["sentence"].startswith("Of 4 audits submitted for 2026-11, the loop is closed for 1 (25.0%)")
    await _run(
        audit,
        "UPDATE action SET status = 'closed', impact = 'positive', completed_on = due_on, closed_on = due_on",
    )
    again = (await client.get("/v1/loop-closure", params={"period": "2026-11", "unit": "fs_weymouth"})).json()
    assert (again["loop_closed"], again["actions_percent"]) == (2, 100.0)
    elsewhere = (await client.get("/v1/loop-closure", params={"period": "2026-11", "unit": "fs_portland"})).json()
    assert (elsewhere["submitted"], elsewhere["percent"]) == (0, None)


def test_R26_only_all_of_them_are_a_hundred_percent() -> None:
    assert percent_of(1999, 2000) == 99.9
    assert percent_of(2000, 2000) == 100.0
    assert percent_of(0, 0) is None


async def test_R58_learning_from_reviews_and_audits_is_counted_once_training_includes_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    audited = await send(client, whole())
    review = await _learn(client)
    await _learn(client, sources=[{"kind": "audit", "id": audited["id"]}], title="Say it to the family first")
    await _learn(client, sources=[{"kind": "complaint", "reference": "CSC-2026-0119"}])
    await _learn(client, disseminate=False)
    training = {"training_ref": "TR-2027-014", "title": "Planning that lasts", "commissioned_on": "2026-11-02"}
    for _ in range(2):
        linked = await client.post(f"/v1/learning/{review['id']}/training", json=training)
        assert (linked.status_code, len(linked.json()["training"])) == (201, 1)
    found = (await client.get("/v1/learning/training-coverage", params={"period": "2026-11"})).json()
    assert found["lines"] == [
        {"source": "serious_case_review", "learning": 1, "in_training": 1, "percent": 100.0},
        {"source": "local_audit", "learning": 1, "in_training": 0, "percent": 0.0},
        {"source": "either", "learning": 2, "in_training": 1, "percent": 50.0},
    ]
    assert [one["title"] for one in found["without_training"]] == ["Say it to the family first"]
    assert "1 (50.0%) are in commissioned training" in found["sentence"]
    before = (await client.get("/v1/learning/training-coverage", params={"period": "2026-10"})).json()
    assert before["lines"][2]["percent"] is None
