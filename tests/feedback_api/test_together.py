"""What one part of the service decides holds in the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[..., dict[str, Any]]
QUARTER = "FY2026-27-Q3"
WORDS = "She rang before every visit."


async def readable(feedback: Any) -> list[str]:
    """The words boards may read of the quarter."""
    client = await feedback.client("head_of_service")
    items = (await client.get(f"/v1/approved-words?period={QUARTER}")).json()["items"]
    return [one["text"] for one in items]


async def crowd(feedback: Any, a_view: Make) -> None:
    """Enough who spoke that nobody is told apart."""
    sent = {"items": [a_view(given_on="2026-11-23") for _ in range(6)]}
    assert (await (await feedback.client("admin")).post("/v1/views/imports", json=sent)).status_code == 200


async def propose(feedback: Any, kind: str, ref: str, field: str) -> Any:
    client = await feedback.client("qa_manager", subject="first.person")
    return await client.post(
        "/v1/quotations",
        json={"subject_kind": kind, "subject_ref": ref, "field": field, "consent": "anonymous"},
    )


async def approve(feedback: Any, quotation: str) -> Any:
    client = await feedback.client("qa_manager", subject="second.person")
    path = f"/v1/quotations/{quotation}/approvals"
    return await client.post(path, json={"audience": "boards"}, headers={"If-Match": '"1"'})


async def share(feedback: Any, kind: str, ref: str, field: str) -> str:
    proposed = await propose(feedback, kind, ref, field)
    assert proposed.status_code == 201, proposed.text
    approved = await approve(feedback, proposed.json()["id"])
    assert approved.status_code == 200, approved.text
    return str(proposed.json()["id"])


async def test_what_was_sent_without_a_login_is_quoted_and_counted_only_once_it_is_a_view(
    feedback: Any, a_view: Make
) -> None:
    client = await feedback.client("admin")
    batch = {"count": 10, "unit": "fs_weymouth", "channel": "questionnaires", "respondent_group": "parent_carer"}
    issued = await client.post("/v1/token-batches", json=batch)
    assert issued.status_code == 201, issued.text
    said = {"token": issued.json()["tokens"][0], "what_works": WORDS}
    public = await feedback.client(None)
    assert (await public.post("/v1/public/views", json=said | {"consent": "anonymous"})).status_code == 202
    (waiting,) = (await client.get("/v1/public-submissions?state=waiting")).json()["items"]
    assert (await propose(feedback, "view", waiting["id"], "what_works")).status_code == 404

    async def silent() -> bool:
        return "questionnaires" in (await client.get(f"/v1/coverage?period={QUARTER}")).json()["silent_channels"]

    assert await silent()
    released = await client.post(
        f"/v1/public-submissions/{waiting['id']}/releases", json={"sentiment": "positive"}, headers={"If-Match": '"1"'}
    )
    assert released.status_code == 200, released.text
    assert not await silent()
    await crowd(feedback, a_view)
    await share(feedback, "view", released.json()["view_id"], "what_works")
    assert await readable(feedback) == [WORDS]


async def test_a_view_that_may_no_longer_be_shared_takes_its_approved_words_with_it(
    feedback: Any, a_view: Make
) -> None:
    await crowd(feedback, a_view)
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view(what_works=WORDS, given_on="2026-11-23"))).json()
    quotation = await share(feedback, "view", view["id"], "what_works")
    assert await readable(feedback) == [WORDS]
    changed = await client.patch(
        f"/v1/views/{view['id']}", json={"consent": "internal_only"}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    assert await readable(feedback) == []
    assert (await client.get(f"/v1/quotations/{quotation}")).json()["status"] == "withdrawn"
    assert (await propose(feedback, "view", view["id"], "what_works")).json()["type"] == "/problems/consent-forbids"


async def test_words_approved_of_a_complaint_go_when_it_is_merged(
    feedback: Any, a_complaint: Make, approve_learning: Any
) -> None:
    client = await feedback.client("complaints_manager")
    for ref, words in (("A", "Say who will ring."), ("B", "Say who will call.")):
        body = a_complaint(respond_ref=ref, shared_learning=words)
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    quotations = await approve_learning()
    feed = (await client.get("/v1/shared-learning")).json()["items"]
    assert {one["learning"] for one in feed} == {"Say who will ring.", "Say who will call."}
    merge = {"respond_ref": "B", "reason": "Keyed in twice."}
    assert (await client.post("/v1/complaints/A/merges", json=merge, headers={"If-Match": '"1"'})).status_code == 200
    assert [one["learning"] for one in (await client.get("/v1/shared-learning")).json()["items"]] == [
        "Say who will ring."
    ]
    statuses = {(await client.get(f"/v1/quotations/{one}")).json()["status"] for one in quotations}
    assert statuses == {"approved", "withdrawn"}


async def test_a_flag_raised_after_approval_takes_the_words_out_of_every_reading_until_it_is_decided(
    feedback: Any, a_complaint: Make, approve_learning: Any
) -> None:
    client = await feedback.client("complaints_manager")
    await client.post("/v1/complaints", json=a_complaint(shared_learning="Say who will ring."))
    await approve_learning()
    path = "/v1/complaints/CSC-2026-0118"
    remedy = {
        "kind": "apology", "from_source": "agreed", "description": "She says he hits me at home.", "owner": "head-1",
        "promised_on": "2026-11-16", "due_on": "2026-12-01",
    }  # fmt: skip
    assert (await client.post(f"{path}/remedies", json=remedy)).status_code == 201
    assert (await client.get("/v1/shared-learning")).json()["items"] == []
    duty = await feedback.client("duty_officer")
    (flag,) = (await duty.get("/v1/safeguarding-flags")).json()["items"]
    told = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert {"field": "remedies/0/description", "text": remedy["description"]} in told["words"]
    outcome = {"outcome": "already_known", "note": "Those who work with her know."}
    decided = await duty.post(
        f"/v1/safeguarding-flags/{flag['id']}/outcomes", json=outcome, headers={"If-Match": f'"{flag["version"]}"'}
    )
    assert decided.status_code == 200, decided.text
    assert [one["learning"] for one in (await client.get("/v1/shared-learning")).json()["items"]] == [
        "Say who will ring."
    ]


async def test_what_an_agency_shares_waits_for_the_duty_role_where_it_reads_like_harm(feedback: Any) -> None:
    client = await feedback.client("complaints_manager")
    lesson = {
        "agency": "dorset_police", "source_ref": "L-1", "learned_on": "2026-11-02",
        "learning": "A girl said he hits me.",
    }  # fmt: skip
    assert (await client.post("/v1/shared-learning", json=lesson)).status_code == 201
    assert (await client.get("/v1/shared-learning")).json()["items"] == []
    (flag,) = (await (await feedback.client("duty_officer")).get("/v1/safeguarding-flags")).json()["items"]
    assert (flag["subject_kind"], flag["unit"]) == ("agency_learning", None)


async def test_the_note_of_a_link_stays_until_the_duty_role_has_decided_on_it(feedback: Any) -> None:
    client = await feedback.client("head_of_service")
    body = {"action_ref": "ACT-1", "unit": "fs_weymouth", "theme": "communication", "note": "He hits me, she said."}
    link = (await client.post("/v1/weaknesses/links", json=body)).json()
    kept = await client.delete(f"/v1/weaknesses/links/{link['id']}")
    assert (kept.status_code, kept.json()["type"]) == (409, "/problems/note-not-read")
