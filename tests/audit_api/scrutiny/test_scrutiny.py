"""Reviews by others: what they recommend is followed up, and a topic's trend is seen across them (R36)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.audit_api.papers import activity_of, send, whole
from tests.conftest import Running

SCR: dict[str, Any] = {
    "kind": "serious_case_review",
    "reference": "SCR-2025-02",
    "title": "Serious case review, second of 2025",
    "unit": "childrens_services",
    "led_by": "The safeguarding partnership",
    "published_on": "2025-10-14",
    "areas": [{"topic": "information_sharing", "standing": "serious_concern", "words": "Partners were not told."}],
}
PEER: dict[str, Any] = {
    "kind": "peer_review",
    "direction": "requested",
    "reference": "PEER-2026-A",
    "title": "Peer review of information sharing",
    "unit": "childrens_services",
    "led_by": "A neighbouring council",
    "asked_about": ["information_sharing"],
    "requested_on": "2026-06-01",
}
INSPECTION: dict[str, Any] = {
    "kind": "inspection",
    "reference": "ILACS-2026",
    "title": "Inspection of services for children",
    "unit": "childrens_services",
    "led_by": "Ofsted",
    "framework": "ofsted_ilacs_2026",
    "judgements": [{"judgement": "in_care", "grade": "good"}],
    "held_on": "2026-05-11",
    "published_on": "2026-06-22",
}
ASKED: dict[str, Any] = {
    "words": "Tell partners within a day when a child's plan changes.",
    "topic": "information_sharing",
    "owner_role": "head_of_service",
    "due_on": "2026-12-18",
    "milestones": [
        {"title": "The form is agreed with partners", "due_on": "2026-11-20"},
        {"title": "All teams use it", "due_on": "2026-12-11"},
    ],
}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any], **changed: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/scrutiny/{path}", json=body | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def put(client: httpx.AsyncClient, held: dict[str, Any], step: str, body: Any, version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    method = "POST" if step == "outcome" else "PUT"
    return await client.request(method, f"/v1/scrutiny/recommendations/{held['id']}/{step}", json=body, headers=headers)


async def got(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/v1/scrutiny/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_R36_a_peer_review_is_requested_for_areas_of_concern_then_held_and_published(audit: Running) -> None:
    client = await audit.client("qa_manager")
    asked = await made(client, "reviews", PEER)
    assert (asked["stage"], asked["on"], asked["asked_about"]) == ("requested", "2026-06-01", ["information_sharing"])
    body = {name: value for name, value in PEER.items() if name not in ("kind", "direction", "reference")}
    body |= {"held_on": "2026-09-15", "areas": [{"topic": "information_sharing", "standing": "improving"}]}
    address = f"/v1/scrutiny/reviews/{asked['id']}"
    assert (await client.put(address, json=body)).status_code == 428
    held = await client.put(address, json=body, headers={"If-Match": '"1"'})
    assert (held.status_code, held.json()["stage"], held.json()["version"]) == (200, "held", 2)
    (earlier,) = held.json()["earlier"]
    assert (earlier["version"], earlier["held_on"], earlier["areas"]) == (1, None, [])
    took_part = await made(client, "reviews", PEER, reference="PEER-2026-B", direction="participated")
    found = await got(client, "reviews", direction="participated")
    assert [one["id"] for one in found["items"]] == [took_part["id"]]
    assert [one["id"] for one in (await got(client, "reviews"))["items"]] == [asked["id"], took_part["id"]]


async def test_R36_a_topic_is_followed_across_reviews(audit: Running) -> None:
    client = await audit.client("qa_manager")
    scr = await made(client, "reviews", SCR)
    peer = await made(
        client, "reviews", PEER, held_on="2026-09-15",
        areas=[{"topic": "information_sharing", "standing": "concern"}, {"topic": "neglect", "standing": "strength"}],
    )  # fmt: skip
    await made(client, "reviews", INSPECTION, areas=[{"topic": "planning", "standing": "improving"}])
    await made(client, f"reviews/{scr['id']}/recommendations", ASKED, due_on="2026-10-30")
    await made(client, f"reviews/{peer['id']}/recommendations", ASKED, topic="neglect")
    found = await got(client, "trend", topic="information_sharing")
    assert [(one["reference"], one["standing"], one["movement"]) for one in found["points"]] == [
        ("SCR-2025-02", "serious_concern", None), ("PEER-2026-A", "concern", "better"),
    ]  # fmt: skip
    assert (found["standing"], found["reviews_with_concern"], found["recurring"]) == ("concern", 2, True)
    assert found["recommendations"] == {"total": 1, "done": 0, "declined": 0, "overdue": 1}
    nothing = await got(client, "trend", topic="leaving_care")
    assert (nothing["points"], nothing["standing"], nothing["recurring"]) == ([], None, False)
    unknown = await client.get("/v1/scrutiny/trend", params={"topic": "weather"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/query/topic")


async def test_R36_a_recommendation_is_followed_by_its_milestones_and_late_ones_stay_late(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    review = await made(manager, "reviews", SCR)
    held = await made(manager, f"reviews/{review['id']}/recommendations", ASKED)
    assert [one["state"] for one in held["steps"]] == ["late", "planned"]
    assert (held["milestones"], held["milestones_reached"], held["milestones_late"]) == (2, 0, 1)
    owner = await audit.client("head_of_service", unit="childrens_services")
    moved = await put(
        owner, held, "milestones/1/due-date", {"due_on": "2026-12-04", "reason": "Partners asked for time."}, 1
    )
    step = moved.json()["steps"][0]
    assert (step["due_on"], step["state"]) == ("2026-12-04", "late")
    early = await put(owner, held, "outcome", {"outcome": "done", "note": "All teams use the form."}, 2)
    assert (early.status_code, slug(early)) == (409, "milestones-left")
    future = await put(owner, held, "milestones/1/reached", {"reached_on": "2026-11-24"}, 2)
    assert (future.status_code, future.json()["errors"][0]["pointer"]) == (422, "/reached_on")
    first = await put(owner, held, "milestones/1/reached", {"reached_on": "2026-11-23"}, 2)
    assert [one["state"] for one in first.json()["steps"]] == ["reached_late", "planned"]
    again = await put(owner, held, "milestones/1/reached", {"reached_on": "2026-11-23"}, 3)
    assert (again.status_code, slug(again)) == (409, "milestone-reached")
    assert (await put(owner, held, "milestones/9/reached", {"reached_on": "2026-11-23"}, 3)).status_code == 404
    audit.clock.advance(timedelta(days=14))
    await put(owner, held, "milestones/2/reached", {"reached_on": "2026-12-07"}, 3)
    done = await put(owner, held, "outcome", {"outcome": "done", "note": "All teams use the form."}, 4)
    assert (done.status_code, done.json()["status"], done.json()["ended_on"]) == (201, "done", "2026-12-07")
    assert [(one["kind"], one["milestone"], one["was_due_on"]) for one in done.json()["history"]] == [
        ("redated", 1, "2026-11-20"), ("reached", 1, "2026-12-04"), ("reached", 2, "2026-12-11"),
        ("done", None, "2026-12-18"),
    ]  # fmt: skip
    after = await put(owner, held, "due-date", {"due_on": "2027-01-29", "reason": "More time."}, 5)
    assert (after.status_code, slug(after)) == (409, "recommendation-ended")
    await audit.seal()
    deeds = [one["action"] for one in await activity_of(await audit.client("admin"), "recommendation")]
    assert deeds == [f"recommendation.{kind}" for kind in ("recorded", "redated", "reached", "reached", "done")]


async def test_R36_re_dating_never_takes_a_recommendation_off_the_overdue_list(audit: Running) -> None:
    client = await audit.client("qa_manager")
    review = await made(client, "reviews", SCR)
    late = await made(client, f"reviews/{review['id']}/recommendations", ASKED, due_on="2026-11-20")
    await made(client, f"reviews/{review['id']}/recommendations", ASKED, topic="planning")
    moved = await put(client, late, "due-date", {"due_on": "2027-02-26", "reason": "The budget is not agreed."}, 1)
    assert (moved.json()["overdue"], moved.json()["days_overdue"]) == (True, 3)
    found = await got(client, "recommendations", status="overdue", review=review["id"], unit="dorset_council")
    assert [one["id"] for one in found["items"]] == [late["id"]]
    assert (await got(client, f"reviews/{review['id']}"))["recommendations"]["overdue"] == 1
    assert len((await got(client, "recommendations", topic="planning"))["items"]) == 1


async def test_a_recommendation_is_moved_on_by_its_owner_and_nobody_else(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    review = await made(manager, "reviews", SCR)
    held = await made(
        manager, f"reviews/{review['id']}/recommendations", ASKED, owner_role=None, owner_subject="lead-example"
    )
    other = await audit.client("team_manager")
    edit = {"due_on": "2027-02-26", "reason": "Later."}
    refused = await put(other, held, "due-date", edit, 1)
    assert (refused.status_code, slug(refused)) == (403, "not-theirs-to-carry-out")
    assert (await got(other, f"recommendations/{held['id']}"))["allowed_actions"] == []
    # The owner sees it from a unit to which the review does not belong.
    owner = await audit.client("team_manager", unit="fs_weymouth", subject="lead-example")
    assert (await put(owner, held, "due-date", edit, 1)).status_code == 200
    assert (await owner.get(f"/v1/scrutiny/reviews/{review['id']}")).status_code == 404
    assert (await owner.post(f"/v1/scrutiny/reviews/{review['id']}/recommendations", json=ASKED)).status_code == 403


async def test_a_recommendation_names_the_actions_that_carry_it_out(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = {
        "unit": "fs_weymouth", "title": "Use the new form", "owner": {"role": "team_manager"}, "due_on": "2026-12-18",
        "evidence": [{"kind": "research", "ref": "SCR-2025-02"}],
    }  # fmt: skip
    raised = (await client.post("/v1/actions", json=action)).json()["id"]
    review = await made(client, "reviews", SCR)
    held = await made(client, f"reviews/{review['id']}/recommendations", ASKED)
    linked = await put(client, held, "actions", {"actions": [raised, raised]}, 1)
    assert (linked.status_code, linked.json()["actions"], linked.json()["version"]) == (200, [raised], 2)
    same = await put(client, held, "actions", {"actions": [raised]}, 2)
    assert same.json()["version"] == 2
    nowhere = await put(client, held, "actions", {"actions": ["0192f0c1-0000-7000-8000-000000000001"]}, 2)
    assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (422, "/actions/0")


async def test_R07_a_serious_case_review_shows_the_audits_it_set_off(audit: Running) -> None:
    client = await audit.client("qa_manager")
    review = await made(client, "reviews", SCR)
    thematic = await send(
        client, whole(audit_type="thematic", trigger="serious_case_review", trigger_reference="SCR-2025-02")
    )
    await send(client, whole(case_reference="CMS-204418"))
    found = await got(client, f"reviews/{review['id']}")
    assert found["audits"] == [
        {"id": thematic["id"], "unit": "fs_weymouth", "audit_type": "thematic", "status": "submitted"}
    ]
    assert [one["id"] for one in (await got(client, "reviews", reference="SCR-2025-02"))["items"]] == [review["id"]]
    again = await client.post("/v1/scrutiny/reviews", json=SCR)
    assert (again.status_code, slug(again)) == (409, "review-known")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"framework": "ofsted_of_the_moon"}, "/framework"),
        ({"judgements": [{"judgement": "overall_effectiveness", "grade": "good"}]}, "/judgements/0/judgement"),
        ({"judgements": [{"judgement": "in_care", "grade": "needs_attention"}]}, "/judgements/0/grade"),
        ({"framework": None}, ""),
        ({"direction": "requested"}, ""),
        ({"held_on": "2026-07-01"}, ""),
        ({"published_on": "2026-11-24"}, "/published_on"),
        ({"published_on": None, "held_on": None}, ""),
        ({"unit": "nowhere"}, "/unit"),
        ({"areas": [{"topic": "weather", "standing": "concern"}]}, "/areas/0/topic"),
        ({"areas": [{"topic": "neglect", "standing": "concern"}] * 2}, ""),
        ({"asked_about": ["weather"]}, "/asked_about/0"),
        ({"title": "Ask jo@example.org"}, "/title"),
    ],
)
async def test_what_a_review_says_fits_its_framework(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    answer = await (await audit.client("qa_manager")).post("/v1/scrutiny/reviews", json=INSPECTION | changed)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"owner_role": "nobody"}, "/owner_role"),
        ({"owner_subject": "lead-example"}, ""),
        ({"topic": "weather"}, "/topic"),
        ({"unit": "nowhere"}, "/unit"),
        ({"words": "Ask jo@example.org"}, "/words"),
    ],
)
async def test_what_a_recommendation_names_must_exist(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    client = await audit.client("qa_manager")
    review = await made(client, "reviews", SCR)
    answer = await client.post(f"/v1/scrutiny/reviews/{review['id']}/recommendations", json=ASKED | changed)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
