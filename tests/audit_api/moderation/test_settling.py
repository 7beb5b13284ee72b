"""A moderation from its beginning to grades that are settled."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.audit_api.life import faults, learn, slug, step, stepped
from tests.audit_api.moderation.steps import (
    DOMAINS,
    MODERATOR,
    act,
    acted,
    an_audit,
    ask,
    asked,
    graded,
    in_difference,
    moderator,
)
from tests.audit_api.papers import activity_of, send, whole
from tests.conftest import Running

EXTERNAL = {"council": "Example Council", "reference": "EX-QA-7", "evidence": "DOC-2026-118"}


async def test_where_both_agree_the_audit_is_moderated_at_once_and_closes(audit: Running) -> None:
    number, manager = await an_audit(audit), await audit.client("qa_manager")
    begun = await asked(manager, number, **MODERATOR)
    assert (begun["status"], begun["origin"], begun["due_on"]) == ("allocated", "manager", "2026-12-07")
    assert [one["part"] for one in begun["gradings"]] == ["first"]
    assert begun["gradings"][0]["by"] == "auditor-1"
    assert begun["allowed_actions"] == ["allocate", "withdraw"]
    held = (await manager.get(f"/v1/audits/{number}")).json()
    assert (held["status"], held["version"]) == ("in_moderation", 2)
    assert not {"close", "reopen", "moderate"}.intersection(held["allowed_actions"])
    grades = {"grades": graded("good", "good", "good"), "answers": {"safeguarding": "good"}}
    second = await moderator(audit)
    unknown = await act(second, begun["id"], "gradings", grades)
    assert (unknown.status_code, slug(unknown)) == (422, "grades-do-not-fit")
    told = await acted(second, begun["id"], "gradings", grades | {"answers": {"risk_reasoned": "good"}})
    assert (told["status"], told["settled_how"], told["version"]) == ("settled", "agreed", 2)
    assert [one["part"] for one in told["gradings"]] == ["first", "second", "final"]
    assert told["gradings"][1]["answers"] == {"risk_reasoned": "good"}
    done = (await manager.get(f"/v1/audits/{number}")).json()
    assert (done["status"], done["grades"]) == ("moderated", dict.fromkeys(DOMAINS, "good"))
    await learn(audit, number)
    assert (await stepped(manager, number, "closures", {}))["status"] == "closed"


async def test_an_audit_in_moderation_is_neither_closed_nor_opened_again_nor_moderated_twice(audit: Running) -> None:
    number, manager = await an_audit(audit), await audit.client("qa_manager")
    await learn(audit, number)
    await asked(manager, number)
    for name, body, kind in (
        ("closures", {}, "audit-not-closable"),
        ("reopenings", {"reason": "Two grades are wrong."}, "audit-not-reopenable"),
        ("moderations", {"reason": "Once more."}, "audit-not-to-moderate"),
    ):
        refused = await step(manager, number, name, body)
        assert (refused.status_code, slug(refused)) == (409, kind)


async def test_of_two_that_ask_at_once_one_begins_the_moderation(audit: Running) -> None:
    number, manager = await an_audit(audit), await audit.client("qa_manager")
    path = f"/v1/audits/{number}/moderations"
    results = await asyncio.gather(
        *(manager.post(path, json={"reason": "Disputed."}, headers={"If-Match": '"1"'}) for _ in range(4))
    )
    assert sorted(one.status_code for one in results) == [201, 409, 409, 409]
    assert len((await manager.get(path)).json()["items"]) == 1


async def test_two_who_differ_consolidate_one_proposes_and_the_other_confirms(audit: Running) -> None:
    number, moderation = await in_difference(audit)
    first = await audit.client("auditor", subject="auditor-1")
    second = await moderator(audit)
    assert (await first.get(f"/v1/moderations/{moderation}")).json()["differing"] == ["outcomes_achieved"]
    body = {"grades": graded("", "inadequate", "", reason="Neither goal was met.")}
    proposed = await acted(first, moderation, "proposals", body)
    assert (proposed["status"], proposed["proposed_by"]) == ("proposed", "auditor-1")
    assert proposed["allowed_actions"] == ["propose", "declare_conflict"]
    own = await act(first, moderation, "confirmations")
    assert (own.status_code, slug(own)) == (403, "not-your-part")
    other = {"grades": graded("", "requires_improvement", "", reason="One of two goals was met.")}
    counter = await acted(second, moderation, "proposals", other)
    assert counter["proposal"] == {
        "outcomes_achieved": {"grade": "requires_improvement", "reason": "One of two goals was met."}
    }
    stale = await act(first, moderation, "confirmations", version=proposed["version"])
    assert stale.status_code == 412
    settled = await acted(first, moderation, "confirmations")
    assert (settled["status"], settled["settled_how"]) == ("settled", "consolidated")
    grades = {
        one["part"]: {domain: grade["grade"] for domain, grade in one["grades"].items()} for one in settled["gradings"]
    }
    apart = {"outcomes_achieved": "requires_improvement"}
    assert grades == {
        "first": dict.fromkeys(DOMAINS, "good"),
        "second": dict.fromkeys(DOMAINS, "good") | apart,
        "final": dict.fromkeys(DOMAINS, "good") | apart,
    }
    held = (await first.get(f"/v1/audits/{number}")).json()
    assert (held["status"], held["grades"]) == ("moderated", grades["final"])
    assert held["answers"]["outcomes_overall"] == "good"


async def test_final_grades_count_in_the_analysis_from_then_on_and_the_activity_says_when(audit: Running) -> None:
    number, moderation = await in_difference(audit)
    reader = await audit.client("analyst")

    async def outcomes() -> dict[str, int]:
        found = (await reader.get("/v1/analysis?period=2026-11")).json()["domains"][1]["grades"]
        return {one["grade"]: one["count"] for one in found if one["count"]}

    assert await outcomes() == {"good": 1}
    body = {"grades": graded("", "inadequate", "", reason="Neither goal was met.")}
    await acted(await moderator(audit), moderation, "proposals", body)
    await acted(await audit.client("auditor", subject="auditor-1"), moderation, "confirmations")
    assert await outcomes() == {"inadequate": 1}
    await audit.seal()
    rows = await activity_of(await audit.client("admin"), "audit")
    told = [row for row in rows if row["action"] == "audit.moderated"]
    assert [(row["subject_id"], row["data"]["grades_changed"], row["data"]["how"]) for row in told] == [
        (number, 1, "consolidated")
    ]
    assert told[0]["data"]["counts_on"] == "2026-11-23"
    assert "goal" not in str(rows)


async def test_a_conflict_goes_to_a_third_grader_whose_grade_settles_it(audit: Running) -> None:
    number, moderation = await in_difference(audit)
    first, manager = await audit.client("auditor", subject="auditor-1"), await audit.client("qa_manager")
    told = await acted(first, moderation, "conflicts", {"reason": "We read the chronology differently."})
    assert (told["status"], told["conflict_reason"]) == ("conflict", "We read the chronology differently.")
    for grader in ("auditor-1", "moderator-1"):
        body = MODERATOR | {"grader": grader}
        refused = await act(manager, moderation, "allocations", body)
        assert (refused.status_code, slug(refused)) == (409, "grader-not-independent")
    await acted(manager, moderation, "allocations", MODERATOR | {"grader": "moderator-3"})
    third = await moderator(audit, "moderator-3")
    waiting = (await third.get("/v1/moderations?waits_for_me=true")).json()["items"]
    assert [one["id"] for one in waiting] == [moderation]
    assert (await third.get(f"/v1/audits/{number}")).json()["grades"]["outcomes_achieved"] == "good"
    bare = await act(third, moderation, "third-gradings", {"grades": graded("", "inadequate", "")})
    assert faults(bare) == {("/grades/outcomes_achieved/reason", "required")}
    body = {"grades": graded("outstanding", "inadequate", "", reason="Harm went on throughout.")}
    done = await acted(third, moderation, "third-gradings", body)
    final = {domain: one["grade"] for domain, one in done["gradings"][-1]["grades"].items()}
    # Where first and second agree their grade stands; what the third thought there is kept.
    assert final == {
        "quality_of_intervention": "good",
        "outcomes_achieved": "inadequate",
        "adherence_to_process": "good",
    }
    assert [one["part"] for one in done["gradings"]] == ["first", "second", "third", "final"]
    assert done["gradings"][2]["grades"]["quality_of_intervention"]["grade"] == "outstanding"
    assert (await manager.get(f"/v1/audits/{number}")).json()["grades"] == final


async def test_the_third_may_be_another_councils_without_an_account_recorded_by_a_manager(audit: Running) -> None:
    _, moderation = await in_difference(audit)
    second, manager = await moderator(audit), await audit.client("qa_manager")
    await acted(second, moderation, "conflicts", {"reason": "We read the chronology differently."})
    body = {"grades": graded("", "inadequate", "", reason="Harm went on."), "external": EXTERNAL}
    refused = await act(second, moderation, "third-gradings", body)
    assert (refused.status_code, slug(refused)) == (403, "not-your-part")
    told = await acted(manager, moderation, "third-gradings", body)
    third = told["gradings"][2]
    assert (third["by"], third["external"], third["recorded_by"]) == (None, EXTERNAL, "test-qa_manager")
    assert told["settled_how"] == "third"


@pytest.mark.parametrize("manager_is", ["auditor", "moderator"])
async def test_a_manager_who_graded_settles_nothing_of_the_own_dispute(audit: Running, manager_is: str) -> None:
    manager = await audit.client("qa_manager", subject="manager-2")
    if manager_is == "auditor":
        number = str((await send(manager, whole()))["id"])
        found = await asked(await audit.client("qa_manager"), number, **MODERATOR)
        second = await moderator(audit)
    else:
        number = await an_audit(audit)
        found = await asked(await audit.client("qa_manager"), number, **MODERATOR | {"grader": "manager-2"})
        second = manager
    await acted(second, found["id"], "gradings", {"grades": graded("good", "inadequate", "good")})
    await acted(manager, found["id"], "conflicts", {"reason": "We do not agree."})
    body = {"grades": graded("", "good", "", reason="As I said."), "external": EXTERNAL}
    for name, sent in (("third-gradings", body), ("allocations", MODERATOR | {"grader": "friend-1"})):
        refused = await act(manager, found["id"], name, sent)
        assert (refused.status_code, slug(refused)) == (403, "not-your-part")


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"grader": "auditor-1"}, "first_grader"),
        ({"grader_unit": "fs_weymouth"}, "of_the_team"),
        ({"grader": "worker-17"}, "on_the_case"),
        ({"grader": "supervisor-3"}, "on_the_case"),
    ],
)
async def test_the_second_grader_is_independent_of_audit_team_and_case(
    audit: Running, named: dict[str, str], code: str
) -> None:
    people = [
        {"part": "case_worker", "level": "practitioner", "reference": "worker-17"},
        {"part": "case_manager", "level": "team_manager", "reference": "supervisor-3"},
    ]
    number, manager = await an_audit(audit, participants=people), await audit.client("qa_manager")
    refused = await ask(manager, number, **MODERATOR | named)
    assert (refused.status_code, slug(refused), faults(refused)) == (409, "grader-not-independent", {("/grader", code)})
    assert (await manager.get(f"/v1/audits/{number}")).json()["status"] == "submitted"


async def test_independence_is_judged_again_by_the_token_when_the_grading_comes(audit: Running) -> None:
    found = await asked(await audit.client("qa_manager"), await an_audit(audit), **MODERATOR)
    moved = await audit.client("auditor", unit="fs_weymouth", subject="moderator-1")
    refused = await act(moved, found["id"], "gradings", {"grades": graded("good", "good", "good")})
    assert faults(refused) == {("/grader", "of_the_team")}


@pytest.mark.parametrize(
    ("grades", "found"),
    [
        (graded("good", "good", ""), {("/grades/adherence_to_process", "required")}),
        (graded("good", "good", "splendid"), {("/grades/adherence_to_process/grade", "grade_off_scale")}),
        ({}, {(f"/grades/{domain}", "required") for domain in DOMAINS}),
    ],
)
async def test_a_second_grading_is_whole_and_on_the_scale(
    audit: Running, grades: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    begun = await asked(await audit.client("qa_manager"), await an_audit(audit), **MODERATOR)
    refused = await act(await moderator(audit), begun["id"], "gradings", {"grades": grades})
    assert (refused.status_code, slug(refused), faults(refused)) == (422, "grades-do-not-fit", found)
    assert "splendid" not in refused.text


async def test_who_asks_is_known_as_auditor_team_or_manager(audit: Running) -> None:
    auditor = await audit.client("auditor", subject="auditor-1")
    team = await audit.client("team_manager", unit="fs_weymouth")
    assert (await asked(auditor, await an_audit(audit)))["origin"] == "auditor"
    number = await an_audit(audit)
    named = await ask(team, number, **MODERATOR)
    assert (named.status_code, named.json()["needed_scope"]) == (403, "audit:manage")
    assert (await asked(team, number))["origin"] == "team"
    elsewhere = await audit.client("team_manager", unit="fs_portland", subject="team-2")
    path = f"/v1/audits/{await an_audit(audit)}/moderations"
    assert (await elsewhere.post(path, json={"reason": "No."}, headers={"If-Match": '"1"'})).status_code == 404


async def test_only_a_submitted_audit_is_moderated_and_a_moderated_one_not_again_by_the_same(audit: Running) -> None:
    manager, auditor = await audit.client("qa_manager"), await audit.client("auditor", subject="auditor-1")
    draft = str((await send(auditor, whole(submit=False)))["id"])
    refused = await ask(manager, draft)
    assert (slug(refused), faults(refused)) == ("audit-not-to-moderate", {("/status", "in_progress")})
    number, moderation = await in_difference(audit)
    body = {"grades": graded("", "inadequate", "", reason="Neither goal was met.")}
    await acted(auditor, moderation, "proposals", body)
    await acted(await moderator(audit), moderation, "confirmations")
    assert slug(await ask(manager, number)) == "audit-not-to-moderate"
    await stepped(manager, number, "reopenings", {"reason": "A view was missing."})
    corrected = await stepped(auditor, number, "submissions")
    # The answer was not changed, so the grade that was settled on stands.
    assert (corrected["status"], corrected["grades"]["outcomes_achieved"]) == ("submitted", "inadequate")
    again = await ask(manager, number, **MODERATOR)
    assert faults(again) == {("/grader", "graded_before")}
    await stepped(manager, number, "reopenings", {"reason": "The grade is another."})
    path = f"/v1/audits/{number}"
    seen = (await auditor.get(path)).headers["etag"]
    sent = await auditor.put(f"{path}/answers", json={"answers": {"outcomes_overall": "outstanding"}},
        headers={"If-Match": seen})  # fmt: skip
    assert sent.status_code == 200
    assert (await stepped(auditor, number, "submissions"))["grades"]["outcomes_achieved"] == "outstanding"


async def test_a_moderation_nobody_has_graded_is_withdrawn_with_a_reason(audit: Running) -> None:
    number, manager = await an_audit(audit), await audit.client("qa_manager")
    begun = await asked(manager, number, **MODERATOR)
    assert (await act(manager, begun["id"], "withdrawals", {})).status_code == 422
    told = await acted(manager, begun["id"], "withdrawals", {"reason": "Asked for by mistake."})
    assert (told["status"], told["withdrawn_why"]) == ("withdrawn", "Asked for by mistake.")
    assert (await manager.get(f"/v1/audits/{number}")).json()["status"] == "submitted"
    assert (await (await moderator(audit)).get(f"/v1/audits/{number}")).status_code == 404
    _, moderation = await in_difference(audit)
    late = await act(manager, moderation, "withdrawals", {"reason": "Too late."})
    assert (late.status_code, slug(late)) == (409, "moderation-elsewhere")


async def test_steps_out_of_order_are_refused_by_name(audit: Running) -> None:
    begun = await asked(await audit.client("qa_manager"), await an_audit(audit), **MODERATOR)
    second, manager = await moderator(audit), await audit.client("qa_manager")
    body = {"grades": graded("", "good", "", reason="As it was.")}
    for client, name, sent in (
        (second, "proposals", body),
        (second, "confirmations", None),
        (second, "conflicts", {"reason": "No."}),
        (manager, "third-gradings", body | {"external": EXTERNAL}),
    ):
        refused = await act(client, begun["id"], name, sent)
        assert (name, refused.status_code, slug(refused)) == (name, 409, "moderation-elsewhere")
    stranger = await audit.client("auditor", subject="auditor-9")
    other = await act(stranger, begun["id"], "gradings", {"grades": graded("good", "good", "good")})
    assert (other.status_code, slug(other)) == (403, "not-your-part")


async def test_moderations_are_listed_by_due_date_overdue_and_waiting(audit: Running) -> None:
    manager, second = await audit.client("qa_manager"), await moderator(audit)
    late = await asked(manager, await an_audit(audit), **MODERATOR, due_on="2026-11-23")
    await asked(manager, await an_audit(audit, case_reference="CMS-204418"), due_on="2026-12-01")
    past = await ask(manager, await an_audit(audit, case_reference="CMS-204419"), due_on="2026-11-01")
    assert faults(past) == {("/due_on", "in_past")}
    mine = (await second.get("/v1/moderations?waits_for_me=true")).json()["items"]
    assert [(one["id"], one["waits_for_me"]) for one in mine] == [(late["id"], True)]
    listed = (await manager.get("/v1/moderations?limit=1")).json()
    assert [one["id"] for one in listed["items"]] == [late["id"]]
    following = (await manager.get(f"/v1/moderations?limit=1&after={listed['next']}")).json()
    assert [one["status"] for one in following["items"]] == ["unallocated"]
    assert (await manager.get("/v1/moderations?overdue=true")).json()["items"] == []
    audit.clock.advance(timedelta(days=1))
    manager = await audit.client("qa_manager")
    overdue = (await manager.get("/v1/moderations?overdue=true")).json()["items"]
    assert [(one["id"], one["overdue"]) for one in overdue] == [(late["id"], True)]
    await acted(await moderator(audit), late["id"], "gradings", {"grades": graded("good", "good", "good")})
    assert (await manager.get("/v1/moderations?overdue=true")).json()["items"] == []
