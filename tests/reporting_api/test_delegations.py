"""A right to sign handed on for some days: openly, by its holder, and never to get round the rule of two persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.reporting_api.conftest import CLOSING, Desk, slug

BODY = {
    "role": "head_of_service",
    "delegate": "dee",
    "starts_on": "2026-11-23",
    "ends_on": "2026-11-27",
    "reason": "Leave in half term.",
}


async def delegate(desk: Desk, subject: str = "hal", unit: str | None = None, **changes: Any) -> httpx.Response:
    client = await desk.reporting.client("head_of_service", unit=unit, subject=subject)
    return await client.post("/v1/delegations", json={**BODY, **changes})


async def submitted(desk: Desk, by: str = "ann") -> str:
    report: str = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    assert (await desk.step(report, "submissions", role="analyst", subject=by)).status_code == 200
    return report


async def signs(desk: Desk, report: str, subject: str = "dee") -> httpx.Response:
    """As somebody who holds another signing role."""
    body = {"role": "head_of_service", "content_hash": (await desk.state(report))["content_hash"]}
    return await desk.step(report, "signatures", body, role="qa_manager", subject=subject)


async def test_R81_a_named_delegate_signs_for_the_head_of_service_and_the_report_says_so(desk: Desk) -> None:
    report = await submitted(desk)
    assert slug(await signs(desk, report)) == "role-not-held"
    made = await delegate(desk)
    assert (made.status_code, made.json()["status"], made.json()["delegator"]) == (201, "in_force", "hal")
    deputy = await desk.client("qa_manager", "dee")
    assert "sign" in (await deputy.get(f"/v1/reports/{report}/state")).json()["allowed_actions"]
    signed = await signs(desk, report)
    assert signed.status_code == 200, signed.text
    signature = signed.json()["signatures"][0]
    assert (signature["role"], signature["subject"], signature["on_behalf_of"]) == ("head_of_service", "dee", "hal")
    assert (await desk.step(report, "publications")).status_code == 200
    assert (await desk.document(report))["signatures"][0]["on_behalf_of"] == "hal"
    reader = await desk.client("board_reader")
    (seen,) = (await reader.get("/v1/delegations")).json()["items"]
    assert (seen["delegate"], seen["delegator"], seen["reason"]) == ("dee", "hal", None), "why is not every reader's"
    address = f"/v1/delegations/{seen['id']}"
    assert (await reader.get(address)).json()["reason"] is None
    for knows in (await desk.client("practitioner", "dee"), await desk.client("board_clerk")):
        assert (await knows.get(address)).json()["reason"] == BODY["reason"]


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"starts_on": "2026-11-24"}, 0),
        ({}, 5),
        ({"covers": ["dfe_returns_annual"]}, 0),
        ({"delegate": "somebody-else"}, 0),
    ],
)
async def test_a_delegation_is_good_for_its_days_its_reports_and_its_delegate_only(
    desk: Desk, changes: dict[str, Any], days: int
) -> None:
    report = await submitted(desk)
    assert (await delegate(desk, **changes)).status_code == 201
    desk.reporting.clock.advance(timedelta(days=days))
    desk.clients.clear()
    assert slug(await signs(desk, report)) == "role-not-held"


async def test_a_delegation_reaches_no_further_than_the_part_of_the_council_it_was_given_for(desk: Desk) -> None:
    report = await submitted(desk)
    assert (await delegate(desk, unit="children_in_care")).json()["unit"] == "children_in_care"
    assert slug(await signs(desk, report)) == "role-not-held"
    assert (await delegate(desk, unit="planning_and_performance")).status_code == 201
    assert (await signs(desk, report)).status_code == 200


async def test_a_delegate_neither_submitted_nor_signs_for_somebody_who_did(desk: Desk) -> None:
    own = await submitted(desk, by="dee")
    await delegate(desk)
    assert slug(await signs(desk, own)) == "segregation-of-duties"
    await desk.step(own, "withdrawals", {"reason": "Another hand."}, role="analyst", subject="dee")
    hal = await desk.step(own, "submissions", role="head_of_service", subject="hal")
    assert hal.status_code == 200
    assert slug(await signs(desk, own)) == "segregation-of-duties"
    await delegate(desk, subject="ida")
    assert (await signs(desk, own)).json()["signatures"][0]["on_behalf_of"] == "ida"


async def test_a_delegation_that_was_ended_stays_on_record_and_is_good_no_longer(desk: Desk) -> None:
    report = await submitted(desk)
    made = (await delegate(desk)).json()
    address, headers = f"/v1/delegations/{made['id']}/endings", {"If-Match": '"1"'}
    stranger = await desk.reporting.client("qa_manager", subject="zoe")
    assert slug(await stranger.post(address, json={"reason": "x"}, headers=headers)) == "not-yours-to-end"
    assert (await stranger.get(f"/v1/delegations/{made['id']}")).json()["allowed_actions"] == []
    giver = await desk.reporting.client("head_of_service", subject="hal")
    ended = await giver.post(address, json={"reason": "Back early."}, headers=headers)
    for role, subject, told in (("board_reader", "bea", None), ("board_reader", "dee", BODY["reason"]),
                                ("board_clerk", "clerk", BODY["reason"])):  # fmt: skip
        seen = (await (await desk.client(role, subject)).get(address.removesuffix("/endings"))).json()
        assert (seen["reason"], seen["end_reason"]) == (told, told and "Back early."), role
    assert (ended.json()["status"], ended.json()["end_reason"]) == ("ended", "Back early.")
    again = await giver.post(address, json={"reason": "x"}, headers={"If-Match": '"2"'})
    assert slug(again) == "delegation-over"
    assert slug(await signs(desk, report)) == "role-not-held"
    in_force = await giver.get("/v1/delegations", params={"on": "2026-11-23"})
    assert in_force.json()["items"] == []
    assert len((await giver.get("/v1/delegations", params={"delegate": "dee"})).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"delegate": "hal"}, "/delegate"),
        ({"starts_on": "2026-11-22"}, "/starts_on"),
        ({"ends_on": "2026-11-22"}, "/ends_on"),
        ({"ends_on": "2028-11-22"}, "/ends_on"),
        ({"covers": ["no_such_report"]}, "/covers/0"),
    ],
)
async def test_a_delegation_that_makes_no_sense_is_refused(desk: Desk, changes: dict[str, Any], pointer: str) -> None:
    answer = await delegate(desk, **changes)
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert "no_such_report" not in answer.text


async def test_only_the_holder_of_a_role_hands_it_on(desk: Desk) -> None:
    await delegate(desk)
    deputy = await desk.reporting.client("qa_manager", subject="dee")
    passed_on = await deputy.post("/v1/delegations", json={**BODY, "delegate": "eve"})
    assert (passed_on.status_code, slug(passed_on)) == (409, "role-not-yours")


async def test_another_unit_s_delegation_is_not_there(desk: Desk) -> None:
    made = (await delegate(desk, unit="children_in_care")).json()
    other = await desk.reporting.client("head_of_service", unit="fostering", subject="ida")
    assert (await other.get(f"/v1/delegations/{made['id']}")).status_code == 404
    assert (await other.get("/v1/delegations")).json()["items"] == []
