"""A board's clerk minutes it and writes no report: meetings, decisions and acknowledgements, on protected copies."""

from __future__ import annotations

from tests.reporting_api.conftest import Desk


async def test_a_clerk_moves_a_meeting_records_a_decision_and_acknowledges_and_no_more(desk: Desk) -> None:
    report = (await desk.publish((await desk.draft())["id"]))["id"]
    clerk = await desk.client("board_clerk")
    meeting = await clerk.get("/v1/boards/csoc/meetings/2027-02-11")
    assert meeting.json()["allowed_actions"], "a clerk is told what may be done"
    headers = {"If-Match": meeting.headers["etag"]}
    body = {"to": "2027-02-18", "reason": "The room is taken."}
    moved = await clerk.post("/v1/boards/csoc/meetings/2027-02-11/moves", json=body, headers=headers)
    assert moved.status_code == 200, moved.text
    decided = {
        "board": "csdg",
        "meeting_on": str(desk.reporting.clock.today()),
        "decided": "Visit every team.",
        "due_on": "2027-01-29",
    }
    owner = {"owner_role": "head_of_service", "owner_unit": "family_support"}
    made = await clerk.post(f"/v1/reports/{report}/decisions", json={**decided, **owner})
    assert made.status_code == 201, made.text
    assert made.json()["allowed_actions"] == ["minute"]
    address = made.headers["location"]
    done = {"words": "Every team was visited.", "status": "done"}
    refused = await clerk.post(f"{address}/updates", json={"words": "Going well."}, headers={"If-Match": '"1"'})
    assert refused.status_code == 403, "what the owner says is not the clerk's"
    ended = await clerk.post(f"{address}/minutes", json=done, headers={"If-Match": '"1"'})
    assert (ended.status_code, ended.json()["status"]) == (200, "done"), ended.text
    state = (await clerk.get(f"/v1/reports/{report}/state")).json()
    assert state["allowed_actions"] == []
    copy = (await clerk.get(f"/v1/reports/{report}")).json()
    assert copy["disclosure"] == "protected"
    said = {"board": "csdg", "content_hash": copy["content_hash"]}
    acknowledged = await clerk.post(f"/v1/reports/{report}/acknowledgements", json=said)
    assert acknowledged.status_code == 201, acknowledged.text
    draft = (await desk.draft(period="2026-09"))["id"]
    assert (await clerk.get(f"/v1/reports/{draft}")).status_code == 404
    refused = await clerk.patch(f"/v1/reports/{report}", json={"headlines": []}, headers={"If-Match": '"1"'})
    assert refused.status_code == 403
