"""What a second grader sees of an audit before the own grading is in, by every route there is."""

from __future__ import annotations

from typing import Any

from tests.audit_api.life import slug
from tests.audit_api.moderation.steps import MODERATOR, REASON, acted, an_audit, ask, asked, graded, moderator
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, answers, send, whole
from tests.conftest import Running
from tests.documents import document_of

# A word in every text the first grader wrote, and a grade nobody else gave.
MARK = "wagtail"
FIRST = {
    "answers": answers(intervention_overall="inadequate", records_read=f"Read by the {MARK}."),
    "findings": [STRENGTH | {"title": f"The {MARK} listened"}, IMPROVEMENT | {"text": f"The {MARK} was late."}],
}


async def _given(audit: Running) -> tuple[str, dict[str, Any]]:
    number = await an_audit(audit, **FIRST)
    manager = await audit.client("qa_manager")
    held = (await manager.get(f"/v1/audits/{number}")).json()
    action = {
        "finding": held["findings"][1]["id"], "title": f"Teach the {MARK} to be on time", "due_on": "2027-01-29",
        "owner": {"role": "team_manager"},
    }  # fmt: skip
    raised = await manager.post("/v1/actions", json=action)
    assert raised.status_code == 201, raised.text
    learning = {
        "unit": "fs_weymouth", "title": f"What the {MARK} teaches us", "kind": "new", "audience": ["practitioner"],
        "visibility": "organisation", "sources": [{"kind": "audit", "id": number}],
    }  # fmt: skip
    learned = await manager.post("/v1/learning", json=learning)
    assert learned.status_code == 201, learned.text
    passed_on = await manager.post(
        f"/v1/learning/{learned.json()['id']}/disseminations", json={}, headers={"If-Match": '"1"'}
    )
    assert passed_on.status_code == 201, passed_on.text
    begun = await asked(manager, number, **MODERATOR, reason=f"The {MARK} says inadequate is wrong.")
    ids = {
        "audit_id": number, "moderation_id": begun["id"], "action_id": raised.json()["id"], "number": "1",
        "learning_id": learned.json()["id"],
        "version": "1",
    }  # fmt: skip
    return number, ids


def _told(text: str) -> bool:
    return MARK in text or '"quality_of_intervention":"inadequate"' in text


async def test_no_route_shows_a_second_grader_the_first_grading_before_the_own_is_in(audit: Running) -> None:
    number, ids = await _given(audit)
    paths = [path for path, item in document_of("audit")["paths"].items() if "get" in item]
    assert len(paths) > 20
    # One who may read everything everywhere learns no more than an auditor does.
    for reader in (
        await moderator(audit),
        await audit.client("admin", subject="moderator-1"),
    ):
        for path in paths:
            address = path.format_map(_Known(ids))
            seen = [await reader.get(address), await reader.get(address, params={"period": "2026-11"})]
            assert not any(_told(one.text) or one.status_code >= 500 for one in seen), path
    other = await audit.client("qa_manager")
    assert _told((await other.get(f"/v1/audits/{number}")).text)
    assert _told((await other.get("/v1/actions")).text)
    assert _told((await other.get("/v1/learning")).text)
    assert _told((await other.get("/v1/analysis?period=2026-11")).text)


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return {"code": "case_audit"}.get(key, self["audit_id"])


