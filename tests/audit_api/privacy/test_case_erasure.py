"""A case leaves the audit service whole: audits, findings, actions, lists and draws, and what mentions it elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from services.audit_api.holdings import ACTION, HOLDINGS
from shared.activity.verify import verify_chain
from shared.privacy.reach import on_hold
from tests.audit_api.escalations.test_escalations import CONCERN
from tests.audit_api.life import learn
from tests.audit_api.papers import VIEWS, whole
from tests.conftest import Running

CASE = "CMS-204417"
WORDS = "canary-7771212"


async def texts(audit: Running) -> str:
    found = []
    async with audit.database.snapshot() as session:
        for table in audit.app.state.holdings.metadata.sorted_tables:
            rows = await session.execute(sa.text(f'SELECT to_jsonb(x)::text FROM "{table.name}" x'))
            found += [f"{table.name}: {row}" for row in rows.scalars()]
    return "\n".join(found)


async def test_an_erased_case_is_in_no_table_and_what_was_learned_from_it_stays(audit: Running) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    improvement = {
        "kind": "area_for_improvement", "domain": "adherence_to_process", "title": WORDS, "themes": ["planning"],
    }  # fmt: skip
    made = await admin.post("/v1/audits", json=whole(findings=[improvement], no_strength_reason="None was seen."))
    assert made.status_code == 201, made.text
    other = await admin.post("/v1/audits", json=whole(case_reference="CMS-900001"))
    assert other.status_code == 201
    finding = (await admin.get(f"/v1/audits/{made.json()['id']}")).json()["findings"][0]["id"]
    raised = await admin.post(
        "/v1/actions",
        json={
            "unit": "fs_weymouth", "title": WORDS, "owner": {"role": "admin"}, "due_on": "2026-12-20",
            "evidence": [{"kind": "finding", "ref": finding}],
        },
    )  # fmt: skip
    assert raised.status_code == 201, raised.text
    learning = await learn(audit, made.json()["id"], finding=finding)
    cases = {"as_at": "2026-11-20", "items": [{"case_reference": CASE, "opened_on": "2026-03-02"}]}
    posted = await admin.put("/v1/units/fs_weymouth/open-cases", json=cases)
    assert posted.status_code == 201, posted.text
    await admin.get("/v1/analysis?period=2026-11")
    excluded = f'[{{"case_reference": "{CASE}", "reason": "audited"}}, {{"case_reference": "CMS-2", "reason": "new"}}]'
    async with audit.database.transaction() as session:
        await session.execute(
            sa.text(
                "INSERT INTO case_draw (id, unit, tool, audit_type, asked, seed, seed_given, weights, rules, strata,"
                " excluded, pool_size, pool_hash, drawn_on, drawn_by, drawn_at, version) VALUES (gen_random_uuid(),"
                " 'fs_weymouth', 'case_audit', 'single_case', 1, 's', false, '{}', '{}', '[]',"
                " CAST(:excluded AS jsonb), 1, '', :day, 'x', now(), 1)"
            ),
            {"excluded": excluded, "day": date(2026, 11, 20)},
        )
        await session.execute(
            sa.text(
                "INSERT INTO drawn_case (draw_id, position, case_reference, unit, stratum, audit_id, assignments,"
                " passed_over) SELECT id, 1, :case, 'fs_weymouth', 's', CAST(:audit AS uuid), '[]', '[]' FROM case_draw"
            ),
            {"case": CASE, "audit": made.json()["id"]},
        )
        await session.execute(
            sa.text(
                "INSERT INTO learning_source (learning_id, position, kind, reference)"
                " VALUES (CAST(:learning AS uuid), 1, 'complaint', :case)"
            ),
            {"case": CASE, "learning": learning},
        )
    await audit.seal()
    subject = {"subject": {"by": "case", "reference": CASE}}
    told = (await officer.post("/v1/privacy/subject-access", json=subject)).json()
    tables = {one["table"] for one in told["held"]}
    # Of what was drawn, too: that nobody was passed over for it does not hide that it was.
    held = {"audit", "audit_answer", "audit_finding", "audit_view", "action", "case_draw", "drawn_case"}
    assert tables >= held | {"learning_source"}
    body: dict[str, Any] = subject | {"ground": "unlawful", "request_reference": "DPO-2026-015"}
    done = (await officer.post("/v1/privacy/erasures", json=body)).json()
    assert done["records"] == {"action": 1, "audit": 1, "open_case": 1}
    assert done["mentions"] == {"case_draw": 1, "learning_source": 1}
    left = await texts(audit)
    assert CASE not in left
    assert WORDS not in left
    assert "CMS-900001" in left
    assert "CMS-2" in left
    assert (await admin.get(f"/v1/learning/{learning}")).status_code == 200
    await audit.seal()
    verdict = await verify_chain(audit.database)
    assert verdict.faults == []
    assert verdict.erased >= 2


async def test_a_concern_about_the_plan_of_a_case_is_told_held_and_erased_with_the_case(audit: Running) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    for kind in ("case", "plan"):
        concern = CONCERN | {"about": {"kind": kind, "reference": CASE}, "title": WORDS}
        raised = await admin.post("/v1/escalations", json=concern)
        assert raised.status_code == 201, raised.text
    subject = {"by": "case", "reference": CASE}
    told = (await officer.post("/v1/privacy/subject-access", json={"subject": subject})).json()
    assert [len(one["rows"]) for one in told["held"] if one["table"] == "escalation"] == [2]
    body = {"subject": subject, "ground": "unlawful", "request_reference": "DPO-2026-017"}
    assert (await officer.post("/v1/privacy/erasures", json=body)).json()["records"] == {"escalation": 2}
    left = await texts(audit)
    assert CASE not in left
    assert WORDS not in left


async def test_a_reference_that_stands_in_audits_of_other_cases_is_told_and_struck_and_the_audits_stay(
    audit: Running,
) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    named = "CSC-2026-0118"
    body = whole(
        case_reference="CMS-900001", audit_type="thematic", trigger="serious_case_review", trigger_reference=named,
        views=VIEWS | {"child": {"feedback": named}},
    )  # fmt: skip
    made = (await admin.post("/v1/audits", json=body)).json()
    path = f"/v1/audits/{made['id']}"
    evidence = {"kind": "feedback", "ref": named}
    etag = (await admin.get(path)).headers["etag"]
    put = await admin.post(f"{path}/attachments", json=evidence, headers={"If-Match": etag})
    assert put.status_code == 201, put.text
    etag = (await admin.get(path)).headers["etag"]
    reopened = await admin.post(f"{path}/reopenings", json={"reason": "A grade."}, headers={"If-Match": etag})
    assert reopened.status_code == 201, reopened.text
    async with audit.database.transaction() as session:
        kept = (
            "INSERT INTO audit_edition SELECT audit_id, 1, CURRENT_DATE, now(), 'x', NULL, NULL, NULL, content, now(),"
        )
        await session.execute(sa.text(f"{kept} 'x', 'x', now() FROM audit_correction"))
    subject = {"by": "case", "reference": named}
    told = (await officer.post("/v1/privacy/subject-access", json={"subject": subject})).json()
    tables = {"audit", "audit_view", "audit_attachment", "audit_correction", "audit_edition"}
    assert {one["table"] for one in told["held"]} == tables
    request = {"subject": subject, "ground": "unlawful", "request_reference": "DPO-2026-018"}
    for scope, reference, kept in (("case", "CMS-900001", {"audit": 5}), ("everything", None, {"audit": 5})):
        held = {"scope": scope, "reference": reference, "reason": "Inquiry 7"}
        hold = await officer.post("/v1/privacy/holds", json=held)
        assert hold.status_code == 201, hold.text
        refused = await officer.post("/v1/privacy/erasures", json=request)
        assert (refused.status_code, refused.json()["held"]) == (409, kept)
        lifting = f"/v1/privacy/holds/{hold.json()['id']}/lift"
        lifted = await officer.post(lifting, json={"because": "Ended"}, headers={"If-Match": hold.headers["etag"]})
        assert lifted.status_code in (200, 201), lifted.text
    done = (await officer.post("/v1/privacy/erasures", json=request)).json()
    assert (done["records"], done["mentions"]) == ({}, dict.fromkeys(tables, 1))
    assert named not in await texts(audit)
    found = (await admin.get(path)).json()
    assert (found["trigger"], found["trigger_reference"]) == ("serious_case_review", "a review no longer held")
    assert found["views"]["child"]["feedback"] == "feedback no longer held"
    assert found["views"]["icrs"]["feedback"] == VIEWS["icrs"]["feedback"]


async def test_an_action_that_rests_on_two_cases_is_told_of_either_and_kept_by_a_hold_on_either(audit: Running) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    improvement = {
        "kind": "area_for_improvement", "domain": "adherence_to_process", "title": WORDS, "themes": ["planning"],
    }  # fmt: skip
    findings = []
    for case in (CASE, "CMS-900001"):
        body = whole(case_reference=case, findings=[improvement], no_strength_reason="None was seen.")
        made = (await admin.post("/v1/audits", json=body)).json()
        findings.append((await admin.get(f"/v1/audits/{made['id']}")).json()["findings"][0]["id"])
    action = {
        "unit": "fs_weymouth", "title": WORDS, "owner": {"role": "admin"}, "due_on": "2026-12-20",
        "evidence": [{"kind": "finding", "ref": one} for one in findings],
    }  # fmt: skip
    assert (await admin.post("/v1/actions", json=action)).status_code == 201
    for case in (CASE, "CMS-900001"):
        subject = {"by": "case", "reference": case}
        told = (await officer.post("/v1/privacy/subject-access", json={"subject": subject})).json()
        assert {one["table"]: one["concerns_others"] for one in told["held"]}["action"] is True
        assert {one["table"]: one["concerns_others"] for one in told["held"]}["audit"] is False
        body = {"subject": subject, "ground": "unlawful", "request_reference": "DPO-2026-016", "dry_run": True}
        foreseen = (await officer.post("/v1/privacy/erasures", json=body)).json()
        assert (foreseen["records"], list(foreseen["kept"])) == ({"audit": 1}, ["action"])
    held = {"scope": "case", "reference": CASE, "reason": "Inquiry 7"}
    assert (await officer.post("/v1/privacy/holds", json=held)).status_code == 201
    async with audit.database.snapshot() as session:
        stopped = f"SELECT {on_hold(HOLDINGS.metadata, ACTION)} FROM action r"
        assert (await session.execute(sa.text(stopped))).scalars().all() == [True]


async def test_a_closed_audit_is_due_after_its_years_and_an_open_one_never(audit: Running) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    for number in range(2):
        made = await admin.post("/v1/audits", json=whole(case_reference=f"CMS-30000{number}"))
        assert made.status_code == 201
    async with audit.database.transaction() as session:
        await session.execute(
            sa.text("UPDATE audit SET status = 'closed', closed_on = '2019-11-23' WHERE case_reference = 'CMS-300000'")
        )
    kinds = (await officer.get("/v1/privacy/retention")).json()["kinds"]
    assert [(one["held"], one["due"]) for one in kinds if one["kind"] == "audit"] == [(2, 1)]
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {"audit": 1}
    assert "CMS-300000" not in await texts(audit)
    assert "CMS-300001" in await texts(audit)
