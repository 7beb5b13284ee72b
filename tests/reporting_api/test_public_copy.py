"""The public's copy of a report: protected, without exempt parts, and it says what it leaves out and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.reporting_api.disclosure import OPEN_ALONE
from tests.reporting_api.conftest import Desk, section, slug
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.test_published import recomputed

WHY = "It would tell of one family (Schedule 12A, paragraph 1)."


async def go_public(desk: Desk, **changes: Any) -> None:
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "audiences": ["csdg", "csoc"], **changes})


async def public(desk: Desk, report: str) -> dict[str, Any]:
    answer = await (await desk.client("board_reader")).get(f"/v1/reports/{report}/public")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_exempt_section_is_left_out_of_the_public_copy_which_says_so_and_why(desk: Desk) -> None:
    await go_public(desk)
    draft = await desk.draft()
    exempt = {"code": "complaints", "exempt_reason": WHY, "narrative": "Words for the members alone."}
    headlines = ["Complaints in four families were upheld."]
    report = await desk.publish(draft["id"], {"sections": [exempt], "headlines": headlines})
    assert section(report, "complaints")["exempt_reason"] == WHY
    assert report["headlines"] == headlines
    copy = await public(desk, draft["id"])
    assert copy["public"] is True
    assert copy["exempt"] == [{"code": "complaints", "title": "Complaints and compliments", "reason": WHY}]
    assert "complaints" not in [one["code"] for one in copy["sections"]]
    text = json.dumps(copy)
    assert "members alone" not in text
    assert "four families" not in text
    told = [one["headline"] for one in report["sections"] if one["code"] == "complaints"]
    assert told[0] not in text
    assert copy["headlines"], "what is told of open sections stays"
    assert copy["content_hash"] == recomputed(copy) != report["content_hash"]
    assert {one["subject"] for one in copy["signatures"]} == {"head_of_service"}


async def test_a_lost_source_of_an_exempt_section_is_not_told_to_the_public_either(desk: Desk) -> None:
    await go_public(desk)
    desk.neighbours.feedback.mode = "error"
    draft = await desk.draft()
    edit = {"code": "complaints", "exempt_reason": WHY}
    await desk.step(draft["id"], "edit", {"sections": [edit]})
    copy = await public_of_draft(desk, draft["id"])
    assert not [line for line in copy["missing"] + copy["caveats"] if line.startswith("Complaints")]
    assert [line for line in copy["missing"] if line.startswith("What people told us")]


async def test_whoever_writes_sees_beforehand_what_the_public_will_read_and_the_public_never_a_draft(
    desk: Desk,
) -> None:
    await go_public(desk)
    draft = await desk.draft()
    writer = await desk.client("analyst")
    before = (await writer.get(f"/v1/reports/{draft['id']}/public")).json()
    assert (before["public"], before["status"]) == (True, "draft")
    reader = await desk.client("board_reader")
    assert (await reader.get(f"/v1/reports/{draft['id']}/public")).status_code == 404
    await desk.publish(draft["id"])
    answer = await reader.get(f"/v1/reports/{draft['id']}/public")
    assert answer.headers["etag"] == f'"{answer.json()["content_hash"]}"'
    again = await reader.get(f"/v1/reports/{draft['id']}/public", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_framework_may_keep_a_section_from_the_public_for_good(desk: Desk) -> None:
    sections = [
        {**one, "exempt": WHY} if one["code"] == "complaints" else one
        for one in framework_item("reports", "csdg_monthly")["sections"]
    ]
    await go_public(desk, sections=sections)
    draft = await desk.draft()
    await desk.step(draft["id"], "edit", {"sections": [{"code": "complaints", "exempt_reason": None}]})
    copy = await public_of_draft(desk, draft["id"])
    assert [one["code"] for one in copy["exempt"]] == ["complaints"]


async def public_of_draft(desk: Desk, report: str) -> dict[str, Any]:
    found: dict[str, Any] = (await (await desk.client("analyst")).get(f"/v1/reports/{report}/public")).json()
    return found


@pytest.mark.parametrize("published", [False, True])
async def test_a_report_to_boards_that_meet_in_private_has_no_public_copy(desk: Desk, published: bool) -> None:
    draft = await desk.draft()
    if published:
        await desk.publish(draft["id"])
    answer = await (await desk.client("analyst")).get(f"/v1/reports/{draft['id']}/public")
    assert (answer.status_code, slug(answer)) == (404, "not-for-the-public")
    assert (await desk.state(draft["id"]))["public_copy"] is None


FORMS = ("html", "pdf", "xlsx", "csv", "csv/texts", "charts")


async def test_the_public_copy_is_had_in_every_form_under_its_own_name_and_lists_what_it_leaves_out(
    desk: Desk,
) -> None:
    await go_public(desk)
    draft = await desk.draft()
    exempt = {"code": "complaints", "exempt_reason": WHY, "narrative": "Words for the members alone."}
    await desk.publish(draft["id"], {"sections": [exempt]})
    client = await desk.client("analyst")
    for name in FORMS:
        own, told = [await client.get(f"/v1/reports/{draft['id']}/{name}?copy={copy}") for copy in ("own", "public")]
        assert (own.status_code, told.status_code) == (200, 200), told.text
        assert own.headers["etag"] != told.headers["etag"]
        assert "edition-1-public." in told.headers["content-disposition"]
        again = await client.get(
            f"/v1/reports/{draft['id']}/{name}?copy=public", headers={"If-None-Match": told.headers["etag"]}
        )
        assert again.status_code == 304
    page = (await client.get(f"/v1/reports/{draft['id']}/html?copy=public")).text
    assert f"Complaints and compliments: {WHY}" in page
    assert "For the public" in page
    assert "members alone" not in page
    assert f"Not in the public copy: {WHY}" in (await client.get(f"/v1/reports/{draft['id']}/html")).text
    table = await client.get(f"/v1/reports/{draft['id']}/csv/exempt?copy=public")
    assert WHY in table.text


async def test_a_report_without_a_public_copy_has_it_in_no_form(desk: Desk) -> None:
    draft = await desk.draft()
    client = await desk.client("analyst")
    for published in (False, True):
        if published:
            await desk.publish(draft["id"])
        answer = await client.get(f"/v1/reports/{draft['id']}/pdf?copy=public")
        assert (answer.status_code, slug(answer)) == (404, "not-for-the-public")
    assert (await client.get(f"/v1/reports/{draft['id']}/pdf?copy=theirs")).status_code == 422


async def test_no_section_that_sums_up_the_others_tells_the_public_of_an_exempt_one(desk: Desk) -> None:
    sections = [
        *framework_item("reports", "csdg_monthly")["sections"],
        {"code": "aims", "title": "The four aims", "kind": "aims"},
        {"code": "grounds", "title": "Grounds", "kind": "grounds"},
    ]
    await go_public(desk, sections=sections)
    draft = await desk.draft()
    whole = await public_of_draft(desk, draft["id"])
    told = next(one["headline"] for one in whole["sections"] if one["code"] == "actions")
    quoted = [one["text"] for one in section(whole, "aims")["items"]]
    assert any(text.endswith(told) for text in quoted)
    assert any(one["group"] == "action" for one in section(whole, "grounds")["items"])
    await desk.step(draft["id"], "edit", {"sections": [{"code": "actions", "exempt_reason": WHY}]})
    copy = await public_of_draft(desk, draft["id"])
    assert told not in json.dumps(copy)
    assert not any(one["group"] == "action" for one in section(copy, "grounds")["items"])
    assert not any("actions" in one["sections"] for one in copy["themed_areas"])
    assert OPEN_ALONE in section(copy, "aims")["caveats"]
