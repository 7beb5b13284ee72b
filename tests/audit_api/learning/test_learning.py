"""Learning: for whom it is, who sees it, who has acknowledged it, and that a closed audit keeps it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.audit_api.papers import activity_of, send, whole
from tests.conftest import Running

LEARNING: dict[str, Any] = {
    "unit": "fs_weymouth",
    "title": "Book the next review before the last one ends",
    "text": "Every late review had no date set when the one before it ended.",
    "kind": "new",
    "audience": ["practitioner", "team_manager"],
    "visibility": "team",
    "themes": ["drift_and_delay"],
    "sources": [{"kind": "serious_case_review", "reference": "SCR-2025-S21"}],
}


def _slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def _add(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/learning", json=LEARNING | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _step(client: httpx.AsyncClient, learning: str, step: str, body: Any, version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    return await client.post(f"/v1/learning/{learning}/{step}", json=body, headers=headers)


async def _listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/v1/learning", params=params)
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["items"]]


async def _close(audit: Running, *audits: str) -> None:
    async with audit.database.transaction() as session:
        statement = sa.text("UPDATE audit SET status = 'closed' WHERE id = ANY(:ids)")
        await session.execute(statement, {"ids": list(audits)})


async def test_R26_learning_is_edited_as_a_draft_and_then_passed_on(audit: Running) -> None:
    client = await audit.client("qa_manager")
    audited = await send(client, whole())
    finding = audited["findings"][1]["id"]
    made = await _add(client, sources=[{"kind": "finding", "id": finding}])
    assert (made["status"], made["disseminated_on"]) == ("draft", None)
    assert made["sources"] == [{"kind": "finding", "id": finding, "audit": audited["id"], "reference": None}]
    assert made["allowed_actions"] == ["edit", "disseminate", "withdraw"]
    changed = LEARNING | {"kind": "confirms_known", "sources": [{"kind": "audit", "id": audited["id"]}]}
    path = f"/v1/learning/{made['id']}"
    edited = await client.put(path, json=changed, headers={"If-Match": '"1"'})
    assert (edited.status_code, edited.json()["kind"], edited.json()["version"]) == (200, "confirms_known", 2)
    assert edited.json()["sources"][0]["kind"] == "audit"
    sent = await _step(client, made["id"], "disseminations", None, 2)
    assert (sent.status_code, sent.json()["disseminated_on"]) == (201, "2026-11-23")
    refused = await client.put(path, json=changed, headers={"If-Match": '"3"'})
    assert (refused.status_code, _slug(refused)) == (409, "learning-not-draft")
    assert _slug(await _step(client, made["id"], "disseminations", None, 3)) == "learning-not-draft"
    assert await _listed(client, audit=audited["id"]) == [LEARNING["title"]]
    await audit.seal()
    rows = await activity_of(await audit.client("admin"), "learning")
    assert [row["action"] for row in rows] == ["learning.added", "learning.edited", "learning.disseminated"]


@pytest.mark.parametrize(
    ("visibility", "seen"),
    [
        ("team", ["team", "service head", "council"]),
        ("service", ["team", "other team", "service head", "council"]),
        ("organisation", ["team", "other team", "other service", "service head", "council"]),
        ("partnership", ["team", "other team", "other service", "service head", "council", "partner"]),
    ],
)
async def test_R34_learning_is_seen_as_far_as_its_visibility_goes(
    audit: Running, visibility: str, seen: list[str]
) -> None:
    manager = await audit.client("team_manager", unit="fs_weymouth")
    made = await _add(manager, visibility=visibility, disseminate=True)
    readers = {
        "team": await audit.client("practitioner", unit="fs_weymouth"),
        "other team": await audit.client("practitioner", unit="fs_portland"),
        "other service": await audit.client("practitioner", unit="fostering"),
        "service head": await audit.client("head_of_service", unit="family_support"),
        "council": await audit.client("qa_manager"),
        "partner": await audit.client("practitioner", unit="example_partner"),
    }
    listed = [name for name, reader in readers.items() if await _listed(reader)]
    assert sorted(listed) == sorted(seen)
    for name, reader in readers.items():
        status = 200 if name in seen else 404
        assert (await reader.get(f"/v1/learning/{made['id']}")).status_code == status
        acknowledged = await reader.post(f"/v1/learning/{made['id']}/acknowledgements", json={"level": "practitioner"})
        assert acknowledged.status_code == (201 if name in seen else 404)


async def test_R34_a_draft_is_seen_by_those_who_may_write_it(audit: Running) -> None:
    manager = await audit.client("team_manager", unit="fs_weymouth")
    made = await _add(manager, visibility="organisation")
    assert await _listed(manager, status="draft") == [LEARNING["title"]]
    for role, unit, status in (("practitioner", "fs_weymouth", 403), ("team_manager", "fs_portland", 404)):
        reader = await audit.client(role, unit=unit, subject="worker-9")
        assert await _listed(reader) == []
        assert (await _step(reader, made["id"], "withdrawals", {"reason": "No."}, 1)).status_code == status


async def test_learning_passed_on_is_changed_by_its_own_unit_only(audit: Running) -> None:
    made = await _add(await audit.client("qa_manager"), visibility="organisation", disseminate=True)
    elsewhere = await audit.client("team_manager", unit="fs_portland")
    found = (await elsewhere.get(f"/v1/learning/{made['id']}")).json()
    assert found["allowed_actions"] == ["acknowledge", "link_training"]
    assert (await _step(elsewhere, made["id"], "withdrawals", {"reason": "No."}, 1)).status_code == 404


async def test_each_acknowledges_once_and_for_oneself(audit: Running) -> None:
    made = await _add(await audit.client("qa_manager"), visibility="service", disseminate=True)
    path = f"/v1/learning/{made['id']}/acknowledgements"
    for subject, unit in (("worker-1", "fs_weymouth"), ("worker-2", "fs_weymouth"), ("worker-3", "fs_portland")):
        client = await audit.client("practitioner", unit=unit, subject=subject)
        assert await _listed(client, acknowledged=False) == [LEARNING["title"]]
        for _ in range(2):
            assert (await client.post(path, json={"level": "practitioner"})).status_code == 201
        assert await _listed(client, acknowledged=False) == []
    found = (await client.get(f"/v1/learning/{made['id']}")).json()
    assert (found["acknowledgements"], found["acknowledged_by_me"]) == (3, True)
    assert found["acknowledged_by"] == [
        {"unit": "fs_portland", "level": "practitioner", "number": 1},
        {"unit": "fs_weymouth", "level": "practitioner", "number": 2},
    ]
    other = await client.post(path, json={"level": "director"})
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/level")


async def test_R26_the_last_learning_of_a_closed_audit_cannot_be_withdrawn(audit: Running) -> None:
    client = await audit.client("qa_manager")
    audited = await send(client, whole())
    source = {"sources": [{"kind": "audit", "id": audited["id"]}], "disseminate": True}
    first, second = await _add(client, **source), await _add(client, **source)
    await _close(audit, audited["id"])
    reason = {"reason": "Superseded by the new guide."}
    gone = await _step(client, first["id"], "withdrawals", reason, 1)
    assert (gone.status_code, gone.json()["status"], gone.json()["allowed_actions"]) == (201, "withdrawn", [])
    last = await _step(client, second["id"], "withdrawals", reason, 1)
    assert (last.status_code, _slug(last)) == (409, "learning-of-closed-audit")
    assert _slug(await _step(client, first["id"], "withdrawals", reason, 2)) == "learning-withdrawn"
    late = await client.post(f"/v1/learning/{first['id']}/acknowledgements", json={"level": "practitioner"})
    assert (late.status_code, _slug(late)) == (409, "learning-not-disseminated")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"sources": []}, "/sources"),
        ({"sources": [{"kind": "audit", "reference": "SCR-1"}]}, "/sources/0"),
        ({"sources": [{"kind": "audit", "id": "0192f0c1-0000-7000-8000-000000000001"}]}, "/sources/0/id"),
        ({"sources": [{"kind": "finding", "id": "0192f0c1-0000-7000-8000-000000000001"}]}, "/sources/0/id"),
        ({"themes": ["nothing_known"]}, "/themes/0"),
        ({"audience": []}, "/audience"),
        ({"unit": "nowhere"}, "/unit"),
        ({"visibility": "everybody"}, "/visibility"),
        ({"title": "Write to jo@example.org"}, "/title"),
    ],
)
async def test_what_learning_names_must_exist(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    answer = await (await audit.client("qa_manager")).post("/v1/learning", json=LEARNING | changed)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_an_auditor_writes_down_what_another_teams_audit_taught_once_it_is_submitted(audit: Running) -> None:
    auditor = await audit.client("auditor", unit="fs_portland")
    audited = await send(await audit.client("qa_manager"), whole(auditor="test-auditor", auditor_unit="fs_portland"))
    await _add(auditor, sources=[{"kind": "audit", "id": audited["id"]}])
    assert (await auditor.post("/v1/learning", json=LEARNING)).status_code == 422
    begun = await send(await audit.client("qa_manager"), whole(submit=False))
    early = LEARNING | {"sources": [{"kind": "audit", "id": begun["id"]}]}
    answer = await (await audit.client("qa_manager")).post("/v1/learning", json=early)
    assert (answer.status_code, _slug(answer)) == (409, "source-not-final")
