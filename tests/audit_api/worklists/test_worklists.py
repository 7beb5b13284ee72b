"""What waits for somebody, what is late, and the reminders of both."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.audit_api.worklists.jobs import remind_of_all
from shared.clock import FixedClock
from tests.audit_api.moderation.steps import MODERATOR, act, an_audit, asked, graded, in_difference, moderator
from tests.audit_api.papers import in_round, make_round, send, whole
from tests.conftest import Running, Start

_ACTION = {
    "unit": "fs_weymouth",
    "title": "Hold reviews in time",
    "body": "dscb_qa",
    "owner": {"subject": "test-team_manager"},
    "due_on": "2026-11-20",
    "evidence": [{"kind": "research", "ref": "R-1"}],
}


async def _items(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def _work(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The caller's own work, but for the audit of supervision every manager has."""
    return [row for row in await _items(client, "/v1/my-work") if row["kind"] != "supervision_audit"]


async def _raise(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/actions", json=_ACTION | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def manager(audit: Running) -> httpx.AsyncClient:
    return await audit.client("qa_manager")


async def test_R42_an_action_that_was_put_off_stays_overdue_among_all_else(manager: httpx.AsyncClient) -> None:
    action = await _raise(manager)
    later = {"due_on": "2027-02-26", "reason": "The training day was moved."}
    path = f"/v1/actions/{action['id']}"
    assert (await manager.put(f"{path}/due-date", json=later, headers={"If-Match": '"1"'})).status_code == 200
    (row,) = await _items(manager, "/v1/overdue", kind="action")
    assert (row["id"], row["due_on"], row["agreed_for"], row["days_overdue"]) == (
        action["id"], "2026-11-20", "2027-02-26", 3,
    )  # fmt: skip
    assert (await manager.get(row["link"])).status_code == 200
    assert [one["id"] for one in await _items(manager, "/v1/overdue", body="dscb_qa")] == [action["id"]]
    assert await _items(manager, "/v1/overdue", body="csdg") == []


async def test_R21_places_of_a_round_nobody_took_are_overdue_and_pages_hold_each_thing_once(
    manager: httpx.AsyncClient,
) -> None:
    await make_round(manager, "2026-09")
    await send(manager, in_round("fs_weymouth", "2026-09", submitted_on="2026-10-05"))
    begun = in_round("fs_chesil", "2026-09", submit=False)
    del begun["answers"]
    await send(manager, begun)
    await _raise(manager)
    whole_list = await _items(manager, "/v1/overdue", limit=500)
    kinds = [row["kind"] for row in whole_list]
    assert (kinds.count("slot"), kinds.count("audit"), kinds.count("action")) == (12, 1, 1)
    managers = kinds.count("supervision_audit")
    assert managers > 0
    assert [row["due_on"] for row in whole_list] == sorted(row["due_on"] for row in whole_list)
    counts = (await manager.get("/v1/overdue/counts")).json()
    unmade = kinds.count("unmade_slot")
    assert counts["overdue"] == 14 + managers + unmade
    assert {one["kind"]: one["overdue"] for one in counts["kinds"]} == {
        "action": 1, "audit": 1, "slot": 12, "supervision_audit": managers, "unmade_slot": unmade,
    }  # fmt: skip
    paged, params = [], {"limit": "35"}
    while True:
        page = (await manager.get("/v1/overdue", params=params)).json()
        paged += page["items"]
        if page["next"] is None:
            break
        params["after"] = page["next"]
    assert paged == whole_list
    for link in {row["link"] for row in whole_list}:
        assert (await manager.get(link)).status_code == 200


async def test_R21_the_teams_of_a_month_nobody_made_a_round_for_are_overdue_until_somebody_does(
    audit: Running, manager: httpx.AsyncClient
) -> None:
    async def unmade(client: httpx.AsyncClient, period: str, **params: Any) -> list[dict[str, Any]]:
        rows = await _items(client, "/v1/overdue", kind="unmade_slot", limit=500, **params)
        return [row for row in rows if row["id"].startswith(f"monthly_case_audit:{period}:")]

    owed = await unmade(manager, "2026-09")
    coverage = (await manager.get(owed[0]["link"])).json()
    assert coverage["round"] is None
    assert {row["unit"] for row in owed} == {slot["unit"] for slot in coverage["slots"]}
    assert {row["due_on"] for row in owed} == {coverage["due_on"]}
    assert [row["unit"] for row in await unmade(manager, "2026-09", unit="fs_weymouth")] == ["fs_weymouth"]
    team = await audit.client("team_manager", unit="fs_weymouth")
    assert [row["unit"] for row in await unmade(team, "2026-09")] == ["fs_weymouth"]
    # October's is due on 12 November at the latest, November's not before December.
    assert await unmade(manager, "2026-11") == []
    await make_round(manager, "2026-09")
    assert await unmade(manager, "2026-09") == []
    assert len(await _items(manager, "/v1/overdue", kind="slot", limit=100)) == len(owed)


async def test_what_is_overdue_is_cut_to_a_unit_and_to_the_callers_reach(
    audit: Running, manager: httpx.AsyncClient
) -> None:
    await _raise(manager)
    await _raise(manager, unit="cwd_east", owner={"role": "head_of_service"})
    assert [row["unit"] for row in await _items(manager, "/v1/overdue", unit="family_support", kind="action")] == [
        "fs_weymouth"
    ]
    team = await audit.client("practitioner", unit="cwd_east")
    assert [row["unit"] for row in await _items(team, "/v1/overdue", kind="action")] == ["cwd_east"]
    assert (await team.get("/v1/overdue?unit=fs_weymouth")).status_code == 404


async def test_my_work_is_what_i_am_to_do_soonest_first(audit: Running, manager: httpx.AsyncClient) -> None:
    mine = await _raise(manager, due_on="2026-11-30")
    await _raise(manager, owner={"role": "auditor"})
    draft = await send(manager, whole("cwd_east", auditor="test-team_manager", submit=False, answers={}, findings=[]))
    team = await audit.client("team_manager", unit="fs_weymouth")
    rows = await _work(team)
    assert [(row["task"], row["id"]) for row in rows] == [
        ("complete_action", mine["id"]), ("finish_draft", draft["id"]),
    ]  # fmt: skip
    assert (rows[0]["days_left"], rows[0]["allowed_actions"]) == (7, ["complete", "redate"])
    done = await team.post(f"/v1/actions/{mine['id']}/completions", json={}, headers={"If-Match": '"1"'})
    assert done.status_code == 201, done.text
    assert [row["task"] for row in await _work(team)] == ["finish_draft"]
    assert ("verify_action", mine["id"]) in [(row["task"], row["id"]) for row in await _work(manager)]


async def test_a_role_owns_what_is_given_to_it_within_reach(audit: Running, manager: httpx.AsyncClient) -> None:
    given = await _raise(manager, owner={"role": "head_of_service"})
    head = await audit.client("head_of_service", unit="family_support")
    assert [row["id"] for row in await _work(head)] == [given["id"]]
    elsewhere = await audit.client("head_of_service", unit="children_who_are_disabled")
    assert await _work(elsewhere) == []


async def test_R35_a_manager_finds_the_own_supervision_audit_in_the_work_and_others_find_it_late(
    audit: Running, manager: httpx.AsyncClient
) -> None:
    team = await audit.client("team_manager", unit="fs_weymouth")
    (mine,) = [row for row in await _items(team, "/v1/my-work") if row["kind"] == "supervision_audit"]
    assert (mine["task"], mine["unit"], mine["due_on"]) == ("audit_supervision", "fs_weymouth", "2026-10-01")
    (told,) = (await team.get(mine["link"])).json()["items"]
    assert (told["due_on"], told["overdue"]) == (mine["due_on"], True)
    late = await _items(manager, "/v1/overdue", kind="supervision_audit", unit="fs_weymouth")
    assert [(row["unit"], row["days_overdue"]) for row in late] == [("fs_weymouth", told["days_overdue"])]
    elsewhere = await audit.client("team_manager", unit="cwd_east")
    assert "fs_weymouth" not in {row["unit"] for row in await _items(elsewhere, "/v1/overdue")}


async def test_a_moderation_waits_for_whoever_must_go_on_with_it_and_is_late_for_all(
    start: Start,
) -> None:
    audit = await start("audit", clock=FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)))
    number = await an_audit(audit)
    found = await asked(await audit.client("qa_manager"), number, **MODERATOR)
    grader = await moderator(audit)
    first = await audit.client("auditor", subject="auditor-1")

    async def tasks(client: httpx.AsyncClient) -> list[tuple[str, str]]:
        return [(row["task"], row["id"]) for row in await _work(client) if row["kind"] == "moderation"]

    assert (await tasks(grader), await tasks(first)) == ([("grade_again", found["id"])], [])
    graded_otherwise = {"grades": graded("good", "requires_improvement", "good")}
    assert (await act(grader, found["id"], "gradings", graded_otherwise)).status_code == 201
    assert await tasks(grader) == await tasks(first) == [("settle_grades", found["id"])]
    assert isinstance(audit.clock, FixedClock)
    audit.clock.advance(timedelta(days=70))
    (late,) = await _items(await audit.client("qa_manager"), "/v1/overdue", kind="moderation")
    assert (late["id"], late["state"]) == (found["id"], "consolidating")
    assert (await first.get(late["link"])).status_code == 200


