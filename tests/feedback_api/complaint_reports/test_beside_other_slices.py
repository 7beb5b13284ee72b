"""What the complaints report takes from the other parts of the service (R59, R60, R62)."""

from __future__ import annotations

from typing import Any

from tests.feedback_api.complaint_reports.conftest import QUARTER

EDITIONS = "/v1/complaints/reports/editions"


async def test_R60_a_compliment_that_was_merged_or_is_a_complaint_is_not_counted(
    autumn: Any, a_compliment: Any, read: Any
) -> None:
    client = await autumn.client("complaints_manager")
    for ref in ("K", "L", "M"):
        await client.post("/v1/compliments", json=a_compliment(respond_ref=ref, received_on="2026-07-01"))
    merge = {"respond_ref": "L", "reason": "Keyed in twice."}
    done = await client.post("/v1/compliments/K/merges", json=merge, headers={"If-Match": '"1"'})
    assert done.status_code == 200, done.text
    body = {"kind": "compliment", "ref": "M", "respond_ref": "C-1", "procedure": "statutory", "reason": "It complains."}
    assert (await client.post("/v1/recategorisations", json=body)).status_code == 201
    await client.post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn)
    assert (found["compliments"]["received"], found["complaints"]["received"]) == (1, 1)


async def test_R60_learning_still_missing_is_told_by_whoever_is_named_for_it_and_else_the_head(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    owed = {"learning_owner": "t.quince", "learning_due_on": "2026-09-30"}
    await post(autumn, closed("A"), closed("B", **owed), closed("C", **owed), closed("D", learning="Ring back."))
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    owners = (await read(autumn))["learning"]["missing_by_owner"]
    assert [(one["owner"], one["count"], [row["respond_ref"] for row in one["complaints"]]) for one in owners] == [
        ("t.quince", 2, ["B", "C"]),
        ("Family Support Manager", 2, ["A", "D"]),
    ]
    assert [row["due_on"] for row in owners[0]["complaints"]] == ["2026-09-30"] * 2
    (of_others,) = (await read(autumn, "analyst"))["learning"]["missing_by_owner"]
    assert (of_others["owner"], of_others["count"], of_others["complaints"]) == ("Family Support Manager", 4, None)


async def test_R60_a_stage_left_by_agreement_was_not_answered_in_time(
    autumn: Any, a_complaint: Any, post: Any, read: Any
) -> None:
    started = [{"stage": "stage_1", "started_on": "2026-07-01"}]
    await post(autumn, a_complaint(respond_ref="A", received_on="2026-07-01", stages=started))
    client = await autumn.client("complaints_manager")
    agreed = {"stage": "stage_2", "because": "agreed", "started_on": "2026-07-06", "reason": "Both sides want it."}
    answer = await client.post("/v1/complaints/A/escalations", json=agreed, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    await client.post(EDITIONS, json={"period": QUARTER})
    first = (await read(autumn))["complaints"]["stages"][0]
    assert (first["ended"], first["within_statutory"], first["within_target"], first["escalated"]) == (1, 0, 0, 1)
    assert (first["past_statutory"], first["median_days"]) == (0, None)


async def test_R60_enquiries_remedies_and_recommendations_are_counted_as_at_the_end_of_the_period(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    await post(autumn, closed("A"))
    client = await autumn.client("complaints_manager")
    remedy = {
        "kind": "apology", "from_source": "agreed", "description": "A letter.", "owner": "head-1",
        "promised_on": "2026-08-10",
    }  # fmt: skip
    advice = {"from_source": "stage", "stage": "stage_1", "made_on": "2026-08-03", "words": "Tell families first."}
    accepted = {"answer": "accepted", "answered_on": "2026-08-20", "owner": "head-1"}
    enquiry = {"received_on": "2026-08-20", "response_due_on": "2026-09-10"}
    sent = [
        ("remedies", remedy | {"due_on": "2026-09-01", "done_on": "2026-08-31", "evidence": "Sent."}),
        ("remedies", remedy | {"due_on": "2026-09-01", "done_on": "2026-09-02", "evidence": "Sent."}),
        # Done on the day after the period: on its last day it was overdue.
        ("remedies", remedy | {"due_on": "2026-09-02", "done_on": "2026-10-01", "evidence": "Sent."}),
        ("recommendations", advice),
        ("recommendations", advice | accepted | {"due_on": "2026-09-15"}),
        ("ombudsman-enquiries", enquiry | {"reference": "LGSCO 1"}),
        (
            "ombudsman-enquiries",
            enquiry
            | {"reference": "LGSCO 2", "response_sent_on": "2026-09-01", "decided_on": "2026-09-20"}
            | {"decision": "upheld", "fault_found": True, "injustice_found": True},
        ),
    ]
    for path, body in sent:
        answer = await client.post(f"/v1/complaints/A/{path}", json=body)
        assert answer.status_code == 201, answer.text
    await client.post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn)
    assert found["enquiries"] == {"received": 2, "decided": 1, "upheld": 1, "overdue": 1}
    assert found["remedies"] == {
        "promised": 3, "done_in_time": 1, "done_late": 1, "overdue": 1,
    }  # fmt: skip
    assert found["recommendations"] == {
        "made": 2, "accepted": 1, "rejected": 0, "done_in_time": 0, "done_late": 0, "overdue": 1,
    }  # fmt: skip
    service = await read(autumn, query=f"period={QUARTER}&unit=family_support")
    assert service["remedies"] == found["remedies"]
    elsewhere = await read(autumn, query=f"period={QUARTER}&unit=cwd_west")
    assert not any(elsewhere["remedies"].values()) and not any(elsewhere["enquiries"].values())


async def test_R62_whoever_reads_no_cases_is_given_learning_that_was_approved_and_no_other_words(
    autumn: Any, closed: Any, post: Any, read: Any, approve_learning: Any
) -> None:
    lesson = {"learning": "Inside words.", "improvement": "Inside too.", "shared_learning": "Say who will ring."}
    await post(autumn, closed("A", **lesson), closed("B", shared_learning="Nobody approved this."))
    client = await autumn.client("qa_manager")
    (_, second) = (await client.get("/v1/quotations?status=proposed")).json()["items"]
    await client.post(f"/v1/quotations/{second['id']}/refusals", json={"reason": "No."}, headers={"If-Match": '"1"'})
    await approve_learning(autumn)
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn, "analyst")
    told = [{"agency": None, "themes": [], "text": "Say who will ring."}]
    assert (found["learning"]["approved"], found["learning"]["learned"]) == (told, None)
    assert "Inside" not in str(found) and "Nobody approved" not in str(found)
    of_few = await read(autumn, "analyst", f"period={QUARTER}&unit=fs_weymouth")
    assert of_few["learning"]["approved"] == [], "of so few complaints it would say whose it is"
