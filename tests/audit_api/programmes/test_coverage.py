"""Coverage: what was expected, done, late, missed or void, and never green while a team is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.audit_api.papers import TEAMS, activity_of, cover, in_round, make_round, send
from tests.conftest import Running


async def _fill(client: httpx.AsyncClient, period: str, on: str, leave_out: int = 0) -> list[dict[str, Any]]:
    slots = (await make_round(client, period))["slots"]
    for slot in slots[leave_out:]:
        await send(client, in_round(slot["unit"], period, submitted_on=on))
    return slots[:leave_out]


async def _void(client: httpx.AsyncClient, slot: dict[str, Any]) -> httpx.Response:
    headers = {"If-Match": f'"{slot["version"]}"'}
    reason = {"reason": "The team had no case open long enough."}
    return await client.post(f"/v1/slots/{slot['id']}/voids", json=reason, headers=headers)


async def test_R21_a_round_is_green_when_all_fourteen_were_done_on_time(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await _fill(client, "2026-10", "2026-11-13")
    found = await cover(client, "2026-10")
    counts = [found[name] for name in ("expected", "done", "on_time", "late", "overdue", "missed", "void")]
    assert counts == [14, 14, 14, 0, 0, 0, 0]
    assert found["rag"] == "green"
    assert all(slot["audit"] for slot in found["slots"])


async def test_R21_a_round_is_never_green_at_thirteen_of_fourteen(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await _fill(client, "2026-10", "2026-11-13", leave_out=1)
    found = await cover(client, "2026-10")
    assert (found["done"], found["late"], found["overdue"], found["rag"]) == (13, 1, 1, "red")
    await _fill(client, "2026-11", "2026-11-20", leave_out=1)
    found = await cover(client, "2026-11")
    assert (found["done"], found["not_yet_due"], found["rag"]) == (13, 1, "amber")


async def test_R21_a_late_round_is_never_green(audit: Running) -> None:
    client = await audit.client("qa_manager")
    (last,) = await _fill(client, "2026-10", "2026-11-13", leave_out=1)
    await send(client, in_round(last["unit"], "2026-10", submitted_on="2026-11-16"))
    found = await cover(client, "2026-10")
    assert (found["done"], found["on_time"], found["late"], found["rag"]) == (14, 13, 1, "amber")


async def test_R21_what_is_not_done_when_the_next_round_falls_due_is_missed(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-10")
    assert (await cover(client, "2026-10"))["late"] == TEAMS
    audit.clock.advance(timedelta(days=21))
    found = await cover(client, "2026-10")
    assert (found["missed_after"], found["late"], found["missed"]) == ("2026-12-14", 14, 0)
    audit.clock.advance(timedelta(days=1))
    found = await cover(client, "2026-10")
    assert (found["late"], found["missed"], found["rag"]) == (0, 14, "red")


async def test_R21_a_round_nobody_made_is_told_as_missed_rather_than_left_out(audit: Running) -> None:
    client = await audit.client("qa_manager")
    found = await cover(client, "2026-05")
    assert (found["round"], found["expected"], found["missed"], found["rag"]) == (None, 14, 14, "red")
    assert (await cover(client, "2026-12"))["rag"] == "not_started"


async def test_R21_a_void_slot_stands_beside_the_others_and_lets_the_rest_be_green(audit: Running) -> None:
    client = await audit.client("qa_manager")
    (slot,) = await _fill(client, "2026-10", "2026-11-13", leave_out=1)
    answer = await _void(client, slot)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["voided_by"]) == ("void", "test-qa_manager")
    found = await cover(client, "2026-10")
    assert (found["expected"], found["done"], found["void"], found["rag"]) == (14, 13, 1, "green")
    told = next(one for one in found["slots"] if one["state"] == "void")
    assert (told["voided_by"], told["void_reason"]) == ("test-qa_manager", "The team had no case open long enough.")


async def test_a_round_of_void_slots_only_is_not_green(audit: Running) -> None:
    client = await audit.client("qa_manager")
    for slot in (await make_round(client, "2026-10"))["slots"]:
        assert (await _void(client, slot)).status_code == 201
    assert (await cover(client, "2026-10"))["rag"] == "amber"


async def test_a_slot_is_voided_once_and_not_after_its_audit(audit: Running) -> None:
    client = await audit.client("qa_manager")
    first, second = (await make_round(client, "2026-10"))["slots"][:2]
    assert (await _void(client, first)).status_code == 201
    assert (await _void(client, first)).status_code == 412
    again = await _void(client, first | {"version": 2})
    assert again.json()["type"].endswith("/slot-already-void")
    await send(client, in_round(second["unit"], "2026-10"))
    done = await _void(client, second)
    assert done.status_code == 409
    assert done.json()["type"].endswith("/slot-done")


async def test_voiding_a_slot_withdraws_the_audit_that_was_allocated_to_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    slot = (await make_round(client, "2026-10"))["slots"][0]
    body = in_round(slot["unit"], "2026-10", submit=False)
    allocated = await send(client, body)
    assert (await _void(client, slot)).status_code == 201
    found = (await client.get(f"/v1/audits/{allocated['id']}")).json()
    assert (found["status"], found["allowed_actions"]) == ("withdrawn", [])
    (step,) = (await client.get(f"/v1/audits/{allocated['id']}/history")).json()["items"]
    assert (step["kind"], step["version"]) == ("withdrawn", found["version"])
    refused = await client.post("/v1/audits", json=body)
    assert refused.json()["type"].endswith("/slot-void")
    await audit.seal()
    (_, withdrawn) = await activity_of(await audit.client("admin"), "audit")
    assert (withdrawn["action"], withdrawn["subject_id"]) == ("audit.withdrawn", allocated["id"])
    assert withdrawn["data"] == {"slot": slot["id"]}


async def test_a_team_cannot_void_its_own_slot_and_no_stranger_can(audit: Running) -> None:
    slots = (await make_round(await audit.client("qa_manager"), "2026-10"))["slots"]
    slot = next(one for one in slots if one["unit"] == "fs_weymouth")
    own = await _void(await audit.client("qa_manager", unit="fs_weymouth"), slot)
    assert own.status_code == 409
    assert own.json()["type"].endswith("/own-slot")
    assert (await _void(await audit.client("qa_manager", unit="cwd_east"), slot)).status_code == 404
    assert (await _void(await audit.client("auditor"), slot)).status_code == 403
    bare = await (await audit.client("qa_manager")).post(f"/v1/slots/{slot['id']}/voids", json={"reason": "None."})
    assert bare.status_code == 428


async def test_coverage_counts_the_callers_own_units(audit: Running) -> None:
    await make_round(await audit.client("qa_manager"), "2026-10")
    found = await cover(await audit.client("head_of_service", unit="children_who_are_disabled"), "2026-10")
    assert found["expected"] == 2
    other = await audit.client("team_manager", unit="sen_team")
    for period in ("2026-10", "2026-05"):
        path = f"/v1/coverage?programme=monthly_case_audit&period={period}"
        assert (await other.get(path)).status_code == 404