async def test_a_second_grader_reads_case_tool_and_evidence_and_is_told_that_the_rest_is_left_out(
    audit: Running,
) -> None:
    number, ids = await _given(audit)
    manager, second = await audit.client("qa_manager"), await moderator(audit)
    evidence = {"kind": "record", "ref": "CMS-204417/chronology"}
    assert (await manager.post(f"/v1/audits/{number}/attachments", json=evidence)).status_code == 201
    held = (await second.get(f"/v1/audits/{number}")).json()
    assert (held["blind"], held["case_reference"], held["tool"]) == (True, "CMS-204417", "case_audit")
    assert (held["answers"], held["findings"], set(held["grades"].values())) == ({}, [], {None})
    assert set(held["views"]) == {"child", "parent_carer", "icrs"}
    listed = (await second.get("/v1/audits")).json()["items"]
    assert [(one["id"], one["blind"], set(one["grades"].values())) for one in listed] == [(number, True, {None})]
    found = (await second.get(f"/v1/audits/{number}/attachments")).json()["items"]
    assert [one["ref"] for one in found] == ["CMS-204417/chronology"]
    told = (await second.get(f"/v1/moderations/{ids['moderation_id']}")).json()
    assert (told["blind"], told["gradings"], told["reason"], told["origin"]) == (True, [], None, None)
    assert told["scale"] == ["inadequate", "requires_improvement", "good", "outstanding"]
    assert told["allowed_actions"] == ["grade"]
    for path in (f"/v1/audits/{number}/history", f"/v1/audits/{number}/versions", f"/v1/audits/{number}/versions/1"):
        refused = await second.get(path)
        assert (refused.status_code, slug(refused)) == (403, "blind-until-graded")


async def test_once_the_own_grading_is_in_the_second_grader_sees_all_under_a_new_etag(audit: Running) -> None:
    number, ids = await _given(audit)
    second = await moderator(audit)
    before = await second.get(f"/v1/audits/{number}")
    await acted(second, ids["moderation_id"], "gradings", {"grades": graded("good", "good", "good")})
    after = await second.get(f"/v1/audits/{number}", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["blind"]) == (200, False)
    assert after.json()["grades"]["quality_of_intervention"] == "inadequate"
    told = (await second.get(f"/v1/moderations/{ids['moderation_id']}")).json()
    assert (told["differing"], told["origin"]) == (["quality_of_intervention"], "manager")
    history = (await second.get(f"/v1/audits/{number}/history")).json()["items"]
    assert [one["kind"] for one in history] == ["moderation_begun", "second_graded"]


async def test_an_analysis_of_many_audits_stays_open_to_a_second_grader(audit: Running) -> None:
    await _given(audit)
    for place in range(4):
        await an_audit(audit, "auditor-2", case_reference=f"CMS-20450{place}")
    second = await audit.client("analyst", subject="moderator-1")
    assert (await second.get("/v1/analysis?period=2026-11")).json()["audits"] == 5
    few = await second.get("/v1/analysis?period=2026-12")
    assert few.status_code == 200
    team = await an_audit(audit, "auditor-2", "fs_portland", case_reference="CMS-204600")
    manager = await audit.client("qa_manager")
    await asked(manager, team, **MODERATOR)
    refused = await second.get("/v1/analysis?period=2026-11&unit=fs_portland")
    assert (refused.status_code, slug(refused)) == (403, "blind-until-graded")


async def test_who_put_the_first_grading_in_is_not_blind_and_who_had_read_it_is_marked(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    number = str((await send(manager, whole(auditor="auditor-1")))["id"])
    refused = await ask(manager, number, **MODERATOR | {"grader": "test-qa_manager"})
    assert slug(refused) == "grader-not-independent"
    reader = await audit.client("qa_manager", subject="manager-2")
    await reader.get(f"/v1/audits/{number}")
    assert (await asked(manager, number, **MODERATOR | {"grader": "manager-2"}))["read_before"] is True
    assert (await asked(manager, await an_audit(audit), **MODERATOR))["read_before"] is False


async def test_the_reason_of_a_dispute_and_a_title_never_hold_what_identifies(start: Any) -> None:
    running = await start("audit", free_text_identifiers="refuse")
    number = await an_audit(running)
    refused = await ask(await running.client("qa_manager"), number, reason="Ring 07700 900123 about it.")
    assert (refused.status_code, "07700" in refused.text) == (422, False)
    assert (await asked(await running.client("qa_manager"), number))["reason"] == REASON
