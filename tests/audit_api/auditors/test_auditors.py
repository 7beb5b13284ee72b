"""The records of auditors: kept with their ETags, listed with what each has in hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit_api.papers import activity_of
from tests.audit_api.selecting import QA, cases, draw_one, keep_auditor, post_cases
from tests.conftest import Running

BODY: dict[str, Any] = {
    "unit": QA, "level": "senior_manager", "tools": ["case_audit"], "capacity_per_month": 4,
    "available_from": "2026-01-01",
}  # fmt: skip


async def test_an_auditor_is_recorded_changed_and_never_overwritten_unseen(audit: Running) -> None:
    client = await audit.client("qa_manager")
    made = await client.put("/v1/auditors/auditor-07", json=BODY)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert (made.json()["audits_in_hand"], made.json()["given_this_month"]) == (0, 0)
    assert (await client.put("/v1/auditors/auditor-07", json=BODY)).status_code == 428
    seen = {"If-Match": '"1"'}
    changed = await client.put("/v1/auditors/auditor-07", json=BODY | {"capacity_per_month": 6}, headers=seen)
    assert (changed.status_code, changed.json()["version"], changed.json()["capacity_per_month"]) == (200, 2, 6)
    assert (await client.put("/v1/auditors/auditor-07", json=BODY, headers=seen)).status_code == 412
    new = {"If-None-Match": "*"}
    assert (await client.put("/v1/auditors/auditor-07", json=BODY, headers=new)).status_code == 412
    found = await client.get("/v1/auditors/auditor-07")
    assert found.json() == changed.json()
    unchanged = await client.get("/v1/auditors/auditor-07", headers={"If-None-Match": found.headers["etag"]})
    assert unchanged.status_code == 304
    await audit.seal()
    deeds = await activity_of(await audit.client("admin"), "auditor")
    assert [deed["action"] for deed in deeds] == ["auditor.recorded", "auditor.changed"]


async def test_the_list_narrows_and_tells_what_each_has_in_hand(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await keep_auditor(client, "auditor-1")
    await keep_auditor(client, "auditor-2", unit="horizon", tools=[], audit_types=["peer"], available_to="2026-06-30")
    await keep_auditor(client, "auditor-3", unit=None, council="A Neighbouring Council")
    await post_cases(client, "fs_weymouth", cases(3))
    await draw_one(client, unit="fs_weymouth", tool="case_audit", count=2)
    listed = (await client.get("/v1/auditors")).json()["items"]
    assert [(one["reference"], one["audits_in_hand"], one["given_this_month"]) for one in listed] == [
        ("auditor-1", 2, 2), ("auditor-2", 0, 0), ("auditor-3", 0, 0),
    ]  # fmt: skip
    for query, expected in (
        ({"tool": "case_audit"}, ["auditor-1", "auditor-3"]),
        ({"available_on": "2026-07-01"}, ["auditor-1", "auditor-3"]),
        ({"unit": "horizon"}, ["auditor-2"]),
        ({"limit": "1"}, ["auditor-1"]),
    ):
        found = (await client.get("/v1/auditors", params=query)).json()["items"]
        assert [one["reference"] for one in found] == expected, query


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"unit": None}, ""),
        ({"council": "A Neighbouring Council"}, ""),
        ({"unit": "nowhere"}, "/unit"),
        ({"tools": []}, ""),
        ({"tools": ["nothing"]}, "/tools/0"),
        ({"tools": ["case_audit", "case_audit"]}, ""),
        ({"audit_types": ["quick"]}, "/audit_types/0"),
        ({"capacity_per_month": 101}, "/capacity_per_month"),
        ({"capacity_per_month": "4"}, "/capacity_per_month"),
        ({"available_to": "2025-12-31"}, ""),
        ({"level": "boss"}, "/level"),
        ({"name": "Jo"}, ""),
    ],
)
async def test_a_wrong_record_is_pointed_at(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    client = await audit.client("qa_manager")
    answer = await client.put("/v1/auditors/auditor-07", json=BODY | changed)
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await client.get("/v1/auditors/auditor-07")).status_code == 404


async def test_auditors_are_kept_by_managers_each_for_the_own_units(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await keep_auditor(client, "auditor-1")
    await keep_auditor(client, "auditor-3", unit=None, council="A Neighbouring Council")
    for role in ("practitioner", "team_manager", "auditor", "head_of_service", "ingest_client"):
        assert (await (await audit.client(role)).get("/v1/auditors")).status_code == 403
    scoped = await audit.client("qa_manager", "family_support")
    assert (await scoped.get("/v1/auditors")).json()["items"] == []
    assert (await scoped.get("/v1/auditors/auditor-1")).status_code == 404
    own = BODY | {"unit": "fs_portland"}
    taken = await scoped.put("/v1/auditors/auditor-1", json=own, headers={"If-Match": '"1"'})
    assert taken.status_code == 404
    assert (await scoped.put("/v1/auditors/auditor-9", json=own)).status_code == 201
    assert (await scoped.put("/v1/auditors/auditor-8", json=BODY)).status_code == 422
    abroad = BODY | {"unit": None, "council": "A Neighbouring Council"}
    assert (await scoped.put("/v1/auditors/auditor-8", json=abroad)).status_code == 422
