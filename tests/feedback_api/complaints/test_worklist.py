"""What a complaints manager does next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
UPHELD = {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "upheld"}
DECIDED = {"eligible": True, "consent_given": True}


@pytest.fixture
async def manager(feedback: Any, a_complaint: Make) -> Any:
    """On Monday 23 November 2026: complaints in every state that asks for something."""
    client = await feedback.client("admin")
    agreed = {"stage": "stage_2", "started_on": "2026-11-13", "accepted_because": "Agreed."}
    for body in (
        a_complaint(respond_ref="late", received_on="2026-11-02", **DECIDED),
        a_complaint(respond_ref="week", eligible=True, respondent_group="child", unit="cwd_east"),
        a_complaint(respond_ref="later", received_on="2026-11-20", consent_given=True),
        a_complaint(respond_ref="second", stages=[agreed], **DECIDED),
        a_complaint(respond_ref="aside", set_aside=[{"from": "2026-11-13", "reason": "x"}], **DECIDED),
        a_complaint(respond_ref="upheld", received_on="2026-10-05", stages=[UPHELD], learning_owner="head-1",
                    learning_due_on="2026-11-30", learning="Ring first."),
        a_complaint(respond_ref="refused", eligible=False, refusal_reason="x"),
    ):  # fmt: skip
        answer = await client.post("/v1/complaints", json=body)
        assert answer.status_code == 201, answer.text
    return client


async def test_R59_R60_the_worklist_shows_what_waits_by_urgency(manager: Any) -> None:
    worklist = (await manager.get("/v1/complaints/worklist")).json()
    shown = {group["code"]: [item["respond_ref"] for item in group["items"]] for group in worklist["groups"]}
    assert shown == {
        "past_limit": ["late"],
        "past_target": ["late"],
        "due_this_week": ["week"],
        "awaiting_eligibility": ["later"],
        "awaiting_consent": ["week"],
        "awaiting_people": ["second"],
        "advocacy_to_offer": ["week"],
        "to_be_finalised": ["second"],
        "set_aside": ["aside"],
        "learning_missing": ["upheld"],
        "remedies_overdue": [],
        "recommendations_to_answer": [],
        "recommendations_overdue": [],
        "ombudsman_to_answer": [],
    }
    (learning,) = next(group for group in worklist["groups"] if group["code"] == "learning_missing")["items"]
    assert learning == {"respond_ref": "upheld", "unit": "fs_weymouth", "due_on": "2026-11-30", "owner": "head-1"}


async def test_each_group_counts_the_list_it_names(manager: Any) -> None:
    for group in (await manager.get("/v1/complaints/worklist?most=1")).json()["groups"]:
        listed = await manager.get(group["path"])
        if group["path"].startswith("/v1/complaints"):
            refs = {item["respond_ref"] for item in listed.json()["items"]}
            assert {item["respond_ref"] for item in group["items"]} <= refs
            assert len(refs) == group["count"], group["code"]


async def test_the_worklist_is_one_owners_or_one_units(feedback: Any, manager: Any) -> None:
    async def counts(client: Any, query: str) -> dict[str, int]:
        groups = (await client.get(f"/v1/complaints/worklist?{query}")).json()["groups"]
        return {group["code"]: group["count"] for group in groups if group["count"]}

    assert await counts(manager, "owner=head-1") == {"learning_missing": 1}
    assert await counts(manager, "owner=nobody") == {}
    east = {"due_this_week": 1, "awaiting_consent": 1, "advocacy_to_offer": 1}
    assert await counts(manager, "unit=cwd_east") == east
    assert await counts(await feedback.client("complaints_manager", unit="cwd_east"), "") == east
    assert (await (await feedback.client("practitioner")).get("/v1/complaints/worklist")).status_code == 403


async def test_the_list_is_narrowed_by_clock_and_by_what_it_waits_for(manager: Any) -> None:
    async def refs(query: str) -> set[str]:
        return {item["respond_ref"] for item in (await manager.get(f"/v1/complaints?{query}")).json()["items"]}

    assert await refs("due_by=2026-11-29") == {"late", "week"}
    assert await refs("due_from=2026-11-27") == {"later"}
    assert await refs("past_limit=true") == await refs("past_target=true") == {"late"}
    assert await refs("learning_owner=head-1") == {"upheld"}
    assert await refs("waiting_for=people&unit=cwd_east") == set()
    assert (await manager.get("/v1/complaints?waiting_for=godot")).status_code == 422
    (row,) = (await manager.get("/v1/complaints?learning_owner=head-1")).json()["items"]
    assert (row["missing"], row["learning_owner"], row["learning_due_on"]) == (["improvement"], "head-1", "2026-11-30")


async def test_a_procedures_people_are_read_from_the_framework_as_it_stands(manager: Any) -> None:
    item = (await manager.get("/v1/framework/complaint_procedures/statutory")).json()["content"]
    for stage in item["stages"]:
        stage["people"] = []
    body = {"items": [{"kind": "complaint_procedures", "code": "statutory", "content": item}]}
    assert (await manager.post("/v1/framework/applications", json=body)).status_code == 200
    groups = (await manager.get("/v1/complaints/worklist")).json()["groups"]
    assert next(group["count"] for group in groups if group["code"] == "awaiting_people") == 0
