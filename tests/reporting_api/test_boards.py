"""A board as its clerk and its members ask for it: when it meets, what it gets, who may see what."""

from __future__ import annotations

from typing import Any

from tests.conftest import Running
from tests.reporting_api.conftest import Desk
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import materialise


async def test_a_board_s_page_has_its_reports_and_when_the_next_is_due(desk: Desk) -> None:
    draft = await desk.draft("csdg_monthly", "2026-09")
    await desk.publish(draft["id"])
    client = await desk.client("board_reader")
    found = (await client.get("/v1/boards/SDG")).json()
    one = next(one for one in found["reports"] if one["report"] == "csdg_monthly")
    assert one | {"title": ""} == {
        "report": "csdg_monthly", "title": "", "cadence": "monthly", "goes_to": "audience", "disclosure": "full",
        "next_due_on": "2026-11-27", "late": 5,
        "latest": {"report_id": draft["id"], "period": "2026-09", "published_on": "2026-11-23"},
    }  # fmt: skip
    group = (await client.get("/v1/boards/dscb_qa")).json()
    assert {one["goes_to"] for one in group["reports"]} >= {"via"}
    listed = (await client.get("/v1/boards", params={"limit": 500})).json()["items"]
    assert {one["reports"] is None for one in listed} == {True}


async def test_a_report_that_goes_to_a_protected_board_too_is_protected_for_all(reporting: Running) -> None:
    client = await reporting.client("admin")
    await apply_change(client, "reports", {**framework_item("reports", "csdg_monthly"), "audiences": ["csdg", "csoc"]})
    found = (await client.get("/v1/boards/csdg")).json()
    assert found["disclosure"] == "full"
    one = next(one for one in found["reports"] if one["report"] == "csdg_monthly")
    assert one["disclosure"] == "protected"


async def test_what_each_member_s_role_may_see_is_told(reporting: Running) -> None:
    client = await reporting.client("board_reader")
    members = {one["title"]: one for one in (await client.get("/v1/boards/csdg")).json()["member_roles"]}
    assert members["Heads of Service"] == {
        "title": "Heads of Service", "role": "head_of_service", "copy_seen": "full", "sees_drafts": True,
        "may_sign": True,
    }  # fmt: skip
    managers = {one["title"]: one for one in (await client.get("/v1/boards/service_managers")).json()["member_roles"]}
    assert managers["Team Managers"]["copy_seen"] == "protected"
    elected = (await client.get("/v1/boards/csoc")).json()["member_roles"][0]
    assert (elected["copy_seen"], elected["sees_drafts"]) == ("protected", False)


async def test_the_copy_a_caller_gets_is_the_one_the_board_s_page_promises(desk: Desk) -> None:
    draft = await desk.draft()
    await desk.publish(draft["id"])
    for role, copy in (("head_of_service", "full"), ("board_reader", "protected"), ("team_manager", "protected")):
        client = await desk.client(role)
        assert (await client.get("/v1/boards/csdg")).json()["your_copy"] == copy
        assert (await client.get(f"/v1/reports/{draft['id']}")).json()["disclosure"] == copy


async def test_the_next_meeting_is_the_first_to_come_that_is_not_cancelled(reporting: Running) -> None:
    client = await reporting.client("admin")
    plan = ["2026-10-14", "2026-12-16", "2027-01-20"]
    await apply_change(client, "boards", {**framework_item("boards", "csdg"), "meeting_dates": plan})

    async def next_meeting() -> dict[str, Any]:
        found: dict[str, Any] = (await client.get("/v1/boards/csdg")).json()["next_meeting"]
        return found

    assert (await next_meeting())["meets_on"] == "2026-12-16"
    path = "/v1/boards/csdg/meetings/2026-12-16"
    await client.post(f"{path}/cancellations", json={"reason": "No quorum."}, headers={"If-Match": '"1"'})
    assert (await next_meeting())["meets_on"] == "2027-01-20"
    path = "/v1/boards/csdg/meetings/2027-01-20"
    await client.post(f"{path}/moves", json={"to": "2027-01-27", "reason": "Snow."}, headers={"If-Match": '"1"'})
    assert await next_meeting() == {
        "planned_on": "2027-01-20", "meets_on": "2027-01-27", "status": "moved", "starts_at": None, "place": None,
    }  # fmt: skip


async def test_a_board_without_a_known_meeting_has_none_next(reporting: Running) -> None:
    client = await reporting.client("board_reader")
    found = (await client.get("/v1/boards/finance")).json()
    assert (found["next_meeting"], found["meeting_dates"], found["member_roles"]) == (None, [], [])


async def test_a_caller_for_one_unit_is_told_nothing_of_another_unit_s_reports(reporting: Running) -> None:
    await materialise(await reporting.client("analyst"))
    other = await reporting.client("head_of_service", unit="family_support")
    found = (await other.get("/v1/boards/csdg")).json()["reports"]
    one = next(one for one in found if one["report"] == "csdg_monthly")
    assert (one["next_due_on"], one["late"], one["latest"]) == (None, 0, None)


async def test_a_member_named_without_a_role_reads_nothing_by_it(reporting: Running) -> None:
    client = await reporting.client("admin")
    board = {**framework_item("boards", "csdg"), "member_roles": ["The Lead Member"]}
    await apply_change(client, "boards", board)
    assert (await client.get("/v1/boards/csdg")).json()["member_roles"] == [
        {"title": "The Lead Member", "role": None, "copy_seen": None, "sees_drafts": False, "may_sign": False}
    ]
