"""Weaknesses: themes by team over complaints and negative views, and the actions against them (R61)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
WEAKNESSES = "/v1/weaknesses"
ACTION = "0197f3a0-5b8c-7d21-9c40-1f2e3d4c5b6a"
ENDED = {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19"}


@pytest.fixture
async def heard(feedback: Any, a_complaint: Make, a_view: Make) -> Any:
    """October: three about communication in Weymouth, one of them upheld; one about planning in the East."""
    client = await feedback.client("admin")
    talk: dict[str, Any] = {"themes": ["communication"]}
    upheld = {"received_on": "2026-10-05", "stages": [ENDED | {"outcome": "upheld"}]}
    for body in (
        a_complaint(respond_ref="A", **upheld, **talk),
        a_complaint(respond_ref="B", received_on="2026-10-20", themes=["communication", "planning"]),
        a_complaint(respond_ref="C", received_on="2026-09-20", **talk),
        a_complaint(respond_ref="D", received_on="2026-10-20", unit="cwd_east", themes=["planning"]),
        a_complaint(respond_ref="E", received_on="2026-08-31", **talk),
        a_complaint(respond_ref="F", received_on="2026-10-20"),
    ):
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    for more in ({"sentiment": "negative"}, {"sentiment": "positive"}, {"sentiment": "mixed"}):
        assert (await client.post("/v1/views", json=a_view(**talk, **more))).status_code == 201
    return feedback


async def weaknesses(feedback: Any, query: str = "", role: str = "head_of_service", unit: str | None = None) -> Any:
    client = await feedback.client(role, unit=unit)
    answer = await client.get(f"{WEAKNESSES}?period=2026-10{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_R61_themes_are_ranked_by_team_with_the_period_before_and_what_has_no_action_yet(heard: Any) -> None:
    first, second, third = await weaknesses(heard)
    assert first == {
        "unit": "fs_weymouth", "unit_title": "Family Support, Weymouth", "theme": "communication",
        "theme_title": first["theme_title"],
        "now": {"complaints": 2, "upheld": 1, "negative_views": 1, "total": 3},
        "previous": {"complaints": 1, "upheld": 0, "negative_views": 0, "total": 1},
        "change": 2, "actions": [], "no_action_yet": True, "allowed_actions": ["link_action"],
    }  # fmt: skip
    assert [(one["unit"], one["theme"], one["now"]["total"]) for one in (second, third)] == [
        ("cwd_east", "planning", 1),
        ("fs_weymouth", "planning", 1),
    ]


async def test_R61_an_action_of_the_audit_service_is_linked_to_a_theme_or_to_a_complaint(heard: Any) -> None:
    manager = await heard.client("team_manager", unit="fs_weymouth")
    body = {"action_ref": ACTION, "unit": "fs_weymouth", "theme": "communication", "note": "A rota."}
    linked = await manager.post(f"{WEAKNESSES}/links", json=body)
    assert (linked.status_code, linked.json()["complaint"]) == (201, None)
    again = await manager.post(f"{WEAKNESSES}/links", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-linked")
    council = await heard.client("complaints_manager")
    other = await council.post(f"{WEAKNESSES}/links", json={"action_ref": "ACT-7", "complaint": "D"})
    assert (other.status_code, other.json()["unit"], other.json()["complaint"]) == (201, "cwd_east", "D")
    found = {(one["unit"], one["theme"]): one["actions"] for one in await weaknesses(heard)}
    assert found == {
        ("fs_weymouth", "communication"): [ACTION], ("cwd_east", "planning"): ["ACT-7"],
        ("fs_weymouth", "planning"): [],
    }  # fmt: skip
    assert [one["theme"] for one in await weaknesses(heard, "&without_action=true")] == ["planning"]
    assert len(await weaknesses(heard, "&without_action=false")) == 2
    links = (await council.get(f"{WEAKNESSES}/links")).json()["items"]
    assert [one["complaint"] for one in links] == ["D", None]
    assert [one["action_ref"] for one in (await manager.get(f"{WEAKNESSES}/links")).json()["items"]] == [ACTION]
    by_action = (await council.get(f"{WEAKNESSES}/links?action_ref=ACT-7&limit=1")).json()
    assert (len(by_action["items"]), by_action["next"]) == (1, None)
    assert (await manager.delete(f"{WEAKNESSES}/links/{linked.json()['id']}")).status_code == 204
    assert (await manager.delete(f"{WEAKNESSES}/links/{linked.json()['id']}")).status_code == 404
    assert (await weaknesses(heard))[0]["no_action_yet"] is True
    await heard.seal()
    deeds = (await (await heard.client("admin")).get("/v1/activity?subject_type=weakness_link")).json()["items"]
    assert [deed["action"].removeprefix("weakness.action_") for deed in deeds] == ["linked", "linked", "unlinked"]
    assert deeds[0]["data"] == {"action_ref": ACTION}


async def test_links_are_paged_newest_first(heard: Any) -> None:
    client = await heard.client("qa_manager")
    for n in range(3):
        body = {"action_ref": f"ACT-{n}", "unit": "fs_weymouth", "theme": "planning"}
        await client.post(f"{WEAKNESSES}/links", json=body)
    first = (await client.get(f"{WEAKNESSES}/links?limit=2")).json()
    second = (await client.get(f"{WEAKNESSES}/links?limit=2&after={first['next']}")).json()
    assert [one["action_ref"] for one in first["items"] + second["items"]] == ["ACT-2", "ACT-1", "ACT-0"]


async def test_that_a_complaint_is_acted_on_is_not_told_to_those_who_do_not_handle_complaints(heard: Any) -> None:
    council = await heard.client("complaints_manager")
    linked = await council.post(f"{WEAKNESSES}/links", json={"action_ref": "ACT-7", "complaint": "D"})
    for role in ("practitioner", "team_manager", "head_of_service"):
        assert (await (await heard.client(role)).get(f"{WEAKNESSES}/links")).json()["items"] == []
    manager = await heard.client("head_of_service")
    refused = await manager.post(f"{WEAKNESSES}/links", json={"action_ref": "ACT-8", "complaint": "D"})
    assert refused.status_code == 403
    assert (await manager.delete(f"{WEAKNESSES}/links/{linked.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("practitioner", 403), ("team_manager", 403), ("qa_manager", 200), ("head_of_service", 200), ("analyst", 200),
     ("complaints_manager", 200), ("board_reader", 403), ("ingest_client", 403)],
)  # fmt: skip
async def test_weaknesses_are_true_figures_for_those_who_may_see_them(feedback: Any, role: str, status: int) -> None:
    answer = await (await feedback.client(role)).get(f"{WEAKNESSES}?period=2026-10")
    assert answer.status_code == status


async def test_weaknesses_are_of_the_units_the_caller_sees_and_paged(heard: Any) -> None:
    assert [one["unit"] for one in await weaknesses(heard, unit="cwd_east")] == ["cwd_east"]
    assert [one["unit"] for one in await weaknesses(heard, "&unit=family_support")] == ["fs_weymouth"] * 2
    client = await heard.client("head_of_service", unit="cwd_east")
    assert (await client.get(f"{WEAKNESSES}?period=2026-10&unit=fs_weymouth")).status_code == 404
    council = await heard.client("analyst")
    seen, after = [], ""
    while True:
        page = (await council.get(f"{WEAKNESSES}?period=FY2026-27-Q3&limit=1{after}")).json()
        seen += [(one["unit"], one["theme"]) for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [("fs_weymouth", "communication"), ("cwd_east", "planning"), ("fs_weymouth", "planning")]


@pytest.mark.parametrize(
    "body",
    [
        {"action_ref": ACTION}, {"action_ref": ACTION, "unit": "fs_weymouth"},
        {"action_ref": ACTION, "unit": "fs_weymouth", "theme": "communication", "complaint": "A"},
        {"action_ref": ACTION, "unit": "nowhere", "theme": "communication"},
        {"action_ref": ACTION, "unit": "fs_weymouth", "theme": "nothing"}, {"action_ref": ACTION, "complaint": "Z"},
        {"action_ref": "", "complaint": "A"}, {"unit": "fs_weymouth", "theme": "communication"},
    ],
)  # fmt: skip
async def test_a_link_that_cannot_be_is_refused(heard: Any, body: dict[str, Any]) -> None:
    assert (await (await heard.client("admin")).post(f"{WEAKNESSES}/links", json=body)).status_code == 422


@pytest.mark.parametrize("period", ["AY2026-27-T1", "1990-01", "FY1990-91", "1991-01"])
async def test_a_term_or_the_first_of_all_periods_has_no_weaknesses(feedback: Any, period: str) -> None:
    answer = await (await feedback.client("admin")).get(f"{WEAKNESSES}?period={period}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/period-without-dates")


async def test_R61_what_became_of_a_record_is_counted_and_acted_on_once(
    feedback: Any, a_complaint: Make, a_view: Make
) -> None:
    client = await feedback.client("complaints_manager")
    for ref, theme in (("A", "planning"), ("B", "planning")):
        body = a_complaint(respond_ref=ref, received_on="2026-10-05", themes=[theme])
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    merge = {"respond_ref": "B", "reason": "Keyed in twice."}
    await client.post(f"{WEAKNESSES}/links", json={"action_ref": "ACT-7", "complaint": "B"})
    assert (await client.post("/v1/complaints/A/merges", json=merge, headers={"If-Match": '"1"'})).status_code == 200
    view = a_view(sentiment="negative", given_on="2026-10-06", themes=["communication"])
    said = (await (await feedback.client("admin")).post("/v1/views", json=view)).json()
    made = {"kind": "view", "ref": said["id"], "respond_ref": "C", "procedure": "statutory", "reason": "It complains."}
    assert (await client.post("/v1/recategorisations", json=made)).status_code == 201
    found = {
        one["theme"]: (one["now"]["complaints"], one["now"]["total"], one["actions"])
        for one in await weaknesses(feedback)
    }
    assert found == {"planning": (1, 1, ["ACT-7"]), "communication": (1, 1, [])}
