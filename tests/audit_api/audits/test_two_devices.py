"""A draft saved from two devices loses neither: the second is told what the first changed, by codes alone."""

from __future__ import annotations

import asyncio

from tests.audit_api.life import save, saved, slug, step, stepped
from tests.audit_api.papers import STRENGTH, send, whole
from tests.conftest import Running


async def test_a_conflict_says_who_changed_which_answers_since(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, whole(submit=False)))["id"]
    await saved(client, path, {"answers": {"safer": 2, "better_off": 4, "goals_met": None}})
    await saved(client, path, {"views": {"child": {"reason": "too_young"}}, "findings": [STRENGTH]})
    stale = await save(client, path, {"answers": {"safer": 5, "lasting": 1}}, 1)
    told = stale.json()
    assert (stale.status_code, slug(stale), stale.headers["etag"]) == (412, "stale", '"3"')
    assert (told["current_version"], told["seen_version"]) == (3, 1)
    # better_off was 4 before: saved again, yet not changed.
    assert told["changed_questions"] == ["goals_met", "safer"]
    assert told["changed_parts"] == ["findings", "views/child"]
    assert (told["changed_by"], told["changed_at"][:10]) == ("test-auditor", "2026-11-23")
    assert told["steps"] == ["saved", "saved"]
    assert "too_young" not in stale.text
    later = await save(client, path, {"answers": {"safer": 5}}, 2)
    assert (later.json()["changed_questions"], later.json()["changed_parts"]) == ([], ["findings", "views/child"])
    merged = await saved(client, path, {"answers": {"lasting": 1}})
    assert (merged["answers"]["safer"], merged["answers"]["lasting"]) == (2, 1)


async def test_a_version_that_never_was_is_told_the_present_one_alone(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, whole(submit=False)))["id"]
    told = (await save(client, path, {"answers": {"safer": 5}}, 9)).json()
    assert (told["current_version"], told["seen_version"]) == (1, None)
    assert "changed_questions" not in told


async def test_a_correction_under_way_tells_of_a_conflict_too(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    await stepped(client, path, "reopenings", {"reason": "Two grades are wrong."})
    await saved(client, path, {"answers": {"safer": 2, "better_off": 4}})
    told = (await save(client, path, {"answers": {"lasting": 1}}, 2)).json()
    assert (told["changed_questions"], told["steps"]) == (["safer"], ["saved"])
    told = (await step(client, path, "submissions", None, 1)).json()
    assert told["steps"] == ["reopened", "saved"]


async def test_a_save_sent_again_with_its_key_is_answered_as_before(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, whole(submit=False)))["id"]
    headers = {"If-Match": '"1"', "Idempotency-Key": "save-1"}
    body = {"answers": {"safer": 2}}
    first, again = [await client.put(f"/v1/audits/{path}/answers", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == '"2"'
    other = await client.put(f"/v1/audits/{path}/answers", json={"answers": {"safer": 1}}, headers=headers)
    assert other.status_code == 422


async def test_of_devices_that_save_at_once_each_that_loses_is_told_what_the_winner_changed(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, whole(submit=False)))["id"]
    codes = ("safer", "lasting", "better_off")
    results = await asyncio.gather(*(save(client, path, {"answers": {code: 1}}, 1) for code in codes))
    (won,) = [code for code, one in zip(codes, results, strict=True) if one.status_code == 200]
    lost = [one.json() for one in results if one.status_code == 412]
    assert [one["changed_questions"] for one in lost] == [[won], [won]]
