"""References that are one complaint, what a complaint said before, and views and compliments that are complaints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
PATH = "/v1/complaints/CSC-2026-0118"
OTHER = {"respond_ref": "CSC-2", "reason": "Keyed in twice."}
SEEN = {"If-Match": '"1"'}


@pytest.fixture
async def merged(feedback: Any, begin: Any, a_complaint: Make) -> Any:
    case = await begin(feedback)
    await case.client.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2", received_on="2026-11-16"))
    await case.must("merges", **OTHER)
    return case


async def test_R59_two_references_of_one_complaint_become_one(merged: Any) -> None:
    found = merged.answer.json()
    assert (found["references"], found["version"], found["respond_ref"]) == (
        ["CSC-2", "CSC-2026-0118"],
        2,
        "CSC-2026-0118",
    )
    led = await merged.client.get("/v1/complaints/CSC-2")
    assert (led.status_code, led.headers["location"]) == (303, PATH)
    assert (await merged.client.get(led.headers["location"])).json()["references"] == found["references"]
    listed = (await merged.client.get("/v1/complaints")).json()["items"]
    assert [one["respond_ref"] for one in listed] == ["CSC-2026-0118"]
    (kept,) = (await merged.client.get("/v1/complaints?status=merged")).json()["items"]
    assert (kept["respond_ref"], kept["overdue"], kept["missing"]) == ("CSC-2", False, [])


async def test_R59_the_old_references_export_changes_nothing_and_raises_nothing_from_the_dead(
    merged: Any, a_complaint: Make
) -> None:
    before = (await merged.client.get(PATH)).json()
    for changed in ({}, {}, {"themes": ["planning"]}):
        sent = a_complaint(respond_ref="CSC-2", received_on="2026-11-16", **changed)
        again = await merged.client.post("/v1/complaints", json=sent)
        assert (again.status_code, again.headers["location"], again.json()) == (200, PATH, before)
    assert (await merged.client.get(PATH)).json() == before
    assert len((await merged.client.get("/v1/complaints")).json()["items"]) == 1


async def test_a_merge_is_undone_with_a_reason_and_loses_nothing_sent_meanwhile(merged: Any, a_complaint: Make) -> None:
    sent = a_complaint(respond_ref="CSC-2", received_on="2026-11-16", themes=["planning"])
    await merged.client.post("/v1/complaints", json=sent)
    apart = await merged.must("separations", respond_ref="CSC-2", reason="Another child.")
    assert apart["references"] == ["CSC-2026-0118"]
    own = (await merged.client.get("/v1/complaints/CSC-2")).json()
    assert (own["status"], own["themes"], own["current"]["statutory"]["due_on"]) == ("open", ["planning"], "2026-11-30")
    history = (await merged.client.get("/v1/complaints/CSC-2/history")).json()["items"]
    assert [(one["version"], one["reason"]) for one in history] == [
        (4, "Another child."), (3, "source"), (2, "Keyed in twice."), (1, None),
    ]  # fmt: skip
    await merged.cannot("separations", "not-merged-here", respond_ref="CSC-2", reason="x")


async def test_a_merge_never_shortens_a_clock_or_hides_a_reference(
    feedback: Any, begin: Any, a_complaint: Make
) -> None:
    case = await begin(feedback)
    for ref, day in (("CSC-2", "2026-11-12"), ("CSC-3", "2026-11-13"), ("CSC-0", "2026-11-11")):
        await case.client.post("/v1/complaints", json=a_complaint(respond_ref=ref, received_on=day))
    await case.cannot("merges", "merge-refused", respond_ref="CSC-0", reason="x")
    await case.cannot("merges", "merge-refused", respond_ref="CSC-2026-0118", reason="x")
    await case.client.post("/v1/complaints/CSC-2/merges", json=OTHER | {"respond_ref": "CSC-3"}, headers=SEEN)
    await case.cannot("merges", "merge-refused", respond_ref="CSC-2", reason="x")
    await case.cannot("merges", "complaint-merged", respond_ref="CSC-3", reason="x")
    assert (await case.do("merges", respond_ref="CSC-9", reason="x")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"themes": []}),
        ("POST", "/outcomes", {"stage": "stage_1", "ended_on": "2026-11-20", "outcome": "upheld"}),
        ("POST", "/merges", {"respond_ref": "CSC-2026-0118", "reason": "x"}),
        ("POST", "/advocacy", {"offered_on": "2026-11-20", "answer": "declined"}),
    ],
)
async def test_a_merged_reference_is_not_worked_on(merged: Any, method: str, path: str, body: dict[str, Any]) -> None:
    headers = {"If-Match": '"2"'}
    answer = await merged.client.request(method, f"/v1/complaints/CSC-2{path}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/complaint-merged")


async def test_two_complaints_merged_into_one_another_at_once_are_merged_once(
    feedback: Any, begin: Any, a_complaint: Make
) -> None:
    case = await begin(feedback)
    await case.client.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2"))
    pairs = (("CSC-2026-0118", "CSC-2"), ("CSC-2", "CSC-2026-0118"))
    answers = await asyncio.gather(
        *(
            case.client.post(f"/v1/complaints/{into}/merges", json={"respond_ref": ref, "reason": "x"}, headers=SEEN)
            for into, ref in pairs
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_merged_complaint_is_counted_once_in_the_summary_and_reconciled_by_each_reference(merged: Any) -> None:
    summary = (await merged.client.get("/v1/summary?period=2026-11")).json()
    assert summary["complaints"]["received"] == 1
    span = {"from": "2026-11-01", "to": "2026-11-30", "complaints": ["CSC-2", "CSC-2026-0118"], "compliments": []}
    assert (await merged.client.post("/v1/reconciliation", json=span)).json()["agrees"] is True
    await merged.must("separations", respond_ref="CSC-2", reason="Another child.")
    assert (await merged.client.post("/v1/reconciliation", json=span)).json()["agrees"] is True


async def test_the_history_says_who_when_and_why_and_stays_in_its_unit(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.change(themes=["planning"], reason="It is about the plan.")
    page = (await case.client.get(f"{PATH}/history?limit=1")).json()
    (newest,) = page["items"]
    assert (newest["version"], newest["valid_to"], newest["changed_by"]) == (2, None, "test-complaints_manager")
    assert (newest["reason"], newest["changed"]) == ("It is about the plan.", ["themes"])
    (first,) = (await case.client.get(f"{PATH}/history?limit=1&after={page['next']}")).json()["items"]
    assert (first["version"], first["reason"], first["content"]["themes"]) == (1, None, [])
    assert first["valid_to"] == newest["valid_from"]
    elsewhere = await feedback.client("complaints_manager", unit="cwd_east")
    assert (await elsewhere.get(f"{PATH}/history")).status_code == 404
    assert (await (await feedback.client("qa_manager")).get(f"{PATH}/history")).status_code == 403


async def test_a_reference_of_another_unit_is_not_there_to_merge(feedback: Any, a_complaint: Make) -> None:
    admin = await feedback.client("admin")
    await admin.post("/v1/complaints", json=a_complaint(unit="cwd_east"))
    await admin.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2"))
    manager = await feedback.client("complaints_manager", unit="cwd_east")
    assert (await manager.post(f"{PATH}/merges", json=OTHER, headers=SEEN)).status_code == 404
    await admin.post(f"{PATH}/merges", json=OTHER, headers=SEEN)
    assert (await manager.post(f"{PATH}/separations", json=OTHER, headers={"If-Match": '"2"'})).status_code == 404
    own = await feedback.client("complaints_manager", unit="fs_weymouth")
    assert (await own.get("/v1/complaints/CSC-2")).status_code == 404, "it leads to a complaint of another unit"


async def test_R59_a_compliment_that_is_a_complaint_becomes_one(feedback: Any, a_compliment: Make) -> None:
    client = await feedback.client("complaints_manager")
    await client.post("/v1/compliments", json=a_compliment(themes=["communication"]))
    body = {
        "kind": "compliment",
        "ref": "CPL-2026-0051",
        "respond_ref": "CSC-9",
        "procedure": "statutory",
        "reason": "x",
    }
    made = await client.post("/v1/recategorisations", json=body)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/complaints/CSC-9")
    complaint = made.json()
    assert (complaint["received_on"], complaint["unit"]) == ("2026-10-09", "hearing_support")
    assert complaint["themes"] == ["communication"]
    assert complaint["became_from"] == [{"kind": "compliment", "ref": "CPL-2026-0051"}]
    again = await client.post("/v1/recategorisations", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-recategorised")
    assert (await client.get("/v1/compliments")).json()["items"] == []
    kept = (await client.get("/v1/compliments/CPL-2026-0051")).json()
    assert (kept["recategorised"], kept["allowed_actions"]) == (True, ["correct", "merge"])
    assert (await client.post("/v1/compliments", json=a_compliment(themes=[]))).status_code == 200
    assert (await client.get("/v1/compliments")).json()["items"] == [], "its export does not bring it back"
    assert (await client.get("/v1/summary?period=2026-10")).json()["compliments"] == 0


async def test_a_view_that_is_a_complaint_is_tied_to_the_one_that_exists(
    feedback: Any, a_view: Make, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view())).json()["id"]
    await client.post("/v1/complaints", json=a_complaint())
    body = {"kind": "view", "ref": view, "respond_ref": "CSC-2026-0118", "procedure": "statutory", "reason": "x"}
    tied = (await client.post("/v1/recategorisations", json=body)).json()
    assert (tied["became_from"], tied["version"]) == ([{"kind": "view", "ref": view}], 2)
    assert (await client.get(f"/v1/views/{view}")).status_code == 200, "a voice heard stays heard"
    elsewhere = await feedback.client("admin", unit="horizon")
    for asking, ref in ((client, "CPL-0"), (client, "00000000-0000-0000-0000-000000000000"), (elsewhere, view)):
        missing = await asking.post("/v1/recategorisations", json=body | {"ref": ref})
        assert [(fault["pointer"], fault["code"]) for fault in missing.json()["errors"]] == [("/ref", "unknown")]


async def test_a_recategorisation_by_mistake_is_undone_with_a_reason_and_can_be_made_again(
    feedback: Any, a_compliment: Make
) -> None:
    client = await feedback.client("complaints_manager")
    await client.post("/v1/compliments", json=a_compliment())
    body = {"kind": "compliment", "ref": "CPL-2026-0051", "respond_ref": "CSC-9"}
    body |= {"procedure": "statutory", "reason": "It complains."}
    assert "restore" in (await client.post("/v1/recategorisations", json=body)).json()["allowed_actions"]
    undo = {"kind": "compliment", "ref": "CPL-2026-0051", "reason": "It does not."}
    given = await client.post("/v1/complaints/CSC-9/restorations", json=undo, headers=SEEN)
    assert (given.status_code, given.json()["became_from"], given.json()["status"]) == (200, [], "open")
    again = await client.post("/v1/complaints/CSC-9/restorations", json=undo, headers={"If-Match": '"2"'})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-recategorised")
    assert len((await client.get("/v1/compliments")).json()["items"]) == 1
    assert (await client.get("/v1/compliments/CPL-2026-0051")).json()["recategorised"] is False
    assert (await client.get("/v1/summary?period=2026-10")).json()["compliments"] == 1
    history = (await client.get("/v1/complaints/CSC-9/history")).json()["items"]
    assert [(one["reason"], one["changed"]) for one in history] == [("It does not.", ["became_from"]), (None, [])]
    assert (await client.post("/v1/recategorisations", json=body)).json()["version"] == 3
