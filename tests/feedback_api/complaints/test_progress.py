"""A complaint on its way: stages, extensions, outcomes, setting aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import ComplaintHistory, table_of
from shared.clock import FixedClock
from shared.tables import read_log

Make = Callable[..., dict[str, Any]]
PATH = "/v1/complaints/CSC-2026-0118"


async def test_a_statutory_complaint_goes_through_all_its_stages(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 7, 1, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-26", outcome="not_upheld")
    asked = await case.must("stages", stage="stage_2", started_on="2026-12-01", requested_on="2026-11-30")
    assert asked["current"]["statutory"]["state"] == "not_started"
    await case.must("outcomes", stage="stage_2", ended_on="2027-02-01", outcome="partially_upheld")
    panel = await case.must("stages", stage="stage_3", started_on="2027-02-08", requested_on="2027-02-05")
    # 30 working days from Friday 5 February, over Easter (26 and 29 March is after the end): 19 March.
    assert panel["current"]["statutory"]["due_on"] == "2027-03-19"
    report = await case.must("outcomes", stage="stage_3", ended_on="2027-03-22")
    assert (report["stages"][2]["statutory"]["state"], report["current"]["stage"]) == ("missed", "panel_report")
    assert report["current"]["statutory"]["due_on"] == "2027-03-31"
    response = await case.must("outcomes", stage="panel_report", ended_on="2027-03-31")
    assert response["current"]["stage"] == "authority_response"
    assert response["current"]["statutory"]["due_on"] == "2027-04-21"
    closed = await case.must("outcomes", stage="authority_response", ended_on="2027-04-20", outcome="upheld")
    assert (closed["status"], closed["outcome"], closed["closed_on"]) == ("closed", "upheld", "2027-04-20")
    assert closed["missing"] == ["learning", "improvement", "adjudication", "ombudsman_details"]
    assert closed["allowed_actions"] == ["correct", "merge", "offer_advocacy", "decide"]


async def test_the_stage_2_clock_starts_when_the_complaint_is_finalised(feedback: Any, begin: Any) -> None:
    ended = {"stage": "stage_1", "started_on": "2026-10-12", "ended_on": "2026-10-23", "outcome": "not_upheld"}
    case = await begin(feedback, received_on="2026-10-12", stages=[ended])
    opened = await case.must("stages", stage="stage_2", started_on="2026-10-26", complaint_finalised_on="2026-11-02")
    assert opened["current"]["clock_starts_on"] == "2026-11-03"
    assert opened["current"]["statutory"]["due_on"] == "2026-12-07"
    longer = await case.must("extensions", working_days=40, reason="Abroad.", granted_on="2026-11-20")
    assert longer["current"]["statutory"]["working_days"] == 65
    assert longer["current"]["local"]["working_days"] == 45


async def test_an_extension_stays_within_the_law_and_before_the_day_it_moves(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, received_on="2026-11-05")
    await case.cannot("extensions", "extension-too-late", working_days=5, reason="x", granted_on="2026-11-20")
    await case.cannot("extensions", "extension-beyond-limit", working_days=11, reason="x", granted_on="2026-11-19")
    longer = await case.must("extensions", working_days=4, reason="x", granted_on="2026-11-19")
    assert longer["current"]["statutory"]["due_on"] == "2026-11-25"
    assert longer["current"]["local"] == {
        "working_days": 10, "due_on": "2026-11-19", "state": "past", "working_days_left": -2,
    }  # fmt: skip
    await case.cannot("extensions", "extension-beyond-limit", working_days=7, reason="x", granted_on="2026-11-19")
    await case.must("extensions", working_days=6, reason="x", granted_on="2026-11-20")


async def test_days_set_aside_do_not_count_and_the_clock_runs_on_after(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, received_on="2026-11-05")
    stopped = await case.must("freezes", **{"from": "2026-11-10", "reason": "Proceedings."})
    assert stopped["current"]["statutory"] == {
        "working_days": 10, "due_on": None, "state": "set_aside", "working_days_left": None,
    }  # fmt: skip
    assert "resume" in stopped["allowed_actions"]
    (row,) = (await case.client.get("/v1/complaints")).json()["items"]
    assert (row["set_aside"], row["overdue"]) == (True, False)
    await case.cannot("freezes", "already-set-aside", **{"from": "2026-11-12", "reason": "x"})
    running = await case.must("resumptions", to="2026-11-16")
    # 6 and 9 November, then 17, 18, 19, 20, 23, 24, 25, 26.
    assert running["current"]["statutory"]["due_on"] == "2026-11-26"
    assert running["set_aside"] == [
        {
            "from": "2026-11-10", "to": "2026-11-16", "reason": "Proceedings.", "decided_by": "test-complaints_manager",
            "proceedings_ended_on": None, "put_again_by": None, "resumed_because": None,
        }
    ]  # fmt: skip
    await case.cannot("resumptions", "not-set-aside", to="2026-11-16")
    await case.cannot("freezes", "already-set-aside", **{"from": "2026-11-16", "to": "2026-11-17", "reason": "x"})


async def test_a_freeze_over_two_stages_stops_the_clocks_of_both(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 1, 29, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("freezes", **{"from": "2026-11-20", "to": "2026-12-18", "reason": "Proceedings."})
    ended = await case.must("outcomes", stage="stage_1", ended_on="2026-11-30", outcome="not_upheld")
    # 13 November, 16 to 19 November; then 21 to 24 and 29 December.
    assert ended["stages"][0]["statutory"]["due_on"] == "2026-12-29"
    opened = await case.must("stages", stage="stage_2", started_on="2026-12-01", complaint_finalised_on="2026-12-02")
    assert opened["current"]["clock_starts_on"] == "2026-12-21"
    # 4 days before Christmas, 3 after it, 18 from 4 January.
    assert opened["current"]["statutory"]["due_on"] == "2027-01-27"
    assert opened["current"]["statutory"]["state"] == "past"


async def test_a_withdrawn_complaint_is_opened_again_with_both_clocks_kept(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, received_on="2026-11-02")
    gone = await case.must("outcomes", stage="stage_1", ended_on="2026-11-06", outcome="withdrawn")
    assert gone["status"] == "closed"
    assert gone["allowed_actions"] == ["correct", "merge", "offer_advocacy", "decide", "open_stage"]
    again = await case.must("stages", stage="stage_1", started_on="2026-11-16")
    assert [(stage["run"], stage["statutory"]["due_on"]) for stage in again["stages"]] == [
        (1, "2026-11-16"),
        (2, "2026-11-30"),
    ]
    assert (again["status"], again["outcome"]) == ("open", None)


async def test_stages_keep_their_order_and_outcomes_their_stage(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.cannot("stages", "stage-out-of-order", stage="stage_2", started_on="2026-11-20")
    await case.cannot("outcomes", "stage-not-open", stage="stage_2", ended_on="2026-11-20", outcome="upheld")
    await case.cannot("outcomes", "outcome-needed", stage="stage_1", ended_on="2026-11-20")
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-20", outcome="upheld")
    await case.cannot("outcomes", "stage-not-open", stage="stage_1", ended_on="2026-11-20", outcome="upheld")
    await case.cannot("extensions", "stage-not-open", working_days=1, reason="x", granted_on="2026-11-20")
    await case.cannot("freezes", "stage-not-open", **{"from": "2026-11-20", "reason": "x"})
    await case.cannot("stages", "stage-out-of-order", stage="stage_1", started_on="2026-11-21")
    await case.cannot("stages", "stage-out-of-order", stage="stage_2", started_on="2026-11-19")


async def test_the_next_stage_is_asked_for_in_time_or_with_a_reason(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 3, 1, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-26", outcome="not_upheld")
    # Twenty working days after 26 November end on 24 December.
    await case.cannot("stages", "stage-asked-for-too-late", stage="stage_2", started_on="2026-12-29")
    late = await case.must("stages", stage="stage_2", started_on="2026-12-29", accepted_because="In hospital.")
    assert late["current"]["accepted_because"] == "In hospital."


async def test_a_refused_complaint_has_no_stages(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, eligible=False, refusal_reason="About a court report.")
    await case.cannot("stages", "complaint-refused", stage="stage_1", started_on="2026-11-13")


async def test_a_complaint_can_be_refused_later_and_taken_up_again(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    nameless = await case.client.patch(PATH, json={"eligible": False}, headers={"If-Match": '"1"'})
    assert [fault["pointer"] for fault in nameless.json()["errors"]] == ["/refusal_reason"]
    refusal = {"eligible": False, "refusal_reason": "Over a year old."}
    refused = await case.client.patch(PATH, json=refusal, headers={"If-Match": '"1"'})
    assert (refused.json()["status"], refused.json()["current"]) == ("refused", None)
    taken = await case.client.patch(PATH, json={"eligible": True, "reason": "Review."}, headers={"If-Match": '"2"'})
    assert (taken.json()["status"], taken.json()["current"]["run"]) == ("open", 2)
    first, second = taken.json()["stages"]
    assert (first["ended_because"], first["statutory"]["due_on"]) == ("refused", "2026-11-26")
    assert (second["started_on"], second["statutory"]["due_on"]) == ("2026-11-23", "2026-12-07")


@pytest.mark.parametrize(
    ("what", "body", "pointer"),
    [
        ("outcomes", {"stage": "stage_1", "ended_on": "2026-11-24", "outcome": "upheld"}, "/ended_on"),
        ("outcomes", {"stage": "stage_1", "ended_on": "2026-11-11", "outcome": "upheld"}, "/ended_on"),
        ("outcomes", {"stage": "stage_1", "ended_on": "2026-11-20", "outcome": "maybe"}, "/outcome"),
        ("extensions", {"working_days": 0, "reason": "x", "granted_on": "2026-11-20"}, "/working_days"),
        ("extensions", {"working_days": 5, "granted_on": "2026-11-20"}, "/reason"),
        ("freezes", {"from": "2026-11-01", "reason": "x"}, "/from"),
        ("freezes", {"from": "2026-11-25", "reason": "x"}, "/from"),
        ("freezes", {"from": "2026-11-20", "to": "2026-11-19", "reason": "x"}, ""),
        ("stages", {"stage": "stage_1", "started_on": "2026-11-24"}, "/started_on"),
    ],
)
async def test_dates_and_words_that_cannot_be_are_pointed_at(
    feedback: Any, begin: Any, what: str, body: dict[str, Any], pointer: str
) -> None:
    case = await begin(feedback)
    answer = await case.do(what, **body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_resuming_before_it_was_set_aside_cannot_be(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.must("freezes", **{"from": "2026-11-18", "reason": "x"})
    assert (await case.do("resumptions", to="2026-11-17")).status_code == 422
    assert (await case.do("resumptions", to="2026-11-24")).status_code == 422


@pytest.mark.parametrize("what", ["stages", "outcomes", "extensions", "freezes", "resumptions"])
async def test_every_deed_names_the_version_it_saw_and_stays_in_its_unit(feedback: Any, begin: Any, what: str) -> None:
    bodies = {
        "stages": {"stage": "stage_2", "started_on": "2026-11-20"},
        "outcomes": {"stage": "stage_1", "ended_on": "2026-11-20", "outcome": "upheld"},
        "extensions": {"working_days": 1, "reason": "x", "granted_on": "2026-11-20"},
        "freezes": {"from": "2026-11-20", "reason": "x"},
        "resumptions": {"to": "2026-11-20"},
    }
    case = await begin(feedback)
    body, seen = bodies[what], {"If-Match": '"1"'}
    assert (await case.client.post(f"{PATH}/{what}", json=body)).status_code == 428
    assert (await case.client.post(f"{PATH}/{what}", json=body, headers={"If-Match": '"7"'})).status_code == 412
    elsewhere = await feedback.client("complaints_manager", unit="cwd_east")
    assert (await elsewhere.post(f"{PATH}/{what}", json=body, headers=seen)).status_code == 404
    practitioner = await feedback.client("practitioner")
    assert (await practitioner.post(f"{PATH}/{what}", json=body, headers=seen)).status_code == 403
    gone = await case.client.post(f"/v1/complaints/CSC-0/{what}", json=body, headers=seen)
    assert gone.status_code == 404


async def test_a_deed_sent_twice_with_one_key_is_done_once(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    body = {"working_days": 2, "reason": "x", "granted_on": "2026-11-20"}
    headers = {"If-Match": '"1"', "Idempotency-Key": "k"}
    first, second = [await case.client.post(f"{PATH}/extensions", json=body, headers=headers) for _ in range(2)]
    assert first.content == second.content
    assert len(second.json()["stages"][0]["extensions"]) == 1


async def test_every_deed_is_in_the_history_and_in_the_log_without_a_word(feedback: Any, begin: Any) -> None:
    canary = "zebracanary"
    case = await begin(feedback)
    await case.must("freezes", **{"from": "2026-11-16", "to": "2026-11-17", "reason": canary})
    await case.must("extensions", working_days=1, reason=canary, granted_on="2026-11-18")
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-20", outcome="upheld", learning=canary)
    edit = {"improvement": canary, "reason": canary}
    await case.client.patch(PATH, json=edit, headers={"If-Match": case.etag})
    await feedback.seal()
    deeds = (await (await feedback.client("admin")).get("/v1/activity")).json()["items"][1:]
    assert [deed["action"].removeprefix("complaint.") for deed in deeds] == [
        "recorded", "set_aside", "extended", "stage_ended", "corrected",
    ]  # fmt: skip
    assert canary not in str(deeds)
    async with feedback.database.snapshot() as session:
        table = table_of(ComplaintHistory)
        kept = (await session.execute(sa.select(table).order_by(table.c.version))).all()
    assert [(one.version, one.content["status"]) for one in kept] == [
        (1, "open"), (2, "open"), (3, "open"), (4, "closed"),
    ]  # fmt: skip


async def test_reading_one_complaint_is_logged_and_needs_the_scope(feedback: Any, begin: Any) -> None:
    await begin(feedback)
    for role, status in (("complaints_manager", 200), ("admin", 200), ("practitioner", 403), ("ingest_client", 403),
                         ("qa_manager", 403), ("analyst", 403), ("board_reader", 403)):  # fmt: skip
        client = await feedback.client(role)
        assert (await client.get(PATH)).status_code == status, role
        assert (await client.get("/v1/complaints")).status_code == status, role
    elsewhere = await feedback.client("complaints_manager", unit="cwd_east")
    assert (await elsewhere.get(PATH)).status_code == 404
    assert (await elsewhere.get("/v1/complaints")).json()["items"] == []
    async with feedback.database.snapshot() as session:
        reads = (await session.execute(sa.select(read_log.c.operation))).scalars().all()
    assert reads == ["get_complaint", "get_complaint"]


async def test_the_list_is_narrowed_by_where_complaints_stand(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    ended = {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "not_upheld"}
    for body in (
        a_complaint(respond_ref="late", received_on="2026-11-02"),
        a_complaint(respond_ref="new", unit="cwd_east", themes=["planning"]),
        a_complaint(respond_ref="done", received_on="2026-10-05", stages=[ended]),
        a_complaint(respond_ref="town", procedure="corporate"),
    ):
        assert (await client.post("/v1/complaints", json=body)).status_code == 201

    async def refs(query: str) -> set[str]:
        items = (await client.get(f"/v1/complaints?{query}")).json()["items"]
        return {item["respond_ref"] for item in items}

    assert await refs("status=open") == {"late", "new", "town"}
    assert await refs("overdue=true") == {"late", "town"}
    assert await refs("overdue=false") == {"new", "done"}
    assert await refs("procedure=corporate") == {"town"}
    assert await refs("unit=family_support") == {"late", "done", "town"}
    assert await refs("theme=planning") == {"new"}
    assert await refs("from=2026-11-01&to=2026-11-02") == {"late"}
    first = (await client.get("/v1/complaints?limit=3")).json()
    second = (await client.get(f"/v1/complaints?limit=3&after={first['next']}")).json()
    assert [item["respond_ref"] for item in first["items"] + second["items"]] == ["town", "new", "late", "done"]


async def test_as_days_pass_a_clock_runs_out(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    for days, state, left in ((0, "in_time", 3), (3, "in_time", 0), (4, "past", -1)):
        feedback.clock.advance(timedelta(days=days) - (feedback.clock.now() - datetime(2026, 11, 23, 9, tzinfo=UTC)))
        clock = (await case.client.get(PATH)).json()["current"]["statutory"]
        assert (clock["state"], clock["working_days_left"]) == (state, left)
