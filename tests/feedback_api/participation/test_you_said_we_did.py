"""What people said, what was done, and what of it is shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
PATH = "/v1/participation/activities"
ENTRY = {"said": "The door is hard to find.", "did": "There is a sign now.", "told_back_on": "2026-11-02"}


class Hub:
    """An activity of a team, with the team manager who writes and the manager who approves."""

    def __init__(self, team: Any, manager: Any, activity: str) -> None:
        self.team, self.manager, self.activity = team, manager, activity

    async def said(self, **fields: Any) -> dict[str, Any]:
        answer = await self.team.post(f"{PATH}/{self.activity}/changes", json=ENTRY | fields)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def approve(self, entry: dict[str, Any], client: Any = None) -> Any:
        path = f"/v1/participation/changes/{entry['id']}/approval"
        return await (client or self.manager).put(path, headers={"If-Match": f'"{entry["version"]}"'})

    async def shared(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.manager.get(f"/v1/you-said-we-did{query}")).json()["items"]
        return found


@pytest.fixture
async def hub(feedback: Any, an_activity: Make) -> Hub:
    team = await feedback.client("team_manager", unit="fs_weymouth")
    made = (await team.post(PATH, json=an_activity())).json()
    return Hub(team, await feedback.client("qa_manager"), made["id"])


async def test_R10_what_was_said_and_done_is_shared_once_a_second_person_approved_the_words(hub: Hub) -> None:
    entry = await hub.said(themes=["communication"])
    assert (entry["shareable"], await hub.shared()) == (False, [])
    approved = (await hub.approve(entry)).json()
    assert (approved["shareable"], approved["approved_by"]) == (True, "test-qa_manager")
    (shown,) = await hub.shared()
    assert ENTRY.items() <= shown.items()
    assert (shown["activity"], shown["unit"]) == ("What should the hub be like?", "fs_weymouth")
    for query, number in (
        ("?period=2026-10", 1), ("?period=2026-11", 0), ("?unit=family_support", 1), ("?unit=sen_team", 0),
        ("?theme=communication", 1), ("?theme=voice_of_the_child", 0),
    ):  # fmt: skip
        assert len(await hub.shared(query)) == number, query
    assert (await hub.manager.get("/v1/you-said-we-did?period=AY2026-27-AUT1")).status_code == 422
    assert (await hub.manager.get("/v1/you-said-we-did?unit=nowhere")).status_code == 404


async def test_nobody_approves_their_own_words_nor_those_they_changed(feedback: Any, hub: Hub) -> None:
    assert (await hub.approve(await hub.said(), hub.team)).status_code == 403, "a team manager approves nothing"
    entry = await hub.said()
    change = ENTRY | {"did": "There are two signs.", "reason": "There are two."}
    path, match = f"/v1/participation/changes/{entry['id']}", {"If-Match": '"1"'}
    changed = (await hub.manager.put(path, json=change, headers=match)).json()
    refused = await hub.approve(changed)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/own-words")
    assert (await hub.approve(changed, await feedback.client("head_of_service"))).status_code == 200


async def test_other_words_end_the_approval_and_another_day_does_not(hub: Hub) -> None:
    entry = (await hub.approve(await hub.said())).json()
    path = f"/v1/participation/changes/{entry['id']}"

    async def put(version: int, **fields: Any) -> dict[str, Any]:
        answer = await hub.team.put(path, json=ENTRY | fields | {"reason": "x"}, headers={"If-Match": f'"{version}"'})
        found: dict[str, Any] = answer.json()
        return found

    entry = await put(entry["version"], told_back_on="2026-11-09")
    assert (entry["shareable"], entry["version"]) == (True, 3)
    entry = await put(entry["version"], said="Nobody could find the door.", told_back_on="2026-11-09")
    assert (entry["shareable"], await hub.shared()) == (False, [])
    history = (await hub.team.get(f"{path}/history")).json()["items"]
    assert [one["content"]["said"] for one in history] == [
        "Nobody could find the door.", *[ENTRY["said"]] * 3,
    ]  # fmt: skip


async def test_an_approval_can_be_taken_back_and_a_withdrawn_activity_shares_nothing(hub: Hub) -> None:
    entry = (await hub.approve(await hub.said())).json()
    path = f"/v1/participation/changes/{entry['id']}/approval"
    back = await hub.manager.delete(path, headers={"If-Match": '"2"'})
    assert (back.json()["shareable"], await hub.shared()) == (False, [])
    await hub.approve(back.json())
    assert len(await hub.shared()) == 1
    gone = await hub.team.put(f"{PATH}/{hub.activity}/withdrawal", json={"reason": "x"}, headers={"If-Match": '"1"'})
    assert gone.json()["changes"][0]["allowed_actions"] == []
    assert await hub.shared() == []


async def test_words_that_read_like_harm_are_told_at_once_and_never_shared(feedback: Any, hub: Hub) -> None:
    entry = await hub.said(said="We do not come because he hits me there.")
    assert entry["flag_reasons"] == ["hurt_by_someone"]
    assert (
        "approve" not in (await hub.manager.get(f"/v1/participation/changes/{entry['id']}")).json()["allowed_actions"]
    )
    refused = await hub.approve(entry)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/reads-like-harm")
    duty = await feedback.client("duty_officer")
    (flag,) = (await duty.get("/v1/safeguarding-flags?subject_kind=activity")).json()["items"]
    told = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert (told["subject_ref"], told["unit"], told["reasons"]) == (hub.activity, "fs_weymouth", ["hurt_by_someone"])
    assert {"field": "changes/0/said", "text": "We do not come because he hits me there."} in told["words"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"did": None}, ""), ({"told_back_on": "2026-11-24"}, "/told_back_on"), ({"themes": ["nothing"]}, "/themes/0"),
     ({"told_back_on": "2026-10-13"}, "/told_back_on"), ({"said": ""}, "/said")],
)  # fmt: skip
async def test_what_cannot_be_is_pointed_at(hub: Hub, fields: dict[str, Any], pointer: str) -> None:
    answer = await hub.team.post(f"{PATH}/{hub.activity}/changes", json=ENTRY | fields)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_that_something_was_not_done_and_why_is_an_answer_too(hub: Hub) -> None:
    entry = await hub.said(did=None, why_not="The building is listed.")
    assert (entry["did"], entry["why_not"]) == (None, "The building is listed.")


async def test_another_units_entries_are_not_there(feedback: Any, hub: Hub) -> None:
    entry = (await hub.approve(await hub.said())).json()
    elsewhere = await feedback.client("qa_manager", unit="sen_team")
    path = f"/v1/participation/changes/{entry['id']}"
    assert [(await elsewhere.get(one)).status_code for one in (path, f"{path}/history")] == [404, 404]
    assert (await elsewhere.get("/v1/you-said-we-did")).json()["items"] == []
    assert (await hub.approve(entry, elsewhere)).status_code == 404
