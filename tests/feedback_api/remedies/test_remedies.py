"""What follows a complaint: the ombudsman's enquiries, remedies and recommendations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from shared.tables import read_log

Make = Callable[..., dict[str, Any]]
PATH = "/v1/complaints/CSC-2026-0118"
ENQUIRY = {
    "reference": "LGSCO 26 001 234",
    "received_on": "2026-11-16",
    "response_due_on": "2026-11-20",
    "owner": "c-1",
}
REMEDY = {
    "kind": "apology", "from_source": "stage", "stage": "stage_1", "description": "A letter by the head of service.",
    "owner": "head-1", "promised_on": "2026-11-16", "due_on": "2026-11-20",
}  # fmt: skip
ADVICE = {"from_source": "stage", "stage": "stage_1", "made_on": "2026-11-16", "words": "Tell families first."}
KINDS = [("ombudsman-enquiries", ENQUIRY), ("remedies", REMEDY), ("recommendations", ADVICE)]


class Desk:
    """A complaint and what is put under it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def add(self, path: str, body: dict[str, Any], status: int = 201) -> Any:
        answer = await self.client.post(f"{PATH}/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def change(self, path: str, one: Any, status: int = 200, **body: Any) -> Any:
        headers = {"If-Match": f'"{one["version"]}"'}
        answer = await self.client.patch(f"/v1/{path}/{one['id']}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def desk(feedback: Any, a_complaint: Make) -> Desk:
    client = await feedback.client("complaints_manager")
    assert (await client.post("/v1/complaints", json=a_complaint())).status_code == 201
    return Desk(client)


async def test_R59_an_enquiry_of_the_ombudsman_is_answered_and_decided(desk: Desk) -> None:
    asked = await desk.add("ombudsman-enquiries", ENQUIRY)
    assert (asked["status"], asked["overdue"], asked["respond_ref"]) == ("to_answer", True, "CSC-2026-0118")
    sent = await desk.change("ombudsman-enquiries", asked, response_sent_on="2026-11-20")
    assert (sent["status"], sent["overdue"]) == ("answered", False)
    half = await desk.change("ombudsman-enquiries", sent, 422, decision="upheld")
    assert [fault["pointer"] for fault in half["errors"]] == ["/decided_on"]
    decided = await desk.change(
        "ombudsman-enquiries", sent, decision="upheld", decided_on="2026-11-23", fault_found=True
    )
    assert (decided["status"], decided["decision"], decided["fault_found"]) == ("decided", "upheld", True)
    again = await desk.add("ombudsman-enquiries", ENQUIRY, 409)
    assert again["type"] == "/problems/enquiry-reference-in-use"


async def test_R59_a_payment_is_promised_and_made_with_its_evidence(desk: Desk) -> None:
    payment = REMEDY | {"kind": "payment", "amount_pence": 15_000}
    for body, pointer in (
        (REMEDY | {"amount_pence": 1}, "/amount_pence"),
        (REMEDY | {"kind": "payment"}, "/amount_pence"),
    ):
        assert [fault["pointer"] for fault in (await desk.add("remedies", body, 422))["errors"]] == [pointer]
    owed = await desk.add("remedies", payment)
    assert (owed["status"], owed["overdue"], owed["amount_pence"]) == ("promised", True, 15_000)
    bare = await desk.change("remedies", owed, 422, done_on="2026-11-23")
    assert [fault["pointer"] for fault in bare["errors"]] == ["/evidence"]
    silent = await desk.change("remedies", owed, 422, due_on="2026-12-04")
    assert [fault["pointer"] for fault in silent["errors"]] == ["/reason"]
    moved = await desk.change("remedies", owed, due_on="2026-12-04", reason="The bank asks again.")
    paid = await desk.change("remedies", moved, done_on="2026-11-23", evidence="Payment run 47.")
    assert (paid["status"], paid["overdue"], paid["version"]) == ("done", False, 3)
    late = await desk.change("remedies", paid, 422, withdrawn_because="x")
    assert [fault["pointer"] for fault in late["errors"]] == ["/withdrawn_because"]


async def test_a_remedy_is_withdrawn_only_with_a_reason(desk: Desk) -> None:
    owed = await desk.add("remedies", REMEDY)
    gone = await desk.change("remedies", owed, withdrawn_because="The family does not want a letter.")
    assert (gone["status"], gone["overdue"], gone["allowed_actions"]) == ("withdrawn", False, ["correct"])
    for name in ("owner", "description", "due_on"):
        emptied = await desk.change("remedies", gone, 422, **{name: None}, reason="x")
        assert f"/{name}" in [fault["pointer"] for fault in emptied["errors"]]


async def test_R59_a_recommendation_is_accepted_with_owner_and_day_or_rejected_with_a_reason(desk: Desk) -> None:
    made = await desk.add("recommendations", ADVICE)
    assert (made["status"], made["allowed_actions"]) == ("to_answer", ["correct", "answer"])
    bare = await desk.change("recommendations", made, 422, answer="accepted", answered_on="2026-11-18")
    assert [fault["pointer"] for fault in bare["errors"]] == ["/owner", "/due_on"]
    bare = await desk.change("recommendations", made, 422, answer="rejected", answered_on="2026-11-18")
    assert [fault["pointer"] for fault in bare["errors"]] == ["/answer_reason"]
    early = await desk.change("recommendations", made, 422, done_on="2026-11-18", evidence="x")
    assert [fault["pointer"] for fault in early["errors"]] == ["/done_on"]
    accepted = await desk.change(
        "recommendations", made, answer="accepted", answered_on="2026-11-18", owner="head-1", due_on="2026-11-20"
    )
    assert (accepted["status"], accepted["overdue"]) == ("accepted", True)
    done = await desk.change("recommendations", accepted, done_on="2026-11-23", evidence="Team brief of 23 November.")
    assert (done["status"], done["overdue"]) == ("done", False)


@pytest.mark.parametrize(
    ("path", "changes", "pointer"),
    [
        ("remedies", {"stage": None}, "/stage"),
        ("remedies", {"stage": "stage_2"}, "/stage"),
        ("remedies", {"from_source": "agreed"}, "/stage"),
        ("remedies", {"from_source": "ombudsman", "stage": None}, "/enquiry_id"),
        ("remedies", {"promised_on": "2026-11-24"}, "/promised_on"),
        ("remedies", {"due_on": "2026-11-13"}, "/due_on"),
        ("remedies", {"promised_on": "2026-11-11"}, "/promised_on"),
        ("recommendations", {"made_on": "2026-11-24"}, "/made_on"),
        ("recommendations", {"enquiry_id": "00000000-0000-0000-0000-000000000000"}, "/enquiry_id"),
        ("ombudsman-enquiries", {"decided_on": "2026-11-20"}, "/decision"),
        ("ombudsman-enquiries", {"response_sent_on": "2026-11-13"}, "/response_sent_on"),
        ("ombudsman-enquiries", {"received_on": "2026-11-24"}, "/received_on"),
    ],
)
async def test_what_cannot_be_is_pointed_at(desk: Desk, path: str, changes: dict[str, Any], pointer: str) -> None:
    answer = await desk.add(path, dict(KINDS)[path] | changes, 422)
    assert pointer in [fault["pointer"] for fault in answer["errors"]]


async def test_what_the_ombudsman_recommends_names_its_enquiry(desk: Desk) -> None:
    enquiry = await desk.add("ombudsman-enquiries", ENQUIRY)
    origin = {"from_source": "ombudsman", "stage": None, "enquiry_id": enquiry["id"]}
    for path, body in KINDS[1:]:
        assert (await desk.add(path, body | origin))["enquiry_id"] == enquiry["id"]


@pytest.mark.parametrize(("path", "body"), KINDS)
async def test_each_is_listed_by_where_it_stands_and_stays_in_its_unit(
    feedback: Any, desk: Desk, path: str, body: dict[str, Any]
) -> None:
    one = await desk.add(path, body)

    async def count(query: str) -> int:
        answer = await desk.client.get(f"/v1/{path}?{query}")
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert await count("") == await count(f"status={one['status']}") == await count("respond_ref=CSC-2026-0118") == 1
    assert await count(f"overdue={str(one['overdue']).lower()}") == 1
    assert await count(f"owner={one['owner'] or 'nobody'}") == (1 if one["owner"] else 0)
    assert await count("unit=cwd_east") == await count("respond_ref=CSC-1") == 0
    assert (await desk.client.get(f"/v1/{path}/{one['id']}")).json() == one
    elsewhere = await feedback.client("complaints_manager", unit="cwd_east")
    seen = {"If-Match": '"1"'}
    assert (await elsewhere.get(f"/v1/{path}/{one['id']}")).status_code == 404
    assert (await elsewhere.get(f"/v1/{path}/{one['id']}/history")).status_code == 404
    assert (await elsewhere.patch(f"/v1/{path}/{one['id']}", json={}, headers=seen)).status_code == 404
    assert (await elsewhere.post(f"{PATH}/{path}", json=body)).status_code == 404
    assert (await elsewhere.get(f"/v1/{path}")).json()["items"] == []
    practitioner = await feedback.client("practitioner")
    assert (await practitioner.get(f"/v1/{path}")).status_code == 403
    assert (await practitioner.post(f"{PATH}/{path}", json=body)).status_code == 403
    assert (await desk.client.patch(f"/v1/{path}/{one['id']}", json={})).status_code == 428


async def test_what_follows_a_merged_reference_stands_under_the_one_it_leads_to(desk: Desk, a_complaint: Make) -> None:
    await desk.client.post("/v1/complaints", json=a_complaint(respond_ref="CSC-0", received_on="2026-11-02"))
    owed = await desk.add("remedies", REMEDY)
    body = {"respond_ref": "CSC-2026-0118", "reason": "The same."}
    merged = await desk.client.post("/v1/complaints/CSC-0/merges", json=body, headers={"If-Match": '"1"'})
    assert merged.status_code == 200, merged.text
    assert (await desk.client.get(f"/v1/remedies/{owed['id']}")).json()["respond_ref"] == "CSC-0"
    groups = (await desk.client.get("/v1/complaints/worklist")).json()["groups"]
    (item,) = next(group["items"] for group in groups if group["code"] == "remedies_overdue")
    assert item == {"respond_ref": "CSC-0", "unit": "fs_weymouth", "due_on": "2026-11-20", "owner": "head-1"}
    refused = await desk.add("remedies", REMEDY, 409)
    assert refused["type"] == "/problems/merged-elsewhere"


async def test_every_change_is_kept_and_told_without_a_word(feedback: Any, desk: Desk) -> None:
    canary = "zebracanary"
    owed = await desk.add("remedies", REMEDY | {"description": canary})
    await desk.change("remedies", owed, due_on="2026-12-01", reason=canary)
    newest, first = (await desk.client.get(f"/v1/remedies/{owed['id']}/history")).json()["items"]
    assert (newest["changed"], newest["reason"], first["content"]["due_on"]) == (["due_on"], canary, "2026-11-20")
    await feedback.seal()
    deeds = (await (await feedback.client("admin")).get("/v1/activity")).json()["items"]
    told = [deed for deed in deeds if deed["action"].startswith("remedy.")]
    assert [deed["action"] for deed in told] == ["remedy.recorded", "remedy.changed"]
    assert told[1]["data"]["due_on"] == "2026-12-01"
    assert canary not in str(told)
    await desk.client.get(f"/v1/remedies/{owed['id']}")
    async with feedback.database.snapshot() as session:
        reads = (await session.execute(sa.select(read_log.c.operation))).scalars().all()
    assert reads == ["list_remedy_versions", "get_remedy"]


async def test_what_is_owed_becomes_overdue_as_days_pass(feedback: Any, desk: Desk) -> None:
    await desk.add("remedies", REMEDY | {"due_on": "2026-11-23"})
    for days, count in ((0, 0), (1, 1)):
        feedback.clock.advance(timedelta(days=days))
        assert len((await desk.client.get("/v1/remedies?overdue=true")).json()["items"]) == count


async def test_R60_what_was_promised_and_kept_is_counted_for_a_period(feedback: Any, desk: Desk) -> None:
    payment = REMEDY | {"kind": "payment", "amount_pence": 15_000, "done_on": "2026-11-20", "evidence": "Run 47."}
    for body in (payment, payment | {"done_on": "2026-11-23"}, REMEDY, REMEDY | {"due_on": "2026-12-01"}):
        await desk.add("remedies", body)
    accepted = {"answer": "accepted", "answered_on": "2026-11-17", "owner": "head-1", "due_on": "2026-11-18"}
    rejected = {"answer": "rejected", "answered_on": "2026-11-17", "answer_reason": "Not ours."}
    for body in (ADVICE, ADVICE | accepted, ADVICE | rejected):
        await desk.add("recommendations", body)
    await desk.add("ombudsman-enquiries", ENQUIRY)
    decided = {"response_sent_on": "2026-11-18", "decision": "not_upheld", "decided_on": "2026-11-20"}
    await desk.add("ombudsman-enquiries", ENQUIRY | decided | {"reference": "LGSCO 26 001 235"})
    head = await feedback.client("head_of_service")
    counted = (await head.get("/v1/remedies/compliance?period=FY2026-27")).json()
    assert counted["enquiries"] == {
        "received": 2, "answered_in_time": 1, "answered_late": 0, "overdue": 1, "decisions": {"not_upheld": 1},
    }  # fmt: skip
    assert counted["remedies"] == {
        "promised": 4, "done_in_time": 1, "done_late": 1, "overdue": 1, "withdrawn": 0,
        "kinds": {"apology": 2, "payment": 2}, "paid_pence": 30_000,
    }  # fmt: skip
    assert counted["recommendations"] == {
        "made": 3, "to_answer": 1, "accepted": 1, "rejected": 1, "done_in_time": 0, "done_late": 0, "overdue": 1,
    }  # fmt: skip
    for query in ("period=2026-10", "period=2026-11&unit=cwd_east"):
        other = (await head.get(f"/v1/remedies/compliance?{query}")).json()
        assert (other["enquiries"]["received"], other["remedies"]["promised"], other["remedies"]["kinds"]) == (0, 0, {})
    assert (await head.get("/v1/remedies/compliance?period=AY2026-27-T1")).status_code == 422
    practitioner = await feedback.client("practitioner")
    assert (await practitioner.get("/v1/remedies/compliance?period=2026-11")).status_code == 403
