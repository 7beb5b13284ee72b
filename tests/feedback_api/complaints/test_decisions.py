"""Whether a complaint is taken up, by whom that was decided, and which procedure it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
WHO = {"decided_by": "officer-2", "decided_on": "2026-11-16"}
REFUSAL = {"about": "eligibility", "accepted": False, "reason": "A neighbour.", "refusal_code": "not_entitled"}


async def test_R59_who_decided_on_eligibility_and_consent_and_when_is_kept(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.must("decisions", about="eligibility", accepted=True, **WHO)
    consent = WHO | {"decided_on": "2026-11-17", "decided_by": "officer-3"}
    found = await case.must("decisions", about="consent", accepted=True, **consent)
    assert {name: found[name] for name in found if name.startswith(("elig", "consent"))} == {
        "eligible": True, "eligibility_by": "officer-2", "eligibility_on": "2026-11-16",
        "consent_given": True, "consent_by": "officer-3", "consent_on": "2026-11-17",
    }  # fmt: skip
    assert (found["status"], found["refusal_reason"]) == ("open", None)


async def test_a_refusal_names_a_reason_of_the_procedure_and_says_it_in_words(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    for body, pointer in (
        (REFUSAL | {"reason": None}, ""),
        (REFUSAL | {"refusal_code": "weather"}, "/refusal_code"),
        (REFUSAL | {"refusal_code": None}, "/refusal_code"),
        (REFUSAL | {"refusal_code": "no_consent"}, "/refusal_code"),
        (REFUSAL | {"accepted": True}, ""),
        (REFUSAL | {"decided_on": "2026-11-24"}, "/decided_on"),
        (REFUSAL | {"decided_on": "2026-11-11"}, "/decided_on"),
    ):
        answer = await case.do("decisions", **(WHO | body))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), body
    refused = await case.must("decisions", **(WHO | REFUSAL))
    assert (refused["status"], refused["refusal_code"], refused["current"]) == ("refused", "not_entitled", None)
    assert (refused["stages"][0]["ended_because"], refused["stages"][0]["ended_on"]) == ("refused", "2026-11-16")
    assert "decide" in refused["allowed_actions"]


async def test_a_refused_complaint_is_reconsidered_with_a_reason_and_both_clocks_kept(
    feedback: Any, begin: Any
) -> None:
    case = await begin(feedback)
    await case.must("decisions", **(WHO | REFUSAL))
    again = {"about": "eligibility", "accepted": True, "decided_by": "officer-3", "decided_on": "2026-11-20"}
    nameless = await case.do("decisions", **again)
    assert [fault["pointer"] for fault in nameless.json()["errors"]] == ["/reason"]
    taken = await case.must("decisions", **again, reason="He holds parental responsibility.")
    assert (taken["status"], taken["refusal_code"], taken["refusal_reason"]) == ("open", None, None)
    runs = [
        (one["run"], one["started_on"], one["statutory"]["due_on"], one["working_days_used"]) for one in taken["stages"]
    ]
    # Refused on Monday 16 November after two working days; taken up on Friday 20, one day used by Monday 23.
    assert runs == [(1, "2026-11-12", "2026-11-26", 2), (2, "2026-11-20", "2026-12-04", 1)]
    assert taken["current"]["accepted_because"] == "He holds parental responsibility."


async def test_a_complaint_refused_on_receipt_is_reconsidered_too(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, eligible=False, refusal_reason="x", refusal_code="not_entitled")
    body = {
        "about": "eligibility",
        "accepted": True,
        "reason": "Review.",
        "decided_by": "o",
        "decided_on": "2026-11-20",
    }
    taken = await case.must("decisions", **body)
    assert [(one["run"], one["started_on"], one["ended_on"]) for one in taken["stages"]] == [
        (1, "2026-11-12", "2026-11-20"), (2, "2026-11-20", None),
    ]  # fmt: skip


async def test_consent_still_refused_keeps_an_eligible_complaint_refused(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, consent_given=False, refusal_reason="The girl does not want it.")
    found = await case.must("decisions", about="eligibility", accepted=True, **WHO)
    assert (found["status"], found["refusal_reason"]) == ("refused", "The girl does not want it.")


async def test_over_a_year_old_may_be_declined_and_need_not(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    old = WHO | {"about": "eligibility", "accepted": False, "refusal_code": "over_a_year_old", "reason": "Too old."}
    await case.cannot("decisions", "matter-not-old", **old)
    await case.cannot("decisions", "matter-not-old", **old, matter_on="2025-11-12")
    known = await case.change(matter_on="2025-11-11")
    assert (known["may_be_declined_as_old"], known["status"]) == (True, "open")
    assert (await case.must("decisions", **old))["status"] == "refused"


async def test_a_closed_complaint_is_not_declined_or_moved(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-20", outcome="upheld")
    await case.cannot("decisions", "complaint-closed", **(WHO | REFUSAL))
    await case.cannot("moves", "complaint-closed", reason="x", decided_by="officer-2")
    late = await case.do("decisions", about="consent", accepted=True, **WHO)
    assert late.status_code == 200, "consent that is only recorded late is recorded"


async def test_an_excluded_matter_moves_to_the_procedure_it_belongs_to(
    feedback: Any, begin: Any, a_complaint: Make
) -> None:
    ended = {"stage": "stage_1", "started_on": "2026-11-12"}
    sent = {"stages": [ended], "eligible": False, "refusal_reason": "About a report to court."}
    case = await begin(feedback, **sent, refusal_code="excluded_matter")
    moved = await case.must("moves", reason="It goes to the corporate procedure.", decided_by="officer-2")
    assert (moved["procedure"], moved["moved_from"], moved["received_on"]) == ("corporate", "statutory", "2026-11-12")
    assert (moved["status"], moved["eligible"], moved["current"]["stage"]) == ("open", None, "acknowledgement")
    assert moved["current"]["statutory"]["due_on"] == "2026-11-19"
    history = (await case.client.get(f"{case.path}/history")).json()["items"]
    assert history[0]["reason"] == "It goes to the corporate procedure."
    assert [stage["stage"] for stage in history[1]["content"]["stages"]] == ["stage_1"]

    again = await case.client.post(
        "/v1/complaints", json=a_complaint(**sent, refusal_code="excluded_matter", themes=["planning"])
    )
    assert (again.status_code, again.json()["themes"]) == (200, ["planning"])
    assert (again.json()["procedure"], again.json()["status"]) == ("corporate", "open"), "the source knows no better"
    case.etag = again.headers["etag"]
    await case.cannot("moves", "no-such-move", reason="x", decided_by="o", procedure="conference")
    back = await case.must("moves", reason="It is not excluded.", decided_by="o", procedure="statutory")
    assert (back["procedure"], back["moved_from"], back["current"]["stage"]) == ("statutory", "corporate", "stage_1")


async def test_without_a_procedure_for_the_rest_nothing_moves(feedback: Any, begin: Any) -> None:
    case = await begin(feedback, procedure="conference")
    await case.cannot("moves", "no-such-move", reason="x", decided_by="officer-2")


@pytest.mark.parametrize("code", ["weather", "excluded_matter"])
async def test_a_source_names_only_reasons_of_the_procedure(feedback: Any, a_complaint: Make, code: str) -> None:
    client = await feedback.client("admin")
    sent = a_complaint(procedure="corporate", eligible=False, refusal_reason="x", refusal_code=code)
    answer = await client.post("/v1/complaints", json=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/refusal_code")
