"""What a person decided of a record stands when its source sends it anew, unless the source changed that very field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from services.feedback_api.histories import last_sent

Make = Callable[..., dict[str, Any]]
STAGE = {"stage": "stage_1", "started_on": "2026-11-12"}
EXTENDED = {"working_days": 5, "reason": "A witness is away.", "granted_on": "2026-11-16"}


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        ([], 5),
        ([(1, None)], 1),
        ([(1, "source")], 5),
        ([(1, None), (2, None)], 1),
        ([(1, None), (2, "source")], 5),
        ([(1, "source"), (4, "A slip.")], 4),
        # The correction of a source that left the person's value alone is no word of its own.
        ([(1, "A slip."), (5, "source")], 1),
    ],
)
def test_what_a_source_said_last_is_read_from_the_versions(kept: list[tuple[int, str | None]], sent: int) -> None:
    assert last_sent([({"rating": said}, reason) for said, reason in kept], {"rating": 5}) == {"rating": sent}


async def sent(client: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def decided(client: Any, path: str, version: int, *themes: str) -> None:
    body = {"confirmed": themes}
    answer = await client.post(f"{path}/theme-decisions", json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 201, answer.text


async def test_themes_and_corrections_of_a_view_stand_until_the_source_changes_them(
    feedback: Any, a_view: Make
) -> None:
    client = await feedback.client("admin")
    view = a_view(source="cms", source_ref="V-1", links=[{"kind": "review", "ref": "R-1"}])
    path = f"/v1/views/{(await sent(client, '/v1/views', view))['id']}"
    await decided(client, path, 1, "planning")
    edit = {"sentiment": "negative", "links": []}
    assert (await client.patch(path, json=edit, headers={"If-Match": '"2"'})).status_code == 200
    rated = await sent(client, "/v1/views", view | {"rating": 4})
    assert (rated["rating"], rated["themes"], rated["sentiment"], rated["links"]) == (4, ["planning"], "negative", [])
    again = await sent(client, "/v1/views", view | {"rating": 5})
    assert (again["rating"], again["themes"], again["sentiment"]) == (5, ["planning"], "negative")
    changed = await sent(client, "/v1/views", view | {"rating": 5, "sentiment": "mixed"})
    assert (changed["themes"], changed["sentiment"], changed["version"]) == (["planning"], "mixed", 6)


async def test_themes_stages_and_days_of_a_complaint_stand_until_the_source_changes_them(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    complaint = a_complaint(themes=["communication"], stages=[STAGE], set_aside=[])
    path = "/v1/complaints/CSC-2026-0118"
    await sent(client, "/v1/complaints", complaint)
    await decided(client, path, 1, "planning")
    for step, body, version in (
        ("extensions", EXTENDED, 2),
        ("freezes", {"from": "2026-11-17", "reason": "Proceedings on the same matter."}, 3),
    ):
        answer = await client.post(f"{path}/{step}", json=body, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
    owned = complaint | {"learning_owner": "owner-1"}
    for _ in range(2):
        found = await sent(client, "/v1/complaints", owned)
        assert (found["learning_owner"], found["themes"]) == (owned["learning_owner"], ["planning"])
        assert [one["working_days"] for one in found["stages"][0]["extensions"]] == [5]
        assert len(found["set_aside"]) == 1
        owned["learning_owner"] = "owner-2"
    ended = {**STAGE, "ended_on": "2026-11-16", "outcome": "upheld"}
    changed = await sent(client, "/v1/complaints", owned | {"stages": [ended], "themes": ["neglect"]})
    assert (changed["status"], changed["themes"], changed["stages"][0]["extensions"]) == ("closed", ["neglect"], [])


async def test_who_set_a_complaint_aside_and_when_the_proceedings_ended_outlives_what_its_source_sends(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    days: dict[str, Any] = {"from": "2026-11-13", "reason": "Proceedings."}
    complaint = a_complaint(set_aside=[days | {"decided_by": "head-1"}])
    first = await sent(client, "/v1/complaints", complaint)
    assert first["set_aside"][0]["decided_by"] == "head-1"
    path, seen = "/v1/complaints/CSC-2026-0118", {"If-Match": '"1"'}
    ended = {"proceedings_ended_on": "2026-11-16"}
    assert (await client.post(f"{path}/ended-proceedings", json=ended, headers=seen)).status_code == 200
    # The source, which knows of neither, changes another field, then the reason, then says when the days ended.
    for change in ({}, {"reason": "Care proceedings."}, {"to": "2026-11-17"}):
        days |= change
        again = complaint | {"set_aside": [days], "learning_owner": f"owner-{len(days)}-{len(change)}"}
        (held,) = (await sent(client, "/v1/complaints", again))["set_aside"]
        assert {name: held[name] for name in (*days, "decided_by", "proceedings_ended_on")} == (
            days | {"decided_by": "head-1"} | ended
        )
    # What it says of them itself is its to change.
    told = complaint | {"set_aside": [days | {"decided_by": "head-2"}]}
    assert (await sent(client, "/v1/complaints", told))["set_aside"][0]["decided_by"] == "head-2"
    future = complaint | {"set_aside": [days | {"proceedings_ended_on": "2099-01-01"}]}
    refused = await client.post("/v1/complaints", json=future)
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/set_aside/0/proceedings_ended_on"]


async def test_days_set_aside_whose_first_day_a_source_corrects_are_known_again(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    days: dict[str, Any] = {"from": "2026-11-13", "to": "2026-11-13", "reason": "Proceedings."}
    first = days | {"decided_by": "head-1", "proceedings_ended_on": "2026-11-16"}
    await sent(client, "/v1/complaints", a_complaint(set_aside=[first]))
    moved = days | {"from": "2026-11-12"}
    (held,) = (await sent(client, "/v1/complaints", a_complaint(set_aside=[moved])))["set_aside"]
    assert (held["from"], held["decided_by"], held["proceedings_ended_on"]) == ("2026-11-12", "head-1", "2026-11-16")
    # Of two that are new nobody knows which it was.
    two = [days | {"from": day, "to": day} for day in ("2026-11-13", "2026-11-16")]
    found = (await sent(client, "/v1/complaints", a_complaint(set_aside=two)))["set_aside"]
    assert [one["decided_by"] for one in found] == [None, None]


async def test_a_version_kept_before_days_told_who_decided_is_still_read(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    days = {"from": "2026-11-13", "reason": "Proceedings."}
    complaint = a_complaint(set_aside=[days])
    await sent(client, "/v1/complaints", complaint)
    await decided(client, "/v1/complaints/CSC-2026-0118", 1, "planning")
    async with feedback.database.transaction() as session:
        bare = "(content #- '{freezes,0,decided_by}') #- '{freezes,0,proceedings_ended_on}'"
        await session.execute(text(f"UPDATE complaint_history SET content = {bare}"))
    held = await sent(client, "/v1/complaints", complaint | {"learning_owner": "owner-1"})
    assert [one["from"] for one in held["set_aside"]] == ["2026-11-13"]


async def test_themes_of_a_compliment_stand_until_the_source_changes_them(feedback: Any, a_compliment: Make) -> None:
    client = await feedback.client("admin")
    compliment = a_compliment(themes=["communication"])
    await sent(client, "/v1/compliments", compliment)
    await decided(client, "/v1/compliments/CPL-2026-0051", 1, "planning")
    moved = await sent(client, "/v1/compliments", compliment | {"received_on": "2026-10-10"})
    assert (moved["themes"], moved["received_on"]) == (["planning"], "2026-10-10")
    changed = await sent(client, "/v1/compliments", compliment | {"themes": ["neglect"]})
    assert changed["themes"] == ["neglect"]
