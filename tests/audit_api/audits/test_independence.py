"""Nobody hands in an audit of the own team or the own case, whatever has changed since it was allocated."""

from __future__ import annotations

from typing import Any

import httpx

from tests.audit_api.life import save, saved, slug, step, stepped
from tests.audit_api.papers import STRENGTH, VIEWS, answers, in_round, make_round, send, whole
from tests.audit_api.selecting import QA, case, keep_auditor, post_cases
from tests.conftest import Running

WORKER = {"part": "case_worker", "level": "practitioner", "reference": "test-qa_manager"}
FILLED = {"answers": answers(), "views": VIEWS, "findings": [STRENGTH]}


async def allocated(client: httpx.AsyncClient, **changed: Any) -> str:
    body = {
        "unit": "fs_weymouth", "tool": "case_audit", "case_reference": "SYN-00001", "auditor": "auditor-x",
        "auditor_unit": QA,
    }  # fmt: skip
    return str((await send(client, body | changed))["id"])


async def test_an_auditor_who_has_moved_to_the_audited_team_does_not_submit(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    known = await allocated(manager)
    moved = await audit.client("auditor", "fs_weymouth", "auditor-x")
    await saved(moved, known, FILLED)
    answer = await step(moved, known, "submissions")
    assert (answer.status_code, slug(answer)) == (409, "auditor-not-independent")
    assert (await manager.get(f"/v1/audits/{known}")).json()["status"] == "in_progress"
    given = {"auditor": "auditor-y", "auditor_unit": QA, "reason": "The first has moved to the team."}
    await stepped(manager, known, "reallocations", given)
    await stepped(await audit.client("auditor", QA, "auditor-y"), known, "submissions")


async def test_an_auditor_who_was_given_the_case_since_does_not_submit_nor_does_another_for_him(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    known = await allocated(manager)
    auditor = await audit.client("auditor", QA, "auditor-x")
    await saved(auditor, known, FILLED)
    listed = [case(1, workers=["auditor-x"])]
    await post_cases(await audit.client("ingest_client"), "fs_weymouth", listed)
    for client in (auditor, manager):
        answer = await step(client, known, "submissions")
        assert (answer.status_code, slug(answer)) == (409, "own-case")


async def test_a_correction_is_judged_by_who_makes_it(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    known = await allocated(manager)
    auditor = await audit.client("auditor", QA, "auditor-x")
    await saved(auditor, known, FILLED)
    await stepped(auditor, known, "submissions")
    await post_cases(await audit.client("ingest_client"), "fs_weymouth", [case(1, workers=["auditor-x"])])
    await stepped(manager, known, "reopenings", {"reason": "Two grades were in the wrong row."})
    assert slug(await step(auditor, known, "submissions")) == "own-case"
    assert (await stepped(manager, known, "submissions"))["edition"] == 2


async def test_who_manages_audits_fills_in_none_of_the_own_team(audit: Running) -> None:
    known = await allocated(await audit.client("qa_manager"))
    inside = await audit.client("qa_manager", "fs_weymouth", "inside")
    assert slug(await save(inside, known, FILLED)) == "not-the-auditor"
    sent = await inside.post("/v1/audits", json=whole(auditor="auditor-x"))
    assert (sent.status_code, slug(sent)) == (403, "not-the-auditor")


async def test_who_works_on_a_case_hands_it_in_under_nobodys_name(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    sent = await manager.post("/v1/audits", json=whole(auditor="auditor-x", participants=[WORKER]))
    assert (sent.status_code, slug(sent)) == (409, "own-case")
    known = await allocated(manager, participants=[WORKER])
    await saved(manager, known, FILLED)
    assert slug(await step(manager, known, "submissions")) == "own-case"
    await stepped(await audit.client("auditor", QA, "auditor-x"), known, "submissions")


async def test_R21_an_audit_is_not_recorded_for_a_day_before_its_round(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    await make_round(manager, "2026-10")
    # The year mistyped: it was done in November, which is late.
    answer = await manager.post("/v1/audits", json=in_round("fs_weymouth", "2026-10", submitted_on="2025-11-20"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/submitted_on")
    assert (await send(manager, in_round("fs_weymouth", "2026-10", submitted_on="2026-11-20")))["late"] is True


async def test_an_auditor_on_the_register_begins_audits_of_other_teams_by_the_tools_trained_for(
    audit: Running,
) -> None:
    manager, auditor = await audit.client("qa_manager"), await audit.client("auditor", QA, "auditor-x")
    await make_round(manager, "2026-09")
    slot, alone = in_round("fs_weymouth", "2026-09"), whole("fs_chesil", case_reference="CMS-204418")
    for body in (slot, alone):
        assert (await auditor.post("/v1/audits", json=body)).status_code == 422
    await keep_auditor(manager, "auditor-x", tools=["supervision_audit"])
    assert (await auditor.post("/v1/audits", json=slot)).status_code == 422
    await keep_auditor(manager, "auditor-y", tools=["case_audit"], available_to="2026-10-31")
    left = await audit.client("auditor", QA, "auditor-y")
    assert (await left.post("/v1/audits", json=slot)).status_code == 422
    await keep_auditor(manager, "auditor-z", tools=["case_audit"])
    sent = await audit.client("auditor", QA, "auditor-z")
    for body in (slot, alone):
        made = await send(sent, body)
        assert (made["auditor"], made["auditor_unit"], made["status"]) == ("auditor-z", QA, "submitted")
    hidden = alone | {"unit": "fs_portland", "announced": False}
    assert slug(await sent.post("/v1/audits", json=hidden)) == "not-above-the-team"
    moved = await audit.client("auditor", "fs_swanage", "auditor-z")
    assert slug(await moved.post("/v1/audits", json=whole("fs_swanage"))) == "auditor-not-independent"
    # Beginning audits there opens nothing else of the team.
    assert (await sent.get("/v1/coverage?programme=monthly_case_audit&period=2026-09")).status_code == 404
