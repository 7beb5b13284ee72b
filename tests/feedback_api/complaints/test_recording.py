"""The feed from the complaints system."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.complaints.answers import ComplaintOut
from services.feedback_api.complaints.schemas import ComplaintIn
from services.feedback_api.models import Complaint, ComplaintHistory, ComplaintStage, table_of

Make = Callable[..., dict[str, Any]]
ENDED = {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "upheld"}


async def count(feedback: Any, model: type[Any]) -> int:
    async with feedback.database.snapshot() as session:
        found: int = (await session.execute(sa.select(sa.func.count()).select_from(table_of(model)))).scalar_one()
    return found


async def actions(feedback: Any) -> list[str]:
    await feedback.seal()
    items = (await (await feedback.client("admin")).get("/v1/activity?limit=500")).json()["items"]
    return [item["action"] for item in items if item["action"] != "framework.applied"]


async def test_R59_a_complaint_is_recorded_by_its_reference_with_both_clocks(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("complaints_manager")
    answer = await client.post("/v1/complaints", json=a_complaint())
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/complaints/CSC-2026-0118")
    complaint = answer.json()
    assert (complaint["status"], complaint["current"]["stage"]) == ("open", "stage_1")
    assert complaint["current"]["clock_starts_on"] == "2026-11-13"
    expected = {"working_days": 10, "due_on": "2026-11-26", "state": "in_time", "working_days_left": 3}
    assert complaint["current"]["statutory"] == complaint["current"]["local"] == expected
    assert (await client.get("/v1/complaints/CSC-2026-0118")).json() == complaint


async def test_the_documented_example_is_accepted(feedback: Any) -> None:
    client = await feedback.client("admin")
    (example,) = ComplaintIn.model_config["json_schema_extra"]["examples"]  # type: ignore[index,call-overload,misc]
    assert (await client.post("/v1/complaints", json=example)).status_code == 201


async def test_R59_the_same_export_loaded_three_times_changes_nothing(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("ingest_client")
    export = [a_complaint(respond_ref=f"CSC-{number}") for number in range(4)]
    export[1] |= {"received_on": "2026-10-05", "stages": [ENDED], "learning": "Ring first.", "improvement": "Rota."}
    export[2] |= {"eligible": False, "refusal_reason": "Over a year old."}
    export[3] |= {"set_aside": [{"from": "2026-11-16", "to": "2026-11-18", "reason": "In court."}]}
    further = {"working_days": 3, "reason": "A witness is away.", "granted_on": "2026-11-13"}
    export[3] |= {"stages": [{"stage": "stage_1", "started_on": "2026-11-12", "extensions": [further]}]}
    rounds = [[await client.post("/v1/complaints", json=row) for row in export] for _ in range(3)]
    assert [[answer.status_code for answer in one] for one in rounds] == [[201] * 4, [200] * 4, [200] * 4]
    assert [one.content for one in rounds[0]] == [one.content for one in rounds[2]]
    # What is written without the model is what the model would write.
    written = [ComplaintOut.model_validate_json(one.content).model_dump_json().encode() for one in rounds[0]]
    assert written == [one.content for one in rounds[0]]
    assert (await count(feedback, Complaint), await count(feedback, ComplaintHistory)) == (4, 0)
    assert await actions(feedback) == ["complaint.recorded"] * 4


async def test_R59_one_reference_posted_five_times_at_once_is_one_complaint(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    answers = await asyncio.gather(*(client.post("/v1/complaints", json=a_complaint()) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert (await count(feedback, Complaint), await count(feedback, ComplaintStage)) == (1, 1)


async def test_a_changed_complaint_is_corrected_and_what_it_said_is_kept(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    stage = {"stage": "stage_1", "started_on": "2026-11-12"}
    extension = {"working_days": 5, "reason": "A witness is away.", "granted_on": "2026-11-16"}
    await client.post("/v1/complaints", json=a_complaint(stages=[stage | {"extensions": [extension]}]))
    frozen = {"from": "2026-11-13", "to": "2026-11-13", "reason": "x"}
    for version, changed in (
        (2, a_complaint(themes=["communication"], set_aside=[frozen])),
        (3, a_complaint(stages=[stage | {"extensions": [extension, extension | {"working_days": 1}]}])),
        (4, a_complaint(stages=[stage], set_aside=[])),
    ):
        answer = await client.post("/v1/complaints", json=changed)
        assert (answer.status_code, answer.json()["version"]) == (200, version)
        due = {2: "2026-12-04", 3: "2026-12-07", 4: "2026-11-26"}[version]
        assert answer.json()["current"]["statutory"]["due_on"] == due
    assert answer.json()["themes"] == ["communication"], "what an export leaves out stays as it is"
    async with feedback.database.snapshot() as session:
        table = table_of(ComplaintHistory)
        kept = (await session.execute(sa.select(table).order_by(table.c.version))).all()
    assert [len(one.content["extensions"]) for one in kept] == [1, 1, 2]
    assert [len(one.content["freezes"]) for one in kept] == [0, 1, 1]


async def test_what_was_added_here_survives_the_same_export(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    sent = a_complaint(received_on="2026-10-05", stages=[ENDED])
    await client.post("/v1/complaints", json=sent)
    learned = {"learning": "Ring first.", "improvement": "A rota."}
    await client.patch("/v1/complaints/CSC-2026-0118", json=learned, headers={"If-Match": '"1"'})
    again = (await client.post("/v1/complaints", json=sent)).json()
    assert (again["version"], again["learning"], again["incomplete"]) == (2, "Ring first.", False)
    corrected = (await client.post("/v1/complaints", json=sent | {"themes": ["planning"]})).json()
    assert (corrected["version"], corrected["learning"]) == (3, "Ring first.")


async def test_R60_an_upheld_complaint_is_incomplete_without_learning_and_improvement(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("complaints_manager", subject="manager-1")
    whole = a_complaint(received_on="2026-10-05", stages=[ENDED])
    other = ENDED | {"outcome": "not_upheld"}
    await client.post("/v1/complaints", json=whole | {"learning": "Ring first."})
    await client.post("/v1/complaints", json=whole | {"respond_ref": "CSC-2", "stages": [other]})
    (row,) = (await client.get("/v1/complaints?incomplete=true")).json()["items"]
    assert (row["respond_ref"], row["missing"]) == ("CSC-2026-0118", ["improvement"])
    path = "/v1/complaints/CSC-2026-0118"
    after = await client.patch(path, json={"improvement": "A rota."}, headers={"If-Match": '"1"'})
    assert (after.json()["incomplete"], after.json()["missing"]) == (False, [])
    assert after.json()["learning_updated_at"] == "2026-11-23T09:00:00Z"
    assert (await client.get("/v1/complaints?incomplete=true")).json()["items"] == []


async def test_R62_complaints_are_tagged_by_agency_and_found_by_it(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/complaints", json=a_complaint(agency="dorset_police"))
    await client.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2"))
    found = (await client.get("/v1/complaints?agency=dorset_police")).json()["items"]
    assert [one["respond_ref"] for one in found] == ["CSC-2026-0118"]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"respond_ref": "a/b"}, "/respond_ref", "string_pattern_mismatch"),
        ({"procedure": "duel"}, "/procedure", "unknown_code"),
        ({"procedure": "corporate", "received_on": "2026-03-31"}, "/procedure", "not_in_force"),
        ({"unit": "nowhere"}, "/unit", "unknown_unit"),
        ({"agency": "kgb"}, "/agency", "unknown_code"),
        ({"agency": "nhs_dorset_ccg"}, "/agency", "not_in_force"),
        ({"themes": ["weather"]}, "/themes/0", "unknown_code"),
        ({"received_on": "2026-11-24"}, "/received_on", "in_future"),
        ({"stages": [{"stage": "stage_9", "started_on": "2026-11-12"}]}, "/stages/0/stage", "unknown_code"),
        ({"stages": [ENDED | {"ended_on": "2026-10-01"}]}, "/stages/0", "value_error"),
        (
            {"stages": [{"stage": "stage_1", "started_on": "2026-11-12", "outcome": "upheld"}]},
            "/stages/0",
            "value_error",
        ),
        ({"stages": [{"stage": "stage_1", "started_on": "2026-11-25"}]}, "/stages/0/started_on", "in_future"),
        ({"eligible": False}, "", "value_error"),
        ({"consent_given": False}, "", "value_error"),
        ({"set_aside": [{"from": "2026-11-14", "to": "2026-11-13", "reason": "x"}]}, "/set_aside/0", "value_error"),
        ({"set_aside": [{"from": "2026-11-01", "reason": "x"}]}, "/set_aside/0/from", "too_early"),
        ({"complainant": "x"}, "", "extra_forbidden"),
    ],
)
async def test_what_cannot_be_is_pointed_at(
    feedback: Any, a_complaint: Make, fields: dict[str, Any], pointer: str, code: str
) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/complaints", json=a_complaint(**fields))
    assert answer.status_code == 422
    assert (pointer, code) in {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}
    assert await count(feedback, Complaint) == 0


@pytest.mark.parametrize(
    ("stages", "problem"),
    [
        ([{"stage": "stage_2", "started_on": "2026-10-20"}], "stage-out-of-order"),
        ([ENDED, {"stage": "stage_3", "started_on": "2026-10-20"}], "stage-out-of-order"),
        ([ENDED, {"stage": "stage_2", "started_on": "2026-10-18"}], "stage-out-of-order"),
        ([ENDED, ENDED | {"started_on": "2026-10-19"}], "stage-out-of-order"),
        ([{"stage": "stage_1", "started_on": "2026-10-04"}], "stage-out-of-order"),
        ([{"stage": "stage_1", "started_on": "2026-10-05"}, {"stage": "stage_2", "started_on": "2026-10-20"}],
         "stage-out-of-order"),
    ],
)  # fmt: skip
async def test_stages_that_cannot_follow_each_other_are_refused(
    feedback: Any, a_complaint: Make, stages: list[dict[str, Any]], problem: str
) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/complaints", json=a_complaint(received_on="2026-10-05", stages=stages))
    assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{problem}")


async def test_a_stage_left_out_with_a_reason_is_accepted(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    stage = {"stage": "stage_2", "started_on": "2026-11-13", "accepted_because": "Agreed with the complainant."}
    answer = await client.post("/v1/complaints", json=a_complaint(stages=[stage]))
    assert (answer.status_code, answer.json()["current"]["statutory"]["state"]) == (201, "not_started")


async def test_two_intervals_that_share_a_day_are_refused(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    one = {"from": "2026-11-13", "to": "2026-11-16", "reason": "x"}
    answer = await client.post("/v1/complaints", json=a_complaint(set_aside=[one, one | {"from": "2026-11-16"}]))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-set-aside")


async def test_a_complaint_not_taken_up_keeps_its_reason_and_has_no_clock(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    sent = a_complaint(consent_given=False, refusal_reason="The young person does not want it.")
    complaint = (await client.post("/v1/complaints", json=sent)).json()
    assert (complaint["status"], complaint["stages"], complaint["current"]) == ("refused", [], None)
    assert len((await client.get("/v1/complaints?status=refused")).json()["items"]) == 1


async def test_the_corporate_procedure_moves_on_by_itself_after_the_acknowledgement(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    acknowledged = {"stage": "acknowledgement", "started_on": "2026-11-12", "ended_on": "2026-11-16"}
    complaint = (
        await client.post("/v1/complaints", json=a_complaint(procedure="corporate", stages=[acknowledged]))
    ).json()
    assert [stage["stage"] for stage in complaint["stages"]] == ["acknowledgement", "stage_1"]
    assert complaint["stages"][0]["local"]["state"] == "met"
    assert complaint["current"]["statutory"]["due_on"] == "2026-11-30"


async def test_a_conference_complaint_has_a_target_and_no_statutory_limit(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    sent = a_complaint(procedure="conference", received_on="2026-11-02")
    complaint = (await client.post("/v1/complaints", json=sent)).json()
    assert complaint["current"]["statutory"] is None
    assert complaint["current"]["local"] == {
        "working_days": 10, "due_on": "2026-11-16", "state": "past", "working_days_left": -5,
    }  # fmt: skip
    (row,) = (await client.get("/v1/complaints?overdue=true")).json()["items"]
    assert (row["overdue"], row["past_target"]) == (True, True)


async def test_only_whoever_sent_it_or_who_handles_complaints_may_correct_it(feedback: Any, a_complaint: Make) -> None:
    sender = await feedback.client("ingest_client")
    await sender.post("/v1/complaints", json=a_complaint())
    changed = a_complaint(themes=["planning"])
    other = await feedback.client("practitioner")
    refused = await other.post("/v1/complaints", json=changed)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/complaint-reference-in-use")
    elsewhere = await feedback.client("complaints_manager", unit="cwd_east")
    assert (await elsewhere.post("/v1/complaints", json=a_complaint(unit="cwd_east"))).status_code == 409
    assert (await sender.post("/v1/complaints", json=changed)).status_code == 200
    manager = await feedback.client("complaints_manager")
    assert (await manager.post("/v1/complaints", json=a_complaint(themes=[]))).status_code == 200


async def test_a_system_that_only_sends_is_not_given_the_words(feedback: Any, a_complaint: Make) -> None:
    sender = await feedback.client("ingest_client")
    sent = a_complaint(received_on="2026-10-05", stages=[ENDED], learning="Ring first.", improvement="A rota.")
    complaint = (await sender.post("/v1/complaints", json=sent)).json()
    assert (complaint["learning"], complaint["words_withheld"], complaint["incomplete"]) == (None, True, False)
    assert complaint["allowed_actions"] == []


async def test_identifiers_are_warned_of_or_refused(start: Any, a_complaint: Make) -> None:
    sent = a_complaint(received_on="2026-10-05", stages=[ENDED], learning="Ring 07700 900123")
    feedback = await start("feedback")
    complaint = (await (await feedback.client("admin")).post("/v1/complaints", json=sent)).json()
    assert complaint["warnings"] == [{"pointer": "/learning", "code": "phone"}]
    frozen = {"from": "2026-11-13", "reason": "Ring 07700 900123"}
    warned = (await (await feedback.client("admin")).post("/v1/complaints", json=sent | {"set_aside": [frozen]})).json()
    assert {"pointer": "/set_aside/0/reason", "code": "phone"} in warned["warnings"]
    refusing = await start("feedback", free_text_identifiers="refuse")
    hidden = a_complaint(set_aside=[frozen])
    refused = await (await refusing.client("admin")).post("/v1/complaints", json=hidden)
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/set_aside/0/reason"]
    assert (await (await refusing.client("admin")).post("/v1/complaints", json=sent)).status_code == 422
