"""Concerns go up by their policy's levels and clocks, and are never closed by whom they are against (R37, R38)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.audit_api.escalations.service import move_what_ran_out
from tests.audit_api.papers import STRENGTH, activity_of, send, whole
from tests.conftest import Running

# The tests' day is Monday 23 November 2026, nine in the morning.
CONCERN: dict[str, Any] = {
    "policy": "practice_concern",
    "about": {"kind": "plan", "reference": "CMS-204417"},
    "unit": "fs_weymouth",
    "title": "The plan has not changed in two reviews",
    "reason": "Raised at both reviews with the team; nothing was agreed.",
}
MANAGER = {"account": "manager-weymouth"}
UPHELD = {"outcome": "upheld", "text": "A new plan with dates was agreed with the family."}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def raised(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/escalations", json=CONCERN | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def step(client: httpx.AsyncClient, made: dict[str, Any], name: str, body: Any, version: int) -> httpx.Response:
    method = "PUT" if name == "subject-told" else "POST"
    headers = {"If-Match": f'"{version}"'}
    return await client.request(method, f"/v1/escalations/{made['id']}/{name}", json=body, headers=headers)


async def read(client: httpx.AsyncClient, made: dict[str, Any]) -> httpx.Response:
    return await client.get(f"/v1/escalations/{made['id']}")


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/v1/escalations", params=params)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_R37_a_concern_is_raised_about_another_teams_work_with_a_clock_of_working_days(audit: Running) -> None:
    reviewer = await audit.client("auditor", unit="independent_conference_and_reviewing")
    made = await raised(reviewer, against=MANAGER)
    assert (made["status"], made["level"], made["levels"], made["role"]) == ("open", 1, 3, "team_manager")
    # Five working days: Tuesday to the next Monday, both included.
    assert made["due_at"] == "2026-12-01T00:00:00Z"
    assert made["closed_by"] == ["team_manager", "head_of_service", "qa_manager"]
    assert [one["kind"] for one in made["history"]] == ["raised"]
    assert (await read(reviewer, made)).status_code == 200
    assert (await read(await audit.client("team_manager", unit="fs_portland"), made)).status_code == 404


async def test_R37_it_cannot_be_closed_by_the_person_complained_about_in_whatever_role(audit: Running) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser, against=MANAGER)
    for role in ("team_manager", "head_of_service", "qa_manager", "admin"):
        subject = await audit.client(role, subject="manager-weymouth")
        assert (await read(subject, made)).status_code == 404
        assert (await step(subject, made, "closures", UPHELD, 1)).status_code == 404
        assert made["id"] not in await listed(subject)
    told = await step(raiser, made, "subject-told", None, 1)
    assert (told.status_code, told.json()["subject_told_at"]) == (200, "2026-11-23T09:00:00Z")
    for role in ("team_manager", "head_of_service", "qa_manager", "admin"):
        subject = await audit.client(role, subject="manager-weymouth")
        seen = await read(subject, made)
        assert (seen.status_code, seen.json()["allowed_actions"]) == (200, ["respond"])
        for name, body in (("closures", UPHELD), ("moves", {"reason": "Higher."})):
            refused = await step(subject, made, name, body, 2)
            assert (refused.status_code, slug(refused)) == (403, "subject-may-not-decide")
    answered = await step(
        await audit.client("team_manager", subject="manager-weymouth"), made, "responses", {"text": "We met."}, 2
    )
    assert answered.status_code == 201
    closed = await step(await audit.client("qa_manager"), made, "closures", UPHELD, 3)
    assert (closed.status_code, closed.json()["status"], closed.json()["outcome"]) == (201, "closed", "upheld")
    assert closed.json()["ended_by"] == "test-qa_manager"
    assert [one["kind"] for one in closed.json()["history"]] == ["raised", "subject_told", "answered", "closed"]


@pytest.mark.parametrize(
    ("against", "role", "unit"),
    [
        ({"role": "team_manager", "unit": "fs_weymouth"}, "team_manager", "fs_weymouth"),
        ({"role": "team_manager", "unit": "fs_weymouth"}, "team_manager", None),
        ({"role": "head_of_service", "unit": "family_support"}, "head_of_service", "fs_weymouth"),
        ({"unit": "fs_weymouth"}, "qa_manager", "fs_weymouth"),
    ],
)
async def test_R37_where_only_the_post_or_unit_is_known_nobody_who_may_be_the_subject_decides(
    audit: Running, against: dict[str, Any], role: str, unit: str | None
) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser, against=against)
    subject = await audit.client(role, unit=unit)
    assert (await read(subject, made)).status_code == 404
    await step(raiser, made, "subject-told", None, 1)
    refused = await step(subject, made, "closures", UPHELD, 2)
    assert (refused.status_code, slug(refused)) == (403, "subject-may-not-decide")


async def test_a_concern_against_a_post_begins_at_the_level_above_it(audit: Running) -> None:
    client = await audit.client("auditor")
    made = await raised(client, against={"role": "team_manager", "unit": "fs_weymouth"})
    assert (made["level"], made["role"]) == (2, "head_of_service")
    answer = await client.post("/v1/escalations", json=CONCERN | {"against": made["against"], "level": 1})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "level_of_subject")
    highest = await raised(client, against={"role": "qa_manager", "unit": "safeguarding_and_standards"})
    assert (highest["level"], highest["role"]) == (2, "head_of_service")
    head = await audit.client("head_of_service", unit="family_support")
    assert "move_up" not in (await read(head, highest)).json()["allowed_actions"]
    refused = await step(head, highest, "moves", {"reason": "Higher."}, 1)
    assert (refused.status_code, slug(refused)) == (409, "no-level-above")


async def test_R37_a_concern_about_a_head_of_service_does_not_wait_for_a_team_manager_first(audit: Running) -> None:
    client = await audit.client("auditor")
    against = {"role": "head_of_service", "unit": "family_support"}
    made = await raised(client, against=against)
    assert (made["level"], made["role"], made["closed_by"]) == (3, "qa_manager", ["qa_manager"])
    answer = await client.post("/v1/escalations", json=CONCERN | {"against": against, "level": 1})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "level_of_subject")


async def test_R37_no_role_below_the_present_level_closes_it(audit: Running) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser)
    manager = await audit.client("team_manager", unit="fs_weymouth")
    assert "close" in (await read(manager, made)).json()["allowed_actions"]
    moved = await step(raiser, made, "moves", {"reason": "No answer that changes anything."}, 1)
    assert (moved.status_code, moved.json()["level"], moved.json()["role"]) == (201, 2, "head_of_service")
    assert "close" not in (await read(manager, made)).json()["allowed_actions"]
    for client in (manager, await audit.client("auditor", unit="fs_weymouth"), await audit.client("admin")):
        refused = await step(client, made, "closures", UPHELD, 2)
        assert (refused.status_code, slug(refused)) == (403, "not-of-this-level")
    refused = await step(await audit.client("auditor", subject="other", unit="fs_weymouth"), made, "moves",
                         {"reason": "Higher."}, 2)  # fmt: skip
    assert (refused.status_code, slug(refused)) == (403, "not-theirs-to-move")


async def test_R37_whoever_answered_below_does_not_close_above(audit: Running) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser)
    head = await audit.client("head_of_service", unit="family_support")
    await step(head, made, "responses", {"text": "The team is right."}, 1)
    await step(raiser, made, "moves", {"reason": "No change."}, 2)
    refused = await step(head, made, "closures", UPHELD, 3)
    assert (refused.status_code, slug(refused)) == (403, "answered-at-lower-level")
    assert "close" not in (await read(head, made)).json()["allowed_actions"]
    other = await audit.client("head_of_service", unit="family_support", subject="another-head")
    assert (await step(other, made, "closures", UPHELD, 3)).status_code == 201


async def test_R37_it_goes_up_by_itself_when_a_level_runs_out_and_stays_overdue(audit: Running) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser)
    assert await listed(raiser, status="overdue") == []
    audit.clock.advance(timedelta(days=8))
    found = (await read(raiser, made)).json()
    # Read as it is, before anything wrote it down: Tuesday 1 December to Monday 7 December.
    assert (found["level"], found["due_at"], found["version"]) == (2, "2026-12-08T00:00:00Z", 1)
    assert (found["overdue"], found["levels_run_out"]) == (True, 1)
    assert [one["kind"] for one in found["history"]] == ["raised", "moved_by_clock"]
    assert await listed(raiser, status="overdue") == [made["id"]]
    manager = await audit.client("team_manager", unit="fs_weymouth")
    refused = await step(manager, made, "closures", UPHELD, 1)
    assert (refused.status_code, slug(refused)) == (403, "not-of-this-level")
    async with audit.database.transaction() as session:
        assert await move_what_ran_out(session, audit.clock.now()) == 1
    written = (await read(raiser, made)).json()
    assert written == found | {"version": 2, "history": written["history"]}
    assert written["history"][1] | {"by": None} == found["history"][1]
    async with audit.database.transaction() as session:
        assert await move_what_ran_out(session, audit.clock.now()) == 0
    await audit.seal()
    deeds = await activity_of(await audit.client("admin"), "escalation")
    assert [(one["action"], one["data"]["role"]) for one in deeds] == [
        ("escalation.raised", "team_manager"), ("escalation.moved_by_clock", "head_of_service"),
    ]  # fmt: skip
    assert await listed(raiser, status="overdue", level=2, unit="family_support") == [made["id"]]


async def test_a_change_after_two_levels_ran_out_finds_it_at_the_third(audit: Running) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser)
    audit.clock.advance(timedelta(days=40))
    closed = await step(await audit.client("qa_manager"), made, "closures", UPHELD, 1)
    assert (closed.status_code, closed.json()["level"], closed.json()["levels_run_out"]) == (201, 3, 3)
    kinds = [one["kind"] for one in closed.json()["history"]]
    assert kinds == ["raised", "moved_by_clock", "moved_by_clock", "closed"]
    assert (closed.json()["overdue"], closed.json()["version"]) == (False, 4)


async def test_a_safeguarding_concern_has_hours_and_is_never_withdrawn(audit: Running) -> None:
    auditor = await audit.client("auditor")
    concern = STRENGTH | {"kind": "concern", "title": "An injury nobody has explained", "immediate_concern": True}
    held = await send(auditor, whole(findings=[STRENGTH, concern]))
    (called,) = held["escalations"]
    assert called["due_at"] == "2026-11-23T13:00:00Z"
    found = (await read(auditor, called)).json()
    assert found["about"] == {"kind": "finding", "reference": held["findings"][1]["id"], "audit": held["id"]}
    refused = await step(auditor, called, "withdrawals", {"reason": "A mistake."}, 1)
    assert (refused.status_code, slug(refused)) == (409, "withdrawal-not-allowed")
    # The team knows at once, for the child's sake, and does not close what is said of it.
    team = await audit.client("head_of_service", unit="fs_weymouth")
    assert (await read(team, called)).status_code == 200
    assert slug(await step(team, called, "closures", UPHELD, 1)) == "subject-may-not-decide"
    audit.clock.advance(timedelta(hours=4))
    answer = await auditor.get(f"/v1/audits/{held['id']}")
    assert answer.json()["escalations"][0]["role"] == "head_of_service"


async def test_only_its_raiser_withdraws_a_concern_and_then_it_stays_as_it_was(audit: Running) -> None:
    raiser = await audit.client("auditor")
    made = await raised(raiser)
    refused = await step(await audit.client("qa_manager"), made, "withdrawals", {"reason": "Not needed."}, 1)
    assert (refused.status_code, slug(refused)) == (403, "not-the-raiser")
    done = await step(raiser, made, "withdrawals", {"reason": "The plan was changed on Tuesday."}, 1)
    assert (done.status_code, done.json()["status"], done.json()["allowed_actions"]) == (201, "withdrawn", [])
    again = await step(await audit.client("qa_manager"), made, "closures", UPHELD, 2)
    assert (again.status_code, slug(again)) == (409, "escalation-ended")
    assert await listed(raiser, status="withdrawn", about="plan", policy="practice_concern") == [made["id"]]
    audit.clock.advance(timedelta(days=60))
    assert (await read(raiser, made)).json()["level"] == 1


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"policy": "nowhere"}, "/policy"),
        ({"unit": "nowhere"}, "/unit"),
        ({"unit": None}, "/unit"),
        ({"about": {"kind": "case", "reference": "Jo Example"}}, "/about/reference"),
        ({"about": {"kind": "audit", "reference": "not-an-id"}}, "/about/reference"),
        ({"about": {"kind": "finding", "reference": "0192f0c1-0000-7000-8000-000000000001"}}, "/about/reference"),
        ({"against": {}}, "/against"),
        ({"against": {"role": "team_manager"}}, "/against"),
        ({"against": {"role": "nobody", "unit": "fs_weymouth"}}, "/against/role"),
        ({"against": {"unit": "nowhere"}}, "/against/unit"),
        ({"against": {"account": "test-auditor"}}, "/against/account"),
        ({"level": 4}, "/level"),
        ({"title": "Write to jo@example.org"}, "/title"),
    ],
)
async def test_what_a_concern_names_must_exist(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    answer = await (await audit.client("auditor")).post("/v1/escalations", json=CONCERN | changed)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_policy_is_used_for_what_it_is_about(audit: Running) -> None:
    answer = await (await audit.client("auditor")).post(
        "/v1/escalations", json=CONCERN | {"policy": "immediate_safeguarding"}
    )
    assert (answer.status_code, slug(answer)) == (409, "policy-not-for-this")


async def test_a_list_is_read_page_by_page_with_the_soonest_due_first(audit: Running) -> None:
    raiser = await audit.client("auditor")
    later = await raised(raiser, level=3)
    made = [await raised(raiser) for _ in range(3)]
    first = (await raiser.get("/v1/escalations", params={"limit": 2})).json()
    second = (await raiser.get("/v1/escalations", params={"limit": 2, "after": first["next"]})).json()
    found = [one["id"] for one in first["items"] + second["items"]]
    assert found == [*(one["id"] for one in made), later["id"]]
    assert second["next"] is None


async def test_that_an_escalation_was_read_is_recorded(audit: Running) -> None:
    client = await audit.client("auditor")
    made = await raised(client)
    await read(client, made)
    await listed(client)
    async with audit.database.snapshot() as session:
        rows = (await session.connection()).exec_driver_sql
        found = (
            await rows("SELECT actor, operation FROM read_log WHERE subject_type = 'escalation' ORDER BY id")
        ).all()
    assert found == [("test-auditor", "get_escalation"), ("test-auditor", "list_escalations")]


async def test_what_is_said_of_a_colleague_is_not_for_all_who_read_the_units_audits(audit: Running) -> None:
    made = await raised(await audit.client("auditor"), against={"account": "worker-weymouth"})
    for role in ("practitioner", "analyst", "reporting_service"):
        client = await audit.client(role, unit="fs_weymouth")
        assert (await read(client, made)).status_code == 404
        assert await listed(client) == []
    subject = await audit.client("practitioner", unit="fs_weymouth", subject="worker-weymouth")
    assert (await read(subject, made)).status_code == 404
    told = await step(await audit.client("qa_manager"), made, "subject-told", None, 1)
    assert told.status_code == 200
    assert (await read(subject, made)).json()["allowed_actions"] == []
    # Told again changes nothing.
    again = await step(await audit.client("head_of_service"), made, "subject-told", None, 2)
    assert (again.json()["version"], again.json()["subject_told_at"]) == (2, told.json()["subject_told_at"])


async def test_a_policy_may_keep_the_raiser_from_the_subject(audit: Running) -> None:
    admin = await audit.client("admin")
    held = (await admin.get("/v1/framework/escalation_policies/practice_concern")).json()["content"]
    item = {"kind": "escalation_policies", "code": "practice_concern", "content": held | {"raiser_hidden": True}}
    assert (await admin.post("/v1/framework/applications", json={"items": [item]})).status_code == 200
    raiser = await audit.client("auditor")
    made = await raised(raiser, against=MANAGER)
    await step(raiser, made, "subject-told", None, 1)
    subject = await audit.client("team_manager", unit="fs_weymouth", subject="manager-weymouth")
    seen = (await read(subject, made)).json()
    assert (seen["raised_by"], [one["by"] for one in seen["history"]]) == (None, [None, None])
    assert "test-auditor" not in (await read(subject, made)).text
    assert (await read(await audit.client("qa_manager"), made)).json()["raised_by"] == "test-auditor"


async def test_of_two_closings_at_once_one_stands(audit: Running) -> None:
    made = await raised(await audit.client("auditor"))
    client = await audit.client("qa_manager")
    both = await asyncio.gather(*(step(client, made, "closures", UPHELD, 1) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [201, 412]
    found = (await read(client, made)).json()
    assert [one["kind"] for one in found["history"]] == ["raised", "closed"]
