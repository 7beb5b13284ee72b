"""Another case in place of one that cannot be audited, another auditor: recorded, never hidden."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from services.audit_api.selection.drawing import Candidate, in_order
from tests.audit_api.papers import activity_of, make_round, send, whole
from tests.audit_api.selecting import cases, draw_one, keep_auditor, post_cases
from tests.conftest import Running

SEED = "csdg-2026-11"
ORDER = [one.case_reference for one in in_order(SEED, [Candidate(f"SYN-{number:05}", "") for number in range(1, 13)])]


@pytest.fixture
async def ready(audit: Running) -> httpx.AsyncClient:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(12))
    await keep_auditor(client, "auditor-1")
    await keep_auditor(client, "auditor-2", unit="children_in_care")
    return client


async def drawn_for_slot(client: httpx.AsyncClient) -> dict[str, Any]:
    made = await make_round(client, "2026-11")
    slot = next(slot["id"] for slot in made["slots"] if slot["unit"] == "fs_weymouth")
    return await draw_one(client, slot=slot, seed=SEED)


async def change(
    client: httpx.AsyncClient, found: dict[str, Any], what: str, version: int = 1, **body: Any
) -> httpx.Response:
    return await client.post(f"/v1/draws/{found['id']}/{what}", json=body, headers={"If-Match": f'"{version}"'})


async def test_R21_the_next_of_the_same_order_takes_the_place_and_the_first_stays_to_be_seen(
    audit: Running, ready: httpx.AsyncClient
) -> None:
    found = await drawn_for_slot(ready)
    (first,) = found["drawn"]
    assert first["case_reference"] == ORDER[0]
    answer = await change(
        ready, found, "replacements", case_reference=ORDER[0], reason="other", note="The file is at court."
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"2"'
    changed = answer.json()
    assert changed["replacements"] == 1
    old, new = changed["drawn"]
    assert (old["replaced_reason"], old["replaced_note"], old["replaced_by"], old["audit_status"]) == (
        "other", "The file is at court.", "test-qa_manager", "withdrawn",
    )  # fmt: skip
    assert (new["case_reference"], new["replaces"], new["passed_over"]) == (ORDER[1], 1, [])
    assert (new["auditor"], new["assignments"][0]["because"]) == (first["auditor"], "kept")
    made = (await ready.get(f"/v1/audits/{new['audit']}")).json()
    before = (await ready.get(f"/v1/audits/{first['audit']}")).json()
    differ = {"id", "status", "case_reference", "version", "allowed_actions"}
    assert {name: made[name] for name in made.keys() - differ} == {name: before[name] for name in made.keys() - differ}
    assert (await ready.get(f"/v1/slots/{found['slot']}")).json()["audit"] == new["audit"]
    again = await change(ready, found, "replacements", 2, case_reference=ORDER[1], reason="case_closed")
    assert [one["case_reference"] for one in again.json()["drawn"]] == ORDER[:3]
    assert (await ready.get(f"/v1/draws/{found['id']}/redraw")).json()["same"] is True
    await audit.seal()
    deeds = [deed["action"] for deed in await activity_of(await audit.client("admin"), "audit")]
    assert deeds == ["audit.allocated", *["audit.withdrawn", "audit.allocated"] * 2]


async def test_one_that_can_no_longer_be_drawn_is_passed_over_and_told(ready: httpx.AsyncClient) -> None:
    found = await drawn_for_slot(ready)
    await send(ready, whole(case_reference=ORDER[1]))
    answer = await change(ready, found, "replacements", case_reference=ORDER[0], reason="case_transferred")
    _, new = answer.json()["drawn"]
    assert new["case_reference"] == ORDER[2]
    assert new["passed_over"] == [
        {
            "case_reference": ORDER[1],
            "reason": "recently_audited",
            "detail": "an audit was submitted on 2026-11-23",
        }
    ]
    assert (await ready.get(f"/v1/draws/{found['id']}/redraw")).json()["same"] is True


async def test_a_case_no_longer_open_is_passed_over_and_the_newest_list_says_who_works_on_the_next(
    ready: httpx.AsyncClient,
) -> None:
    found = await drawn_for_slot(ready)
    (first,) = found["drawn"]
    newest = [row for row in cases(12) if row["case_reference"] not in ORDER[:2]]
    for row in newest:
        row["workers"] = [first["auditor"]]
    await post_cases(ready, "fs_weymouth", newest, as_at="2026-11-23")
    answer = await change(ready, found, "replacements", case_reference=ORDER[0], reason="case_closed")
    _, new = answer.json()["drawn"]
    assert [(one["case_reference"], one["reason"]) for one in new["passed_over"]] == [(ORDER[1], "closed")]
    assert new["case_reference"] == ORDER[2]
    assert new["auditor"] != first["auditor"]
    given = await change(
        ready, found, "assignments", 2, case_reference=ORDER[2], auditor=first["auditor"], reason="She knows it."
    )
    assert given.json()["type"] == "/problems/own-case"
    assert (await ready.get(f"/v1/draws/{found['id']}/redraw")).json()["same"] is True


async def test_an_audit_that_was_begun_is_not_replaced_nor_given_away(ready: httpx.AsyncClient) -> None:
    found = await drawn_for_slot(ready)
    saved = await ready.put(
        f"/v1/audits/{found['drawn'][0]['audit']}/answers",
        json={"answers": {"case_status": "child_in_need"}},
        headers={"If-Match": '"1"'},
    )
    assert saved.status_code == 200, saved.text
    replaced = await change(ready, found, "replacements", case_reference=ORDER[0], reason="case_closed")
    given = await change(
        ready, found, "assignments", case_reference=ORDER[0], auditor="auditor-1", reason="She is free."
    )
    for answer in (replaced, given):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/drawn-audit-begun")
    assert (await ready.get(f"/v1/draws/{found['id']}")).json()["allowed_actions"] == []


async def test_two_replacements_at_once_replace_once(ready: httpx.AsyncClient) -> None:
    found = await drawn_for_slot(ready)
    answers = await asyncio.gather(
        *(change(ready, found, "replacements", case_reference=ORDER[0], reason="case_closed") for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412]
    assert len((await ready.get(f"/v1/draws/{found['id']}")).json()["drawn"]) == 2


async def test_what_cannot_be_changed_is_named(audit: Running, ready: httpx.AsyncClient) -> None:
    found = await drawn_for_slot(ready)
    missing = await ready.post(
        f"/v1/draws/{found['id']}/replacements", json={"case_reference": ORDER[0], "reason": "case_closed"}
    )
    assert missing.status_code == 428
    unexplained = await change(ready, found, "replacements", case_reference=ORDER[0], reason="other")
    assert unexplained.status_code == 422
    other = await change(ready, found, "replacements", case_reference=ORDER[1], reason="case_closed")
    assert other.json()["errors"][0]["pointer"] == "/case_reference"
    done = await change(ready, found, "replacements", case_reference=ORDER[0], reason="case_closed")
    assert done.status_code == 201, done.text
    twice = await change(ready, found, "replacements", 2, case_reference=ORDER[0], reason="case_closed")
    assert twice.json()["type"] == "/problems/case-replaced"
    own = await change(
        await audit.client("qa_manager", "fs_weymouth"), found, "replacements", 2,
        case_reference=ORDER[1], reason="case_closed",
    )  # fmt: skip
    assert own.json()["type"] == "/problems/own-teams-case"
    elsewhere = await audit.client("qa_manager", "fs_portland")
    hidden = await change(elsewhere, found, "replacements", 2, case_reference=ORDER[1], reason="case_closed")
    assert hidden.status_code == 404
    voided = await ready.post(
        f"/v1/slots/{found['slot']}/voids", json={"reason": "No case can be audited."}, headers={"If-Match": '"1"'}
    )
    assert voided.status_code == 201, voided.text
    late = await change(ready, found, "replacements", 2, case_reference=ORDER[1], reason="case_closed")
    assert late.json()["type"] == "/problems/slot-void"


async def test_a_pool_that_is_used_up_has_no_next_case_and_nothing_is_half_done(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(1))
    await keep_auditor(client, "auditor-1")
    found = await drawn_for_slot(client)
    answer = await change(client, found, "replacements", case_reference="SYN-00001", reason="case_closed")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-eligible-case")
    after = (await client.get(f"/v1/draws/{found['id']}")).json()
    assert after == found
    assert after["drawn"][0]["audit_status"] == "allocated"


async def test_a_manager_may_choose_another_auditor_with_a_reason_but_no_dependent_one(
    audit: Running, ready: httpx.AsyncClient
) -> None:
    found = await drawn_for_slot(ready)
    (one,) = found["drawn"]
    await keep_auditor(ready, "own-team", unit="fs_weymouth")
    await keep_auditor(ready, "full", capacity_per_month=0)
    worker = next(row["workers"][0] for row in cases(12) if row["case_reference"] == ORDER[0])
    await keep_auditor(ready, worker, unit="horizon")
    reason = "The first is on long leave."
    for auditor, problem in (
        ("own-team", "auditor-not-independent"), (worker, "own-case"), ("unheard-of", "malformed"),
    ):  # fmt: skip
        refused = await change(ready, found, "assignments", case_reference=ORDER[0], auditor=auditor, reason=reason)
        assert refused.json()["type"] == f"/problems/{problem}", refused.text
    answer = await change(ready, found, "assignments", case_reference=ORDER[0], auditor="full", reason=reason)
    assert answer.status_code == 201, answer.text
    (given,) = answer.json()["drawn"]
    assert (given["auditor"], len(given["assignments"])) == ("full", 2)
    latest = given["assignments"][-1]
    assert (latest["because"], latest["reason"], latest["by"]) == ("chosen_by_manager", reason, "test-qa_manager")
    assert {"auditor": "full", "reason": "at_capacity"} in latest["excluded"]
    made = (await ready.get(f"/v1/audits/{one['audit']}")).json()
    assert (made["auditor"], made["auditor_unit"], made["version"]) == ("full", "safeguarding_and_standards", 2)
    own = await audit.client("auditor", "safeguarding_and_standards", "full")
    assert "answer" in (await own.get(f"/v1/audits/{one['audit']}")).json()["allowed_actions"]
