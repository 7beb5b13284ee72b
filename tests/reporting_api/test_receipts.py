"""R33: one analysis goes to two bodies, and both say that they have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.reporting_api.conftest import Desk, slug

ANALYSIS = "multi_agency_audit_analysis"


async def analysis(desk: Desk) -> dict[str, Any]:
    """A published analysis, asked for and taken to its two bodies."""
    analyst = await desk.client("analyst")
    body = {"report": ANALYSIS, "period": "2026-10", "reason": "The round is complete."}
    asked = await analyst.post("/v1/occurrences", json=body)
    assert asked.status_code == 201, asked.text
    draft = await analyst.post(f"/v1/occurrences/{asked.json()['id']}/assemblies")
    assert draft.status_code == 201, draft.text
    return await desk.publish(draft.json()["id"])


async def say(desk: Desk, report: dict[str, Any], board: str, role: str = "qa_manager", **changes: Any) -> Any:
    body = {"board": board, "content_hash": report["content_hash"], **changes}
    return await (await desk.client(role)).post(f"/v1/reports/{report['id']}/acknowledgements", json=body)


async def test_R33_one_analysis_two_recipients_both_acknowledged_and_until_then_who_is_outstanding(desk: Desk) -> None:
    report = await analysis(desk)
    reader = await desk.client("board_reader")
    address = f"/v1/reports/{report['id']}/acknowledgements"
    before = (await reader.get(address)).json()
    assert (before["required"], before["complete"]) == (True, False)
    assert before["outstanding"] == ["dscb_qa", "csdg"]
    desk.reporting.clock.advance(timedelta(days=3))
    first = await say(desk, report, "DSCB QA Group", note="Tabled for the meeting in December.")
    assert first.status_code == 201, first.text
    assert (first.json()["complete"], first.json()["outstanding"]) == (False, ["csdg"])
    waiting = (await reader.get("/v1/outstanding-acknowledgements")).json()["items"]
    assert [(one["report"], one["board"], one["waiting_days"]) for one in waiting] == [(report["id"], "csdg", 3)]
    of_dscb = (await reader.get("/v1/outstanding-acknowledgements", params={"board": "dscb_qa"})).json()
    assert of_dscb["items"] == []
    second = (await say(desk, report, "csdg", role="head_of_service")).json()
    assert (second["complete"], second["allowed_actions"]) == (True, [])
    by = {one["board"]: (one["acknowledged_by"], one["content_hash"]) for one in second["recipients"]}
    assert by == {
        "dscb_qa": ("test-qa_manager", report["content_hash"]),
        "csdg": ("test-head_of_service", report["content_hash"]),
    }  # fmt: skip
    assert (await reader.get("/v1/outstanding-acknowledgements")).json()["items"] == []
    await desk.reporting.seal()
    told = (await reader.get("/v1/publications", params={"board": "csdg"})).json()["items"]
    assert [(one["type"], one["board"]) for one in told] == [
        ("report.published", None), ("report.acknowledged", "dscb_qa"), ("report.acknowledged", "csdg"),
    ]  # fmt: skip


async def test_R33_what_is_acknowledged_is_the_content_in_force_once_and_only_by_its_recipients(desk: Desk) -> None:
    report = await analysis(desk)
    assert slug(await say(desk, report, "csdg", content_hash="0" * 64)) == "acknowledged-content-differs"
    assert slug(await say(desk, report, "csoc")) == "not-a-recipient"
    assert (await say(desk, report, "csdg", role="board_reader")).status_code == 403
    assert (await say(desk, report, "csdg")).status_code == 201
    assert slug(await say(desk, report, "SDG")) == "already-acknowledged"
    newer = (await desk.step(report["id"], "supersessions", {"reason": "A grade was wrong."})).json()
    second = await desk.publish(newer["id"])
    assert slug(await say(desk, report, "dscb_qa")) == "acknowledged-edition-not-in-force"
    reader = await desk.client("board_reader")
    waiting = (await reader.get("/v1/outstanding-acknowledgements", params={"limit": "1"})).json()
    rest = (await reader.get("/v1/outstanding-acknowledgements", params={"after": waiting["next"]})).json()
    found = [(one["report"], one["board"]) for one in [*waiting["items"], *rest["items"]]]
    assert sorted(found) == [(second["id"], "csdg"), (second["id"], "dscb_qa")]
    both = [await say(desk, second, board) for board in ("csdg", "dscb_qa")]
    assert [one.json()["complete"] for one in both] == [False, True], "one officer who clerks both says it for each"
    assert {one["acknowledged_by"] for one in both[1].json()["recipients"]} == {"test-qa_manager"}


@pytest.mark.parametrize("published", [False, True])
async def test_nothing_is_acknowledged_of_a_draft_and_nothing_need_be_where_the_framework_does_not_say_so(
    desk: Desk, published: bool
) -> None:
    draft = await desk.draft()
    reader = await desk.client("board_reader")
    if not published:
        assert (await reader.get(f"/v1/reports/{draft['id']}/acknowledgements")).status_code == 404
        return
    await desk.publish(draft["id"])
    found = (await reader.get(f"/v1/reports/{draft['id']}/acknowledgements")).json()
    assert (found["required"], found["complete"]) == (False, False)
    assert (await reader.get("/v1/outstanding-acknowledgements")).json()["items"] == []


async def test_whoever_may_not_see_all_cannot_try_the_hash_of_all_and_acknowledges_the_copy_he_has(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    copy = await desk.document(report["id"], "board_clerk")
    assert copy["disclosure"] != report["disclosure"]
    assert slug(await say(desk, report, "csdg", role="board_clerk")) == "acknowledged-content-differs"
    assert (await say(desk, copy, "csdg", role="board_clerk")).status_code == 201


async def test_whoever_may_not_see_all_is_not_told_the_hash_of_all(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    assert report["disclosure"] == "full"
    assert (await say(desk, report, "csdg")).status_code == 201
    address = f"/v1/reports/{report['id']}/acknowledgements"
    hidden = (await (await desk.client("board_reader")).get(address)).json()["recipients"][0]
    copy = await desk.document(report["id"], "board_reader")
    assert hidden["content_hash"] == copy["protected_copy_of"] != report["content_hash"]
    seen = (await (await desk.client("qa_manager")).get(address)).json()["recipients"][0]
    assert seen["content_hash"] == report["content_hash"]
