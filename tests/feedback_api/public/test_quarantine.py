"""Every submission ends somewhere: released as a view, merged, or set aside with a reason; nothing is forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.feedback_api.quarantine import service
from tests.conftest import Running, Start
from tests.meanwhile import Pause, end_or_wait

BATCH = {"unit": "fs_weymouth", "channel": "questionnaires", "respondent_group": "young_person", "count": 10}
PATH = "/v1/public-submissions"


async def send(running: Running, batch: dict[str, Any], *bodies: dict[str, Any]) -> None:
    made = await (await running.client("practitioner")).post("/v1/token-batches", json=BATCH | batch)
    anyone = await running.client(None)
    for token, body in zip(made.json()["tokens"], bodies, strict=False):
        answer = await anyone.post("/v1/public/views", json=body | {"token": token})
        assert answer.status_code == 202, answer.text


async def one(running: Running, body: dict[str, Any], **batch: Any) -> tuple[httpx.AsyncClient, str]:
    """A submission in quarantine: a client that may decide on it, and its path."""
    await send(running, batch, body)
    client = await running.client("qa_manager")
    (row,) = (await client.get(f"{PATH}?limit=1")).json()["items"]
    return client, f"{PATH}/{row['id']}"


async def decide(client: httpx.AsyncClient, path: str, what: str, body: dict[str, Any], version: int = 1) -> Any:
    return await client.post(f"{path}/{what}", json=body, headers={"If-Match": f'"{version}"'})


async def test_a_released_submission_is_a_view_with_what_the_release_says(feedback: Running) -> None:
    words = {"what_works": "Ring 07700 900123.", "what_should_change": "Be on time.", "rating": 4, "consent": "shared"}
    client, path = await one(feedback, words)
    body = {"what_works": "[redacted]", "themes": ["communication"], "sentiment": "mixed", "consent": "anonymous"}
    answer = await decide(client, path, "releases", body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["allowed_actions"]) == ("released", [])
    view = (await client.get(f"/v1/views/{answer.json()['view_id']}")).json()
    expected = {"source": "public", "unit": "fs_weymouth", "channel": "questionnaires", "rating": 4} | body
    assert {name: view[name] for name in expected} == expected
    assert (view["what_should_change"], view["given_on"]) == ("Be on time.", "2026-11-23")
    assert (await client.get(path)).json()["what_works"] == "Ring 07700 900123."
    assert (await decide(client, path, "dismissals", {"reason": "No."}, 2)).json()["type"].endswith("decided")


async def test_consent_is_never_widened_and_none_given_is_the_narrowest(feedback: Running) -> None:
    client, path = await one(feedback, {"what_works": "They listen."})
    refused = await decide(client, path, "releases", {"consent": "anonymous"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/consent")
    answer = await decide(client, path, "releases", {})
    view = (await client.get(f"/v1/views/{answer.json()['view_id']}")).json()
    assert view["consent"] == "internal_only"


async def test_a_release_says_what_nobody_said_and_keeps_to_what_a_view_can_hold(feedback: Running) -> None:
    words = {"what_works": "a" * 5_000, "what_should_change": "be\u0007ll"}
    client, path = await one(feedback, words, channel=None)
    refused = await decide(client, path, "releases", {})
    faults = [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]]
    assert faults == [
        ("/channel", "missing"), ("/what_works", "too_long"), ("/what_should_change", "odd_characters"),
    ]  # fmt: skip
    mended = {"channel": "questionnaires", "what_works": "a", "what_should_change": None}
    assert (await decide(client, path, "releases", mended | {"themes": ["nothing_known"]})).status_code == 422
    assert (await decide(client, path, "releases", mended)).status_code == 200


async def test_where_identifiers_are_refused_a_release_needs_redaction_and_the_flag_stays(start: Start) -> None:
    feedback = await start("feedback", free_text_identifiers="refuse")
    client, path = await one(feedback, {"what_works": "He hits me. Ring 07700 900123."})
    refused = await decide(client, path, "releases", {})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["identifier_phone"]
    answer = await decide(client, path, "releases", {"what_works": "[redacted]"})
    view = (await client.get(f"/v1/views/{answer.json()['view_id']}")).json()
    assert (view["safeguarding_flag"], view["flag_reasons"]) == (True, ["hurt_by_someone"])


async def test_a_duplicate_is_merged_into_the_first_and_can_be_taken_back(feedback: Running) -> None:
    await send(feedback, {}, {"what_works": "Twice."}, {"what_works": "Twice."})
    client = await feedback.client("complaints_manager")
    first, second = [row["id"] for row in (await client.get(PATH)).json()["items"]]
    path, reason = f"{PATH}/{second}", {"reason": "Word for word; he hits me at home."}
    merged = await decide(client, path, "merges", {"into": first} | reason)
    assert (merged.json()["state"], merged.json()["merged_into"]) == ("merged", first)
    (flag,) = (await (await feedback.client("duty_officer")).get("/v1/safeguarding-flags")).json()["items"]
    assert (flag["subject_kind"], flag["unit"]) == ("public_submission", "fs_weymouth")
    for into in (first, second, "00000000-0000-4000-8000-000000000000"):
        refused = await decide(client, f"{PATH}/{first}", "merges", {"into": into} | reason)
        assert refused.json()["type"].endswith("submission-not-merged-into"), into
    back = await decide(client, path, "returns", {"reason": "They differ."}, 2)
    assert (back.json()["state"], back.json()["merged_into"], back.json()["version"]) == ("waiting", None, 3)
    again = await decide(client, path, "returns", {"reason": "They differ."}, 3)
    assert again.json()["type"].endswith("submission-not-returnable")


async def test_of_two_merges_into_each_other_one_is_done_and_the_other_refused(
    feedback: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(feedback, {}, {"what_works": "They listen."}, {"what_works": "They listen!"})
    client = await feedback.client("qa_manager")
    ids = [row["id"] for row in (await client.get(PATH)).json()["items"]]
    deciding = Pause(service._decide)
    monkeypatch.setattr(service, "_decide", deciding)
    done, refused = (
        asyncio.create_task(decide(client, f"{PATH}/{one}", "merges", {"into": other, "reason": "The same words."}))
        for one, other in (ids, ids[::-1])
    )
    await deciding.reached.wait()
    await end_or_wait(feedback, refused)
    deciding.go_on()
    assert sorted([(await done).status_code, (await refused).status_code]) == [200, 409]
    states = [(await client.get(f"{PATH}/{one}")).json()["state"] for one in ids]
    assert sorted(states) == ["merged", "waiting"]


async def test_what_is_set_aside_says_why_and_is_kept(feedback: Running) -> None:
    client, path = await one(feedback, {})
    assert (await client.post(f"{path}/dismissals", json={"reason": "Empty."})).status_code == 428
    assert (await decide(client, path, "dismissals", {"reason": "Empty."}, 7)).status_code == 412
    answer = await decide(client, path, "dismissals", {"reason": "Empty."})
    assert (answer.json()["state"], answer.json()["reason"]) == ("set_aside", "Empty.")
    assert answer.json()["decided_by"] == "test-qa_manager"
    waiting = (await client.get(f"{PATH}?state=waiting")).json()["items"]
    kept = (await client.get(f"{PATH}?state=set_aside")).json()["items"]
    assert (waiting, len(kept)) == ([], 1)


async def test_nothing_waits_unseen_flagged_after_a_day_and_others_after_five(feedback: Running) -> None:
    client, _ = await one(feedback, {"what_works": "He hits me."})
    await send(feedback, {}, {"what_works": "Fine."})
    told = []
    for _ in range(7):
        found = (await client.get(f"{PATH}/backlog")).json()
        late = (await client.get(f"{PATH}?overdue=true")).json()["items"]
        assert found["overdue"] == len(late) == sum(row["overdue"] for row in late)
        told.append((found["waiting"], found["flagged"], found["overdue"], found["oldest"]))
        feedback.clock.advance(timedelta(days=1))
    assert [one[2] for one in told] == [0, 0, 1, 1, 1, 1, 2]
    assert {one[:2] + one[3:] for one in told} == {(2, 1, "2026-11-23")}
    assert [age["waiting"] for age in found["by_age"]] == [0, 0, 2, 0]


async def test_the_quarantine_is_for_those_with_its_scope_within_their_units_and_reading_is_logged(
    feedback: Running,
) -> None:
    _, path = await one(feedback, {"what_works": "They listen."})
    for role in ("practitioner", "team_manager", "analyst", "head_of_service", "board_reader", "ingest_client"):
        assert (await (await feedback.client(role)).get(path)).status_code == 403, role
    elsewhere = await feedback.client("qa_manager", unit="fs_portland")
    assert (await elsewhere.get(path)).status_code == 404
    assert (await elsewhere.get(PATH)).json()["items"] == []
    assert (await elsewhere.get(f"{PATH}/backlog")).json()["waiting"] == 0
    inside = await feedback.client("qa_manager", unit="fs_weymouth")
    assert (await inside.get(path)).json()["what_works"] == "They listen."
    async with feedback.database.snapshot() as session:
        reads = (await session.execute(sa.text("SELECT operation FROM read_log"))).scalars().all()
    assert reads == ["get_public_submission"]


async def test_pages_of_the_quarantine_hold_each_submission_once_and_no_words(feedback: Running) -> None:
    await send(feedback, {}, *({"what_works": f"Zebedee {number}"} for number in range(7)))
    client, seen, address = await feedback.client("qa_manager"), [], f"{PATH}?limit=3"
    while address:
        page = await client.get(address)
        assert "Zebedee" not in page.text
        seen += [row["id"] for row in page.json()["items"]]
        following = page.json()["next"]
        address = f"{PATH}?limit=3&after={following}" if following else ""
    assert len(seen) == len(set(seen)) == 7


async def test_the_deeds_of_the_quarantine_are_in_the_feed_without_words(feedback: Running) -> None:
    client, path = await one(feedback, {"what_works": "Zebedee said so."})
    await decide(client, path, "dismissals", {"reason": "Zebedee."})
    await decide(client, path, "returns", {"reason": "Zebedee."}, 2)
    await decide(client, path, "releases", {}, 3)
    async with feedback.database.snapshot() as session:
        rows = (await session.execute(sa.text("SELECT * FROM activity WHERE subject_type <> 'framework'"))).mappings()
        deeds = [dict(row) for row in rows]
    told = [deed["action"] for deed in deeds]
    assert {"public_submission.set_aside", "public_submission.returned", "public_submission.released"} <= set(told)
    assert "view.recorded" in told
    assert "Zebedee" not in json.dumps(deeds, default=str)


@pytest.mark.parametrize("what", ["releases", "merges", "dismissals", "returns"])
async def test_a_submission_of_another_unit_is_not_there_to_decide_on(feedback: Running, what: str) -> None:
    _, path = await one(feedback, {})
    elsewhere = await feedback.client("qa_manager", unit="fs_portland")
    bodies: dict[str, Callable[[], dict[str, Any]]] = {
        "releases": dict,
        "merges": lambda: {"into": path.rsplit("/", 1)[1], "reason": "x"},
    }
    body = bodies.get(what, lambda: {"reason": "x"})()
    assert (await decide(elsewhere, path, what, body)).status_code == 404


async def test_a_disclosure_is_told_to_the_duty_role_at_once_with_its_words_and_once(feedback: Running) -> None:
    client, path = await one(feedback, {"what_works": "He hits me.", "odd": "and touches me"})
    duty = await feedback.client("duty_officer")
    (flag,) = (await duty.get("/v1/safeguarding-flags")).json()["items"]
    assert flag["subject_kind"] == "public_submission"
    assert sorted(flag["reasons"]) == ["hurt_by_someone", "sexual_harm"]
    read = await duty.get(f"/v1/safeguarding-flags/{flag['id']}")
    assert read.json()["subject_ref"] == path.rsplit("/", 1)[1]
    assert "He hits me." in read.text and "and touches me" in read.text
    await decide(client, path, "releases", {"what_should_change": "He hits me."})
    assert len((await duty.get("/v1/safeguarding-flags")).json()["items"]) == 1
