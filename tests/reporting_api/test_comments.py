"""Remarks on a report in threads: on record with the content they were made of, seen by those who work on it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.reporting_api.comments.schemas import CommentOut
from services.reporting_api.document import HELD_BACK
from shared.auth.caller import Caller
from tests.reporting_api.conftest import CLOSING, Desk, slug


async def remark(desk: Desk, report: str, role: str = "analyst", **body: Any) -> httpx.Response:
    return await (await desk.client(role)).post(f"/v1/reports/{report}/comments", json={"text": "Why?", **body})


async def test_a_remark_is_answered_in_its_thread_and_resolved(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    root = (await remark(desk, report, "head_of_service", section="exceptions", text="Which team?")).json()
    assert (root["author"], root["section"], root["about_this_content"]) == ("test-head_of_service", "exceptions", True)
    answer = (await remark(desk, report, in_reply_to=root["id"], text="Weymouth.")).json()
    assert (answer["in_reply_to"], answer["allowed_actions"]) == (root["id"], [])
    await remark(desk, report, text="The title is long.")
    analyst = await desk.client("analyst")
    assert (await analyst.get(f"/v1/reports/{report}/sign-off")).json()["open_comments"] == 2
    address = f"/v1/reports/{report}/comments/{root['id']}/resolutions"
    assert (await analyst.post(address)).status_code == 428
    closed = await analyst.post(address, headers={"If-Match": '"1"'})
    assert (closed.status_code, closed.json()["resolved_by"]) == (200, "test-analyst")
    assert slug(await analyst.post(address, headers={"If-Match": '"2"'})) == "comment-resolved"
    assert slug(await remark(desk, report, in_reply_to=root["id"])) == "comment-resolved"
    texts = [one["text"] for one in (await analyst.get(f"/v1/reports/{report}/comments")).json()["items"]]
    assert texts == ["Which team?", "Weymouth.", "The title is long."]
    still = (await analyst.get(f"/v1/reports/{report}/comments", params={"open": "true"})).json()["items"]
    assert [one["text"] for one in still] == ["The title is long."]


async def test_a_remark_says_whether_the_report_still_reads_as_it_did_then(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await remark(desk, report)
    await desk.step(report, "edit", CLOSING)
    found = (await (await desk.client("analyst")).get(f"/v1/reports/{report}/comments")).json()["items"]
    assert found[0]["about_this_content"] is False


async def test_a_board_s_member_sees_no_remarks_even_of_a_published_report(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await remark(desk, report)
    reader = await desk.client("board_reader")
    assert (await reader.get(f"/v1/reports/{report}/comments")).status_code == 404
    await desk.publish(report)
    assert (await reader.get(f"/v1/reports/{report}/comments")).status_code == 404
    assert "comments" not in await desk.document(report, "board_reader")


def test_a_number_in_a_remark_is_held_back_from_those_who_see_no_small_numbers() -> None:
    row = SimpleNamespace(
        id=1, report=2, section=None, in_reply_to=None, content="Only 3 children.", content_hash="0", author="ann",
        written_at=datetime(2026, 11, 23, tzinfo=UTC), resolved_at=None, resolved_by=None, version=1,
    )  # fmt: skip
    caller, edition = Caller(subject="bob"), SimpleNamespace(content_hash="0")
    assert CommentOut.of(row, edition, caller, copy=False).text == "Only 3 children."
    hidden = CommentOut.of(row, edition, caller, copy=True)
    assert (hidden.text, hidden.content_hash) == (HELD_BACK, None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"section": "no_such_section"}, "/section"),
        ({"in_reply_to": "00000000-0000-7000-8000-000000000000"}, "/in_reply_to"),
        ({"text": ""}, "/text"),
        ({"text": "a\u202eb"}, "/text"),
    ],
)
async def test_an_unfit_remark_is_refused(desk: Desk, body: dict[str, Any], pointer: str) -> None:
    report = (await desk.draft())["id"]
    answer = await remark(desk, report, **body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "no_such_section" not in answer.text
