"""A report on its way to its board: written, submitted, signed in order, published once."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from shared.paging import encode_cursor
from tests.reporting_api.conftest import CLOSING, Desk, slug


async def test_a_report_is_written_submitted_signed_and_published(desk: Desk) -> None:
    draft = await desk.draft()
    assert draft["status"] == "draft"
    assert draft["allowed_actions"] == ["edit", "refresh", "submit"]
    report = await desk.publish(draft["id"])
    assert report["status"] == "published"
    assert report["doing_the_right_things"] == CLOSING["doing_the_right_things"]
    signature = report["signatures"][0]
    assert (signature["role"], signature["content_hash"]) == ("head_of_service", report["content_hash"])
    assert report["published_at"] == "2026-11-23T09:00:00Z"
    occurrence = await desk.occurrence()
    assert (occurrence["status"], occurrence["published_on"]) == ("published", "2026-11-23")
    assert occurrence["report_id"] == draft["id"]


async def test_the_published_report_is_found_by_any_name_of_its_board(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    reader = await desk.client("board_reader")
    for board in ("csdg", "SDG", "Children's Services Development Group"):
        query = {"board": board, "status": "published", "period": "2026-10"}
        found = (await reader.get("/v1/reports", params=query)).json()["items"]
        assert [one["id"] for one in found] == [report["id"]]
    assert found[0]["period"]["code"] == "2026-10"
    assert (await reader.get("/v1/reports", params={"board": "nobody"})).status_code == 404


async def test_R01_a_board_s_member_sees_what_was_published_and_no_draft(desk: Desk) -> None:
    draft = await desk.draft()
    reader = await desk.client("board_reader")
    assert (await reader.get("/v1/reports")).json()["items"] == []
    for path in ("", "/state", "/html"):
        assert (await reader.get(f"/v1/reports/{draft['id']}{path}")).status_code == 404
    await desk.publish(draft["id"])
    assert len((await reader.get("/v1/reports", params={"board": "csdg"})).json()["items"]) == 1
    assert (await reader.get("/v1/reports", params={"board": "dscb"})).json()["items"] == []
    for audience, seen in (("csdg", 1), ("dscb", 0)):
        assert len((await reader.get("/v1/reports", params={"audience": audience})).json()["items"]) == seen
    assert (await reader.get(f"/v1/reports/{draft['id']}")).status_code == 200


async def test_signatures_are_given_in_order_by_role_on_this_content_and_not_by_the_submitter(desk: Desk) -> None:
    draft = await desk.draft("dscb_compliance_quarterly", "FY2026-27-Q2")
    report = draft["id"]
    assert (await desk.step(report, "edit", CLOSING)).status_code == 200
    submitted = await desk.step(report, "submissions", role="qa_manager", subject="ann")
    assert submitted.status_code == 200
    content = submitted.json()["content_hash"]
    body = {"role": "head_of_service", "content_hash": content}
    early = await desk.step(report, "signatures", body, role="head_of_service", subject="hal")
    assert slug(early) == "not-the-next-signature"
    stranger = await desk.step(
        report, "signatures", {**body, "role": "qa_manager"}, role="head_of_service", subject="hal"
    )
    assert slug(stranger) == "role-not-held"
    own = await desk.sign(report, "qa_manager", "ann")
    assert slug(own) == "segregation-of-duties"
    other = await desk.step(
        report, "signatures", {"role": "qa_manager", "content_hash": "0" * 64}, role="qa_manager", subject="ben"
    )
    assert slug(other) == "signed-content-differs"
    assert (await desk.sign(report, "qa_manager", "ben")).json()["next_signature"] == "head_of_service"
    unsigned = await desk.step(report, "publications")
    assert slug(unsigned) == "report-in-another-state"
    last = await desk.sign(report, "head_of_service", "hal")
    assert (last.json()["status"], last.json()["next_signature"]) == ("signed_off", None)
    assert [one["subject"] for one in last.json()["signatures"]] == ["ben", "hal"]


async def test_a_reopened_report_is_signed_anew(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    await desk.step(report, "submissions")
    assert (await desk.sign(report, "head_of_service")).json()["status"] == "signed_off"
    reopened = await desk.step(report, "reopenings", {"reason": "A sentence is unclear."}, role="analyst")
    assert (reopened.json()["status"], reopened.json()["signatures"]) == ("draft", [])
    assert (await desk.occurrence())["stage"] == "draft"
    assert (await desk.publish(report))["signatures"][0]["content_hash"]
    async with desk.reporting.database.snapshot() as session:
        kept = await session.execute(sa.text("SELECT count(*) FROM report_signature WHERE voided_at IS NOT NULL"))
        assert kept.scalar_one() == 1


@pytest.mark.parametrize(
    ("step", "body", "role"),
    [
        ("edit", CLOSING, "board_reader"), ("submissions", None, "auditor"),
        ("signatures", {"role": "analyst", "content_hash": "0" * 64}, "analyst"),
        ("publications", None, "head_of_service"), ("reopenings", {"reason": "x"}, "team_manager"),
        ("supersessions", {"reason": "x"}, "complaints_manager"),
    ],
)  # fmt: skip
async def test_each_step_needs_its_scope(desk: Desk, step: str, body: dict[str, Any] | None, role: str) -> None:
    answer = await desk.step((await desk.draft())["id"], step, body, role=role)
    assert answer.status_code == 403


async def test_a_report_of_another_unit_is_not_there(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    elsewhere = await desk.reporting.client("head_of_service", unit="family_support")
    for path in ("", "/state", "/html"):
        assert (await elsewhere.get(f"/v1/reports/{report}{path}")).status_code == 404
    headers = {"If-Match": '"1"'}
    assert (await elsewhere.patch(f"/v1/reports/{report}", json=CLOSING, headers=headers)).status_code == 404
    assert (await elsewhere.get("/v1/reports")).json()["items"] == []


async def test_every_step_is_in_the_activity_log(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    await desk.reporting.seal()
    client = await desk.client("admin")
    deeds = (await client.get("/v1/activity", params={"subject_type": "report", "limit": 500})).json()["items"]
    assert [deed["action"] for deed in deeds] == [
        "report.assembled", "report.edited", "report.submitted", "report.signed", "report.published",
    ]  # fmt: skip
    assert {deed["subject_id"] for deed in deeds} == {report["id"]}
    assert deeds[-1]["data"]["content_hash"] == report["content_hash"]
    assert CLOSING["making_a_difference"] not in json.dumps(deeds)
    assert report["activity_head"].count(":") == 2


async def test_lists_of_reports_are_paged_newest_first(desk: Desk) -> None:
    for period in ("2026-08", "2026-09", "2026-10"):
        await desk.draft(period=period)
    client = await desk.client("analyst")
    first = await client.get("/v1/reports", params={"limit": 2, "report": "csdg_monthly"})
    assert [one["period"]["code"] for one in first.json()["items"]] == ["2026-10", "2026-09"]
    rest = await client.get("/v1/reports", params={"limit": 2, "after": first.json()["next"]})
    assert [one["period"]["code"] for one in rest.json()["items"]] == ["2026-08"]
    assert 'rel="next"' in first.headers["link"]
    assert rest.json()["next"] is None


async def test_a_cursor_that_is_not_one_of_this_list_s_is_refused(desk: Desk) -> None:
    answer = await (await desk.client("analyst")).get("/v1/reports", params={"after": encode_cursor(["x"])})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/after")
