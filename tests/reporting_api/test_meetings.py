"""Meetings that move, are cancelled or added: the plan stays, and the papers that are not yet due follow."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.reporting_api.schedule.clock import Ticker
from tests.conftest import Running
from tests.reporting_api.conftest import slug
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import materialise, occurrences

REASON = "The chair is away."
PLAN = ["2026-12-16", "2027-01-20"]


async def with_papers(reporting: Running, days: int = 5) -> httpx.AsyncClient:
    """CSDG meets twice, and October's and November's reports are due five clear working days before."""
    client = await reporting.client("admin")
    await apply_change(client, "boards", {**framework_item("boards", "csdg"), "meeting_dates": PLAN})
    rule = {"rule": "clear_working_days_before_meeting", "days": days, "board": "csdg"}
    await apply_change(client, "reports", {**framework_item("reports", "csdg_monthly"), "due": rule})
    await materialise(client, {"from": "2026-11-30", "to": "2026-12-31"})
    return client


async def change(
    client: httpx.AsyncClient, day: str, what: str, body: dict[str, Any], version: int | None = None
) -> httpx.Response:
    path = f"/v1/boards/CSDG/meetings/{day}"
    if version is None:
        version = (await client.get(path)).json()["version"]
    headers = {"If-Match": f'"{version}"'}
    if what == "arrangement":
        return await client.patch(path, json=body, headers=headers)
    return await client.post(f"{path}/{what}", json=body, headers=headers)


async def due(client: httpx.AsyncClient, period: str = "2026-11") -> str:
    found = await occurrences(client, report="csdg_monthly", period=period)
    return str(found[0]["due_on"])


async def test_papers_are_due_five_clear_days_before_the_meeting(reporting: Running) -> None:
    client = await with_papers(reporting)
    assert await due(client) == "2026-12-08"  # the 9th, 10th, 11th, 14th and 15th lie between
    assert await due(client, "2026-12") == "2027-01-12"
    listed = (await client.get("/v1/boards/csdg/meetings")).json()["items"]
    assert [(one["meets_on"], one["status"], one["weekday"]) for one in listed] == [
        ("2026-12-16", "planned", "Wednesday"), ("2027-01-20", "planned", "Wednesday"),
    ]  # fmt: skip
    paper = listed[0]["papers"][0]
    assert (paper["report"], paper["due_on"], paper["clear_working_days"]) == ("csdg_monthly", "2026-12-08", 5)
    assert listed[0]["allowed_actions"] == ["move", "cancel", "arrange"]


@pytest.mark.parametrize("name", ["Overview and scrutiny committee", "c\u017foc"])
async def test_the_next_page_is_found_however_the_board_is_named(reporting: Running, name: str) -> None:
    client = await reporting.client("board_reader")
    first = await client.get(f"/v1/boards/{name}/meetings?limit=1&from=2027-02-01&to=2027-05-31")
    assert (first.status_code, first.json()["items"][0]["meets_on"]) == (200, "2027-02-11")
    second = await client.get(first.links["next"]["url"])
    assert [one["meets_on"] for one in second.json()["items"]] == ["2027-05-20"]


async def test_a_moved_meeting_takes_its_papers_with_it_and_keeps_its_address(reporting: Running) -> None:
    client = await with_papers(reporting)
    moved = await change(client, "2026-12-16", "moves", {"to": "2026-12-18", "reason": REASON}, version=1)
    assert moved.status_code == 200, moved.text
    assert moved.json()["status"] == "moved"
    paper = moved.json()["moved_papers"][0]
    assert (paper["period"], paper["was"], paper["becomes"]) == ("2026-11", "2026-12-08", "2026-12-10")
    assert await due(client) == "2026-12-10"
    by_either_day = [
        (await client.get(f"/v1/boards/SDG/meetings/{day}")).json() for day in ("2026-12-16", "2026-12-18")
    ]
    assert by_either_day[0] == by_either_day[1]
    assert by_either_day[0]["changes"][0] | {"changed_at": ""} == {
        "change": "moved", "was": "2026-12-16", "becomes": "2026-12-18", "reason": REASON,
        "changed_by": "test-admin", "changed_at": "",
    }  # fmt: skip
    one = (await occurrences(client, report="csdg_monthly", period="2026-11"))[0]
    held = (await client.get(f"/v1/occurrences/{one['id']}")).json()
    assert held["due_changes"][0]["reason"] == "meeting"
    assert held["meeting_on"] == "2026-12-18"


async def test_what_is_recorded_outlives_the_framework_applied_again(reporting: Running) -> None:
    client = await with_papers(reporting)
    await change(client, "2026-12-16", "moves", {"to": "2026-12-18", "reason": REASON})
    board = {**framework_item("boards", "csdg"), "meeting_dates": [*PLAN, "2026-12-18"], "note": "Applied again."}
    await apply_change(client, "boards", board)
    await materialise(client, {"from": "2026-11-30", "to": "2026-12-31"})
    assert await due(client) == "2026-12-10"
    days = [one["meets_on"] for one in (await client.get("/v1/boards/csdg/meetings")).json()["items"]]
    assert days == ["2026-12-18", "2027-01-20"]  # a plan that catches up makes no second meeting


async def test_the_papers_of_a_cancelled_meeting_go_to_the_next_and_come_back(reporting: Running) -> None:
    client = await with_papers(reporting)
    cancelled = (await change(client, "2026-12-16", "cancellations", {"reason": REASON})).json()
    assert (cancelled["status"], cancelled["papers"], cancelled["allowed_actions"]) == ("cancelled", [], ["reinstate"])
    assert await due(client) == "2027-01-12"
    refused = await change(client, "2026-12-16", "moves", {"to": "2026-12-17", "reason": REASON})
    assert (refused.status_code, slug(refused)) == (409, "meeting-cancelled")
    back = (await change(client, "2026-12-16", "reinstatements", {"reason": "It is on after all."})).json()
    assert (back["status"], back["moved_papers"][0]["becomes"]) == ("planned", "2026-12-08")
    again = await change(client, "2026-12-16", "reinstatements", {"reason": "Twice."})
    assert (again.status_code, slug(again)) == (409, "meeting-not-cancelled")


async def test_where_no_meeting_is_left_a_report_keeps_its_date_and_the_answer_says_so(reporting: Running) -> None:
    client = await with_papers(reporting)
    await change(client, "2027-01-20", "cancellations", {"reason": REASON})
    last = (await change(client, "2026-12-16", "cancellations", {"reason": REASON})).json()
    assert {one["period"] for one in last["undated_papers"]} == {"2026-11", "2026-12"}
    assert await due(client) == "2026-12-08"
    added = await client.post("/v1/boards/csdg/meetings", json={"meets_on": "2027-02-03", "reason": "In its place."})
    assert added.status_code == 201
    assert added.headers["location"] == "/v1/boards/csdg/meetings/2027-02-03"
    assert {one["becomes"] for one in added.json()["moved_papers"]} == {"2027-01-26"}


async def test_a_report_exists_before_its_meeting_is_known_and_is_due_once_it_is(reporting: Running) -> None:
    client = await with_papers(reporting)
    await materialise(client, {"from": "2027-01-01", "to": "2027-03-31"})
    awaiting = await occurrences(client, report="csdg_monthly", awaiting_meeting="true")
    assert [one["period"]["code"] for one in awaiting] == ["2027-01", "2027-02", "2027-03"]
    assert {(one["due_on"], one["status"]) for one in awaiting} == {(None, "planned")}
    paged = await occurrences(client, report="csdg_monthly", limit="1")
    assert [one["id"] for one in paged] == [one["id"] for one in await occurrences(client, report="csdg_monthly")]
    assert [one["awaiting_meeting"] for one in paged] == sorted(one["awaiting_meeting"] for one in paged)
    reporting.clock.advance(reporting.clock.now().replace(year=2027, month=2, day=20) - reporting.clock.now())
    client = await reporting.client("admin")
    await materialise(client, {"from": "2027-01-01", "to": "2027-03-31"})
    (january,) = await occurrences(client, report="csdg_monthly", period="2027-01")
    assert (january["status"], january["allowed_actions"]) == ("planned", []), "its period is over, and nobody is late"
    refused = await client.post(f"/v1/occurrences/{january['id']}/assemblies")
    assert (refused.status_code, slug(refused)) == (409, "awaits-meeting")
    lateness = {"cause": "other", "reason": "None yet."}
    refused = await client.post(f"/v1/occurrences/{january['id']}/lateness", json=lateness)
    assert (refused.status_code, slug(refused)) == (409, "never-late")
    added = await client.post("/v1/boards/csdg/meetings", json={"meets_on": "2027-03-17", "reason": "At last."})
    moved = {one["period"]: (one["was"], one["becomes"]) for one in added.json()["moved_papers"]}
    assert moved == {"2027-01": (None, "2027-03-09"), "2027-02": (None, "2027-03-09")}
    now = (await client.get(f"/v1/occurrences/{january['id']}")).json()
    assert (now["status"], now["due_on"], now["awaiting_meeting"]) == ("due", "2027-03-09", False)
    assert [(one["was"], one["reason"]) for one in now["due_changes"]] == [(None, "meeting")]


async def test_a_report_that_awaits_a_meeting_of_a_term_without_dates_any_more_goes_on_awaiting_it(
    reporting: Running,
) -> None:
    client = await with_papers(reporting)
    report = framework_item("reports", "csdg_monthly") | {
        "code": "csdg_termly", "cadence": "termly", "period_kind": "term", "calendar": "dorset_community_schools",
        "due": {"rule": "clear_working_days_before_meeting", "days": 5, "board": "csdg"},
    }  # fmt: skip
    await apply_change(client, "reports", report)
    await materialise(client, {"from": "2027-05-01", "to": "2027-08-31"})
    calendar = framework_item("calendars", "dorset_community_schools")
    years = [one for one in calendar["years"] if one["year"] < "AY2026-27"]
    await apply_change(client, "calendars", calendar | {"years": years})
    cancelled = await change(client, "2027-01-20", "cancellations", {"reason": REASON})
    assert cancelled.status_code == 200, cancelled.text
    assert {one["report"] for one in cancelled.json()["undated_papers"]} == {"csdg_monthly"}
    (waits,) = await occurrences(client, report="csdg_termly")
    assert waits["awaiting_meeting"]


async def test_papers_that_were_due_stay_due_when_their_meeting_moves(reporting: Running) -> None:
    client = await with_papers(reporting, days=20)
    assert await due(client) == "2026-12-17"  # twenty clear days are left only before January's meeting
    reporting.clock.advance(reporting.clock.now().replace(month=12, day=20) - reporting.clock.now())
    await materialise(client)
    moved = (await change(client, "2027-01-20", "moves", {"to": "2027-02-24", "reason": REASON})).json()
    assert "2026-11" not in {one["period"] for one in moved["moved_papers"]}
    assert await due(client) == "2026-12-17"


async def test_a_meeting_brought_forward_never_makes_its_papers_late(reporting: Running) -> None:
    client = await with_papers(reporting)
    reporting.clock.advance(reporting.clock.now().replace(month=12, day=7) - reporting.clock.now())
    moved = (await change(client, "2026-12-16", "moves", {"to": "2026-12-11", "reason": REASON})).json()
    assert moved["papers"][0]["due_on"] == "2026-12-07"  # it should have been the 3rd; today is the earliest
    assert moved["papers"][0]["clear_working_days"] == 3


async def test_a_report_on_request_follows_its_meeting_too(reporting: Running) -> None:
    client = await with_papers(reporting)
    rule = {"rule": "clear_working_days_before_meeting", "days": 5, "board": "csdg"}
    await apply_change(client, "reports", {**framework_item("reports", "icrm_thematic_audits"), "due": rule})
    body = {"report": "icrm_thematic_audits", "period": "2026-10", "reason": "As agreed."}
    assert (await client.post("/v1/occurrences", json=body)).json()["due_on"] == "2026-12-08"
    await change(client, "2026-12-16", "moves", {"to": "2026-12-18", "reason": REASON})
    assert (await occurrences(client, report="icrm_thematic_audits"))[0]["due_on"] == "2026-12-10"


async def test_a_board_meets_once_a_day_and_never_in_the_past(reporting: Running) -> None:
    client = await with_papers(reporting)
    onto = await change(client, "2026-12-16", "moves", {"to": "2027-01-20", "reason": REASON})
    assert (onto.status_code, slug(onto)) == (409, "board-meets-that-day")
    back = await change(client, "2026-12-16", "moves", {"to": "2026-11-20", "reason": REASON})
    assert (back.status_code, slug(back)) == (409, "meeting-over")
    twice = await client.post("/v1/boards/csdg/meetings", json={"meets_on": "2026-12-16", "reason": REASON})
    assert slug(twice) == "board-meets-that-day"
    await change(client, "2026-12-16", "moves", {"to": "2026-12-18", "reason": REASON})
    vacated = await client.post("/v1/boards/csdg/meetings", json={"meets_on": "2026-12-16", "reason": REASON})
    assert slug(vacated) == "board-meets-that-day"
    reporting.clock.advance(reporting.clock.now().replace(year=2027, month=3) - reporting.clock.now())
    over = await change(client, "2027-01-20", "cancellations", {"reason": REASON})
    assert (over.status_code, slug(over)) == (409, "meeting-over")


async def test_a_meeting_s_time_and_place_are_arranged(reporting: Running) -> None:
    client = await with_papers(reporting)
    body: dict[str, Any] = {"starts_at": "14:00", "place": "County Hall", "reason": "The usual room."}
    done = (await change(client, "2026-12-16", "arrangement", body)).json()
    assert (done["starts_at"], done["place"], done["status"], done["moved_papers"]) == (
        "14:00", "County Hall", "planned", [],
    )  # fmt: skip
    kept = (await change(client, "2026-12-16", "arrangement", {"place": None, "reason": "Not yet known."})).json()
    assert (kept["starts_at"], kept["place"]) == ("14:00", None)
    nothing = await change(client, "2026-12-16", "arrangement", {"reason": "Nothing."})
    assert nothing.status_code == 422


@pytest.mark.parametrize("starts_at", ["24:00", "9:00", "14:00:00", "14.00", 14, True, "ab:cd", "14:00Z"])
async def test_a_time_that_is_none_is_refused(reporting: Running, starts_at: Any) -> None:
    client = await with_papers(reporting)
    body = {"starts_at": starts_at, "reason": REASON}
    assert (await change(client, "2026-12-16", "arrangement", body)).status_code == 422


async def test_a_change_names_what_was_read_and_a_key_makes_it_once(reporting: Running) -> None:
    client = await with_papers(reporting)
    body = {"to": "2026-12-18", "reason": REASON}
    blind = await client.post("/v1/boards/csdg/meetings/2026-12-16/moves", json=body)
    assert blind.status_code == 428
    stale = await change(client, "2026-12-16", "moves", body, version=7)
    assert stale.status_code == 412
    headers = {"If-Match": '"1"', "Idempotency-Key": "one"}
    path = "/v1/boards/csdg/meetings/2026-12-16/moves"
    answers = [await client.post(path, json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["etag"] == '"2"'
    missing = await client.get("/v1/boards/csdg/meetings/2026-12-17")
    assert missing.status_code == 404


async def test_meetings_are_read_by_board_members_and_changed_for_the_whole_council(reporting: Running) -> None:
    await with_papers(reporting)
    reader = await reporting.client("board_reader")
    listed = (await reader.get("/v1/boards/csdg/meetings")).json()["items"]
    assert [one["allowed_actions"] for one in listed] == [[], []]
    body = {"to": "2026-12-18", "reason": REASON}
    assert (await change(reader, "2026-12-16", "moves", body)).status_code == 403
    owner = await reporting.client("head_of_service", unit="family_support")
    refused = await change(owner, "2026-12-16", "moves", body)
    assert (refused.status_code, slug(refused)) == (403, "whole-council-needed")
    papers = (await owner.get("/v1/boards/csdg/meetings/2026-12-16")).json()["papers"]
    assert papers == []  # that report is another unit's


async def test_meetings_are_paged_by_day(reporting: Running) -> None:
    client = await with_papers(reporting)
    first = (await client.get("/v1/boards/csdg/meetings", params={"limit": 1})).json()
    second = (await client.get("/v1/boards/csdg/meetings", params={"limit": 1, "after": first["next"]})).json()
    assert [one["meets_on"] for one in (*first["items"], *second["items"])] == PLAN
    assert second["next"] is None
    some = (await client.get("/v1/boards/csdg/meetings", params={"from": "2026-12-17", "to": "2027-01-20"})).json()
    assert [one["meets_on"] for one in some["items"]] == PLAN[1:]


async def test_what_is_done_to_a_meeting_is_in_the_activity_log(reporting: Running) -> None:
    client = await with_papers(reporting)
    await change(client, "2026-12-16", "cancellations", {"reason": REASON})
    await reporting.seal()
    deeds = (await client.get("/v1/activity", params={"subject_type": "meeting"})).json()["items"]
    assert [(one["action"], one["subject_id"]) for one in deeds] == [("meeting.cancelled", "csdg:2026-12-16")]


async def test_a_report_that_waited_for_a_meeting_gets_its_date_at_the_next_tick(reporting: Running) -> None:
    client = await with_papers(reporting)
    ticker = Ticker(reporting.database, reporting.clock)
    await ticker.tick()
    (waits,) = await occurrences(client, report="csdg_monthly", period="2027-03")
    assert waits["awaiting_meeting"]
    body = {"meets_on": "2027-05-12", "reason": "The summer term's meeting."}
    assert (await client.post("/v1/boards/csdg/meetings", json=body)).status_code == 201
    await ticker.tick()
    assert await due(client, "2027-03") == "2027-05-04"
