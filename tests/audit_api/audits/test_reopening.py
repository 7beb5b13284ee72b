"""A submitted audit opened again: what was submitted counts and is kept, until and after the correction."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.clock import FixedClock
from tests.audit_api.life import analysis_of, faults, learn, save, saved, slug, step, stepped
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, activity_of, answers, cover, in_round, make_round, send, whole
from tests.conftest import TODAY, Running, Start

REASON = {"reason": "The plan was read in the wrong edition."}
PEOPLE = [{"part": "case_worker", "level": "practitioner", "post": "Social worker"}]


async def _figures(client: httpx.AsyncClient) -> Any:
    return await analysis_of(client, "2026-11"), await cover(client, "2026-11") | {"as_at": None}


async def test_an_earlier_submission_is_kept_and_counts_until_the_correction_is_submitted(start: Start) -> None:
    clock = FixedClock(TODAY)
    audit = await start("audit", clock=clock)
    client = await audit.client("qa_manager")
    await make_round(client, "2026-11")
    first = await send(client, in_round("fs_weymouth", "2026-11", participants=PEOPLE))
    path = first["id"]
    await learn(audit, path)
    await stepped(client, path, "closures", {})
    before = await _figures(client)
    reopened = await stepped(client, path, "reopenings", REASON)
    assert (reopened["status"], reopened["closed_on"], reopened["edition"]) == ("in_progress", None, 1)
    assert reopened["correction"]["from_status"] == "closed"
    (listed,) = (await client.get("/v1/audits")).json()["items"]
    assert (listed["status"], listed["reopened"], listed["submitted_on"]) == ("in_progress", True, "2026-11-23")
    assert reopened["correction"]["reopened_why"] == REASON["reason"]
    assert reopened["allowed_actions"] == ["answer", "submit", "attach", "reallocate"]
    clock.advance(timedelta(days=27))
    graded = {"outcomes_overall": "inadequate", "goals_met": "none", "goals_missed_why": "The course began late."}
    draft = await saved(
        client,
        path,
        {
            "answers": graded,
            "views": {"parent_carer": {"feedback": "V-9"}},
            "findings": [IMPROVEMENT],
            "participants": [],
        },
    )
    assert (draft["answers"]["outcomes_overall"], draft["participants"]) == ("inadequate", [])
    assert draft["grades"] == first["grades"]
    counted = await _figures(client)
    # Days have passed and other teams are late by now, yet this audit stays on time and every figure as it was.
    assert counted[0] | {"slots": None} == before[0] | {"slots": None}
    assert next(one for one in counted[1]["slots"] if one["unit"] == "fs_weymouth")["state"] == "done"
    early = await step(client, path, "submissions")
    assert faults(early) == {("/findings", "strength_missing")}
    await saved(client, path, {"no_strength_reason": "The record was too thin to tell."})
    done = await stepped(client, path, "submissions")
    assert (done["status"], done["edition"], done["correction"]) == ("submitted", 2, None)
    assert (done["submitted_on"], done["submitted_at"][:10], done["late"]) == ("2026-11-23", "2026-12-20", False)
    assert done["grades"]["outcomes_achieved"] == "inadequate"
    assert (done["answers"], done["views"]["parent_carer"]["feedback"]) == (answers(**graded), "V-9")
    after = await _figures(client)
    assert (after[0]["audits"], after[0]["findings"]["strengths"]) == (1, 0)
    assert next(one for one in after[1]["slots"] if one["unit"] == "fs_weymouth")["state"] == "done"
    await _kept_whole(client, path, first)
    await audit.seal()
    actions = [row["action"] for row in await activity_of(await audit.client("admin"), "audit")]
    assert actions == [
        "audit.submitted", "audit.closed", "audit.reopened", "audit.saved", "audit.saved", "audit.resubmitted",
    ]  # fmt: skip


async def _kept_whole(client: httpx.AsyncClient, path: str, first: dict[str, Any]) -> None:
    rows = (await client.get(f"/v1/audits/{path}/versions")).json()["items"]
    assert [(row["number"], row["state"], row["submitted_on"]) for row in rows] == [
        (1, "superseded", "2026-11-23"),
        (2, "counts", "2026-12-20"),
    ]
    one = (await client.get(f"/v1/audits/{path}/versions/1")).json()
    for name in ("answers", "findings", "participants", "grades", "submitted_at", "submitted_by"):
        assert one[name] == first[name], name
    assert one["views"]["parent_carer"]["reason"] == "declined"
    assert (one["reopened_why"], one["reopened_by"]) == (REASON["reason"], "test-qa_manager")
    two = (await client.get(f"/v1/audits/{path}/versions/2")).json()
    assert two["answers"]["goals_missed_why"] == "The course began late."
    assert (await client.get(f"/v1/audits/{path}/versions/3")).status_code == 404


async def test_the_submission_of_an_audit_under_correction_is_read_as_it_counts(audit: Running) -> None:
    client = await audit.client("qa_manager")
    first = await send(client, whole())
    path = first["id"]
    await stepped(client, path, "reopenings", REASON)
    await saved(client, path, {"answers": {"safer": 1}})
    (row,) = (await client.get(f"/v1/audits/{path}/versions")).json()["items"]
    assert (row["number"], row["state"]) == (1, "counts")
    assert (await client.get(f"/v1/audits/{path}/versions/1")).json()["answers"]["safer"] == 4
    assert (await client.get(f"/v1/audits/{path}")).json()["answers"]["safer"] == 1
    draft = await send(client, whole(submit=False))
    assert (await client.get(f"/v1/audits/{draft['id']}/versions")).json()["items"] == []
    assert (await client.get(f"/v1/audits/{draft['id']}/versions/1")).status_code == 404


async def test_a_correction_is_corrected_again_and_every_edition_is_kept(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    for grade in (1, 2):
        await stepped(client, path, "reopenings", REASON)
        await saved(client, path, {"answers": {"safer": grade}})
        await stepped(client, path, "submissions")
    held = [(await client.get(f"/v1/audits/{path}/versions/{n}")).json()["answers"]["safer"] for n in (1, 2, 3)]
    assert held == [4, 1, 2]


@pytest.mark.parametrize("status", ["allocated", "in_progress"])
async def test_only_what_was_submitted_is_opened_again(audit: Running, status: str) -> None:
    client = await audit.client("qa_manager")
    body = whole(submit=False) if status == "in_progress" else whole(submit=False, answers={}, views={}, findings=None)
    path = (await send(client, body))["id"]
    refused = await step(client, path, "reopenings", REASON)
    assert (refused.status_code, slug(refused)) == (409, "audit-not-reopenable")
    assert (await step(client, path, "reopenings", {})).status_code == 422


async def test_of_two_reopenings_at_once_one_wins(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    results = await asyncio.gather(*(step(client, path, "reopenings", REASON, 1) for _ in range(3)))
    assert sorted(one.status_code for one in results) == [201, 412, 412]


async def test_a_finding_that_something_rests_on_stays_itself_through_a_correction(audit: Running) -> None:
    client = await audit.client("qa_manager")
    found = await send(client, whole())
    path, (strength, improvement) = found["id"], found["findings"]
    action = {
        "finding": improvement["id"], "title": "Book reviews ahead", "due_on": "2027-01-31",
        "owner": {"role": "team_manager"},
    }  # fmt: skip
    assert (await client.post("/v1/actions", json=action)).status_code == 201
    await stepped(client, path, "reopenings", REASON)
    # Sent without ids, alike ones stay themselves; sent with its id, a changed one does.
    alike = (await saved(client, path, {"findings": [STRENGTH, IMPROVEMENT]}))["findings"]
    assert [one["id"] for one in alike] == [strength["id"], improvement["id"]]
    renamed = IMPROVEMENT | {"id": improvement["id"], "title": "Reviews held late or not at all"}
    await saved(client, path, {"findings": [renamed, STRENGTH]})
    done = await stepped(client, path, "submissions")
    assert [(one["id"], one["title"]) for one in done["findings"]] == [
        (improvement["id"], "Reviews held late or not at all"),
        (strength["id"], STRENGTH["title"]),
    ]
    await stepped(client, path, "reopenings", REASON)
    await saved(client, path, {"findings": [STRENGTH]})
    refused = await step(client, path, "submissions")
    assert (refused.status_code, slug(refused)) == (409, "finding-in-use")
    kept = (await client.get(f"/v1/audits/{path}/versions/2")).json()["findings"]
    assert [one["id"] for one in kept] == [improvement["id"], strength["id"]]
    assert (await client.get(f"/v1/audits/{path}")).json()["status"] == "in_progress"


async def test_a_finding_named_as_evidence_or_as_learned_from_does_not_vanish_either(audit: Running) -> None:
    client = await audit.client("qa_manager")
    evidence = await send(client, whole())
    action = {
        "unit": "fs_weymouth", "title": "Book reviews ahead", "due_on": "2027-01-31",
        "owner": {"role": "team_manager"}, "evidence": [{"kind": "finding", "ref": evidence["findings"][0]["id"]}],
    }  # fmt: skip
    assert (await client.post("/v1/actions", json=action)).status_code == 201
    learned = await send(client, whole())
    await learn(audit, learned["id"], finding=learned["findings"][0]["id"])
    repeated = await send(client, whole())
    await send(client, whole(findings=[STRENGTH | {"repeat_of": repeated["findings"][0]["id"]}]))
    for found in (evidence, learned, repeated):
        await stepped(client, found["id"], "reopenings", REASON)
        await saved(client, found["id"], {"findings": [], "no_strength_reason": "None was seen."})
        assert slug(await step(client, found["id"], "submissions")) == "finding-in-use"


async def test_a_finding_is_kept_under_an_id_of_its_own_audit_only(audit: Running) -> None:
    client = await audit.client("qa_manager")
    other = (await send(client, whole()))["findings"][0]["id"]
    found = await send(client, whole(submit=False))
    own = found["findings"][0]["id"]
    for given, place in (([STRENGTH | {"id": other}], 0), ([STRENGTH | {"id": own}, IMPROVEMENT | {"id": own}], 1)):
        refused = await save(client, found["id"], {"findings": given})
        assert (refused.status_code, {one[0] for one in faults(refused)}) == (422, {f"/findings/{place}/id"})
    new = await client.post("/v1/audits", json=whole(findings=[STRENGTH | {"id": own}]))
    assert faults(new) == {("/findings/0/id", "unknown_finding")}