async def test_the_third_grader_has_the_conflict_to_grade(audit: Running, manager: httpx.AsyncClient) -> None:
    _, number = await in_difference(audit)
    await act(await moderator(audit), number, "conflicts", {"reason": "We read the plan differently."})
    third = {"grader": "moderator-3", "grader_unit": "safeguarding_and_standards"}
    assert (await act(manager, number, "allocations", third)).status_code == 201
    rows = await _work(await moderator(audit, "moderator-3"))
    assert [(row["task"], row["id"], row["allowed_actions"]) for row in rows] == [
        ("grade_third", number, ["grade_third"]),
    ]  # fmt: skip


async def _reminders(running: Running) -> list[tuple[str, str]]:
    await running.seal()
    client = await running.client("admin")
    answer = await client.get("/v1/activity", params={"subject_type": "action", "limit": 500})
    return [
        (one["action"], one["data"]["stage"])
        for one in answer.json()["items"]
        if one["action"] == "action.reminder_due"
    ]


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ((2026, 11, 24), []),
        ((2026, 11, 25), ["due_soon"]),
        ((2026, 11, 30), ["due_today"]),
        ((2026, 12, 1), []),
        ((2026, 12, 7), ["overdue_1_weeks"]),
        ((2026, 12, 14), ["overdue_2_weeks"]),
    ],
)
async def test_a_reminder_is_an_event_told_once_at_each_stage(
    start: Start, day: tuple[int, int, int], stage: list[str]
) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    running = await start("audit", clock=clock)
    await _raise(await running.client("qa_manager"), due_on="2026-11-30")
    now = datetime(*day, 9, 0, tzinfo=UTC)
    # Two replicas at once, and one of them again.
    await asyncio.gather(remind_of_all(running.database, now), remind_of_all(running.database, now))
    await remind_of_all(running.database, now)
    assert [found for _, found in await _reminders(running)] == stage


async def test_the_lists_need_the_scope_to_read_audits(audit: Running) -> None:
    for path in ("/v1/my-work", "/v1/overdue", "/v1/overdue/counts"):
        assert (await (await audit.client("board_reader")).get(path)).status_code == 403
