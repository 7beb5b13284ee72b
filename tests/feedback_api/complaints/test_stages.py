"""Escalation, the days on the way of a stage, and setting aside over the end of proceedings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.clock import FixedClock

AGREED = {"stage": "stage_2", "because": "agreed", "started_on": "2026-11-16", "reason": "Both sides agreed."}


async def test_R59_both_sides_may_agree_to_go_straight_to_stage_2(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    assert "escalate" in case.answer.json()["allowed_actions"]
    found = await case.must("escalations", **AGREED)
    first, second = found["stages"]
    assert (first["ended_on"], first["ended_because"], first["outcome"]) == ("2026-11-16", "agreed", None)
    assert (second["accepted_because"], second["statutory"]["state"]) == ("Both sides agreed.", "not_started")
    running = await case.change("/stages/stage_2", complaint_finalised_on="2026-11-18")
    assert running["current"]["statutory"]["due_on"] == "2026-12-23"
    assert running["current"]["working_days_used"] == 3
    assert (await case.change("/stages/stage_2", complaint_finalised_on="2026-11-18"))["version"] == running["version"]


async def test_a_stage_the_procedure_does_not_let_out_is_not_skipped(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, procedure="conference", received_on="2026-11-02")
    body = {"stage": "stage_2", "started_on": "2026-11-16", "reason": "x"}
    await case.cannot("escalations", "stage-may-not-be-skipped", because="agreed", **body)
    await case.cannot("escalations", "stage-not-overdue", because="overdue", **body)
    late = await case.must("escalations", because="overdue", **(body | {"started_on": "2026-11-17"}))
    assert [(one["stage"], one["ended_because"]) for one in late["stages"]] == [
        ("stage_1", "overdue"),
        ("stage_2", None),
    ]
    assert late["stages"][0]["local"]["state"] == "missed"


async def test_escalation_leads_only_to_the_stage_that_follows(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.cannot("escalations", "stage-out-of-order", **(AGREED | {"stage": "stage_3"}))
    assert (await case.do("escalations", **(AGREED | {"stage": "stage_9"}))).status_code == 422
    assert (await case.do("escalations", **(AGREED | {"started_on": "2026-11-11"}))).status_code == 422
    assert (await case.do("escalations", **(AGREED | {"started_on": "2026-11-24"}))).status_code == 422


async def test_a_stage_left_out_when_opening_one_is_one_the_procedure_lets_out(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 1, 29, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-26", outcome="not_upheld")
    skip = {"stage": "stage_3", "started_on": "2026-12-01", "accepted_because": "Asked for."}
    await case.cannot("stages", "stage-may-not-be-skipped", **skip)


async def test_stage_2_covers_the_councils_adjudication(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 1, 29, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("escalations", **AGREED, complaint_finalised_on="2026-11-18")
    wrong = {"reported_on": "2026-12-15", "adjudicated_on": "2026-12-14"}
    answer = await case.client.patch(f"{case.path}/stages/stage_2", json=wrong, headers={"If-Match": case.etag})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/adjudicated_on"]
    await case.change("/stages/stage_2", reported_on="2026-12-15")
    ended = await case.must("outcomes", stage="stage_2", ended_on="2026-12-22", outcome="not_upheld")
    assert "adjudication" in ended["missing"]
    whole = await case.change("/stages/stage_2", adjudicated_on="2026-12-21", reason="It had been left out.")
    assert "adjudication" not in whole["missing"]
    assert (whole["stages"][1]["statutory"]["state"], whole["stages"][1]["working_days_used"]) == ("met", 24)


async def test_days_on_the_way_lie_within_the_stage_and_not_ahead(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    for day in ("2026-11-11", "2026-11-24"):
        answer = await case.client.patch(
            f"{case.path}/stages/stage_1", json={"reported_on": day}, headers={"If-Match": case.etag}
        )
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/reported_on"]
    unknown = await case.client.patch(f"{case.path}/stages/stage_2", json={}, headers={"If-Match": case.etag})
    assert unknown.status_code == 404


async def test_the_answer_after_the_panel_gives_the_ombudsmans_details(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 7, 1, 9, tzinfo=UTC)))
    case = await begin(feedback, procedure="corporate", received_on="2026-11-12")
    await case.must("outcomes", stage="acknowledgement", ended_on="2026-11-13")
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-20", outcome="not_upheld")
    await case.must("stages", stage="stage_2", started_on="2026-11-23")
    ended = await case.must("outcomes", stage="stage_2", ended_on="2026-12-01", outcome="not_upheld")
    assert ended["missing"] == ["ombudsman_details"]
    whole = await case.change("/stages/stage_2", ombudsman_told_on="2026-12-01")
    assert (whole["missing"], whole["stages"][2]["ombudsman_told_on"]) == ([], "2026-12-01")


async def test_what_was_added_to_a_stage_here_outlives_a_correction_by_its_source(
    feedback: Any, begin: Any, a_complaint: Any
) -> None:
    case = await begin(feedback)
    await case.change("/stages/stage_1", ombudsman_told_on="2026-11-13")
    sent = a_complaint(
        stages=[{"stage": "stage_1", "started_on": "2026-11-12", "ended_on": "2026-11-20", "outcome": "upheld"}]
    )
    found = (await case.client.post("/v1/complaints", json=sent)).json()
    assert (found["outcome"], found["stages"][0]["ombudsman_told_on"]) == ("upheld", "2026-11-13")


async def test_a_withdrawn_complaint_keeps_both_clocks_readable_run_by_run(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, received_on="2026-11-02")
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-06", outcome="withdrawn")
    again = await case.must("stages", stage="stage_1", started_on="2026-11-16")
    read = [
        {
            name: one[name]
            for name in ("run", "started_on", "ended_on", "outcome", "clock_starts_on", "working_days_used")
        }
        | {name: (one[name]["due_on"], one[name]["state"]) for name in ("statutory", "local")}
        for one in again["stages"]
    ]
    assert read == [
        {
            "run": 1, "started_on": "2026-11-02", "ended_on": "2026-11-06", "outcome": "withdrawn",
            "clock_starts_on": "2026-11-03", "working_days_used": 4,
            "statutory": ("2026-11-16", "met"), "local": ("2026-11-16", "met"),
        },
        {
            "run": 2, "started_on": "2026-11-16", "ended_on": None, "outcome": None,
            "clock_starts_on": "2026-11-17", "working_days_used": 5,
            "statutory": ("2026-11-30", "in_time"), "local": ("2026-11-30", "in_time"),
        },
    ]  # fmt: skip


async def test_it_may_be_put_again_within_a_year_of_the_end_of_the_proceedings(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2028, 3, 1, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.cannot("ended-proceedings", "not-set-aside", proceedings_ended_on="2027-01-15")
    stopped = await case.must("freezes", **{"from": "2026-11-20", "reason": "Proceedings.", "decided_by": "head-1"})
    assert (stopped["set_aside"][0]["decided_by"], stopped["set_aside"][0]["put_again_by"]) == ("head-1", None)
    over = await case.must("ended-proceedings", proceedings_ended_on="2027-01-15")
    assert over["set_aside"][0]["put_again_by"] == "2028-01-15"
    assert over["current"]["statutory"]["state"] == "set_aside"
    await case.cannot("resumptions", "put-again-too-late", to="2028-01-16")
    late = await case.must("resumptions", to="2028-01-16", resumed_because="She was ill all year.")
    assert late["set_aside"][0]["resumed_because"] == "She was ill all year."
    # Five working days had been used by 19 November; five more run from Monday 17 January.
    assert late["current"]["statutory"]["due_on"] == "2028-01-21"
