"""The way back: sent back by a signatory, withdrawn by the submitter; and who may not sign."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.reporting_api.conftest import CLOSING, Desk, slug
from tests.reporting_api.framework_changes import apply_change, framework_item

TWO_STEPS, QUARTER = "dscb_compliance_quarterly", "FY2026-27-Q2"


async def submitted(desk: Desk, report: str = "csdg_monthly", period: str = "2026-10") -> str:
    found: str = (await desk.draft(report, period))["id"]
    await desk.step(found, "edit", CLOSING, role="analyst", subject="wyn")
    assert (await desk.step(found, "submissions", role="analyst", subject="ann")).status_code == 200
    return found


async def test_whoever_wrote_a_text_does_not_sign_it(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING, role="head_of_service", subject="hal")
    await desk.step(report, "edit", {"headlines": ["One."]}, role="analyst", subject="ann")
    await desk.step(report, "submissions", role="analyst", subject="ann")
    hal = await desk.client("head_of_service", "hal")
    assert "sign" not in (await hal.get(f"/v1/reports/{report}/state")).json()["allowed_actions"]
    refused = await desk.sign(report, "head_of_service", "hal")
    assert (slug(refused), refused.json()["detail"]) == (
        "segregation-of-duties",
        "Whoever wrote a text of the report does not sign it.",
    )
    assert (await desk.sign(report, "head_of_service", "ida")).status_code == 200


async def test_whoever_wrote_a_text_that_a_correction_carries_on_does_not_sign_that_either(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING, role="head_of_service", subject="hal")
    await desk.step(report, "submissions")
    assert (await desk.sign(report, "head_of_service", "ida")).status_code == 200
    await desk.step(report, "publications")
    newer = (await desk.step(report, "supersessions", {"reason": "A figure was revised."})).json()["id"]
    await desk.step(newer, "submissions")
    assert slug(await desk.sign(newer, "head_of_service", "hal")) == "segregation-of-duties"


async def test_whoever_gave_the_reason_for_a_correction_does_not_sign_it(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    why = {"reason": "A figure was revised."}
    begun = await desk.step(report["id"], "supersessions", why, role="head_of_service", subject="kim")
    newer = begun.json()["id"]
    await desk.step(newer, "submissions")
    assert slug(await desk.sign(newer, "head_of_service", "kim")) == "segregation-of-duties"
    assert (await desk.sign(newer, "head_of_service", "ida")).status_code == 200


async def test_a_signatory_sends_a_report_back_with_the_reason_and_all_sign_anew(desk: Desk) -> None:
    report = await submitted(desk, TWO_STEPS, QUARTER)
    assert (await desk.sign(report, "qa_manager", "ben")).status_code == 200
    body = {"reason": "Say why two reports were late.", "sections": ["compliance"]}
    back = await desk.step(report, "send-backs", body, role="head_of_service", subject="hal")
    assert (back.status_code, back.json()["status"], back.json()["signatures"]) == (200, "draft", [])
    assert back.json()["submitted_by"] is None
    assert (await desk.occurrence(TWO_STEPS, QUARTER))["stage"] == "draft"
    await desk.step(report, "submissions", role="analyst", subject="ann")
    assert (await desk.state(report))["next_signature"] == "qa_manager"
    assert (await desk.sign(report, "qa_manager", "ben")).status_code == 200


async def test_nobody_sends_back_who_does_not_sign_and_no_section_that_is_not_there(desk: Desk) -> None:
    report = await submitted(desk)
    stranger = await desk.step(report, "send-backs", {"reason": "x"}, role="qa_manager", subject="ben")
    assert slug(stranger) == "role-not-held"
    body = {"reason": "x", "sections": ["no_such_section"]}
    unknown = await desk.step(report, "send-backs", body, role="head_of_service", subject="hal")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/sections/0")
    assert "no_such_section" not in unknown.text
    assert (await desk.state(report))["status"] == "submitted"


async def test_only_the_submitter_withdraws(desk: Desk) -> None:
    report = await submitted(desk)
    other = await desk.step(report, "withdrawals", {"reason": "x"}, role="analyst", subject="bob")
    assert slug(other) == "not-the-submitter"
    ann = await desk.client("analyst", "ann")
    assert "withdraw" in (await ann.get(f"/v1/reports/{report}/state")).json()["allowed_actions"]
    back = await desk.step(report, "withdrawals", {"reason": "Last month's file."}, role="analyst", subject="ann")
    assert (back.json()["status"], back.json()["allowed_actions"]) == ("draft", ["edit", "refresh", "submit"])
    assert slug(await desk.step(report, "withdrawals", {"reason": "x"}, role="analyst", subject="ann")) == (
        "report-in-another-state"
    )


async def test_the_chain_is_the_one_of_the_day_it_was_submitted(desk: Desk) -> None:
    report = await submitted(desk)
    item = framework_item("reports", "csdg_monthly")
    chain = [{"role": "qa_manager", "order": 1}, {"role": "head_of_service", "order": 2}]
    await apply_change(await desk.client("admin"), "reports", {**item, "sign_off": chain})
    assert (await desk.state(report))["next_signature"] == "head_of_service"
    assert (await desk.sign(report, "head_of_service", "hal")).json()["status"] == "signed_off"
    await desk.step(report, "reopenings", {"reason": "By the new chain."})
    await desk.step(report, "submissions", role="analyst", subject="ann")
    assert (await desk.state(report))["next_signature"] == "qa_manager"


async def sign_off(desk: Desk, report: str, role: str = "admin", subject: str | None = None) -> dict[str, Any]:
    answer = await (await desk.client(role, subject)).get(f"/v1/reports/{report}/sign-off")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def turns(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["action"]: one for one in found["may_act"]}


async def test_who_may_act_now_is_told_at_every_step_by_role_delegation_and_name(desk: Desk) -> None:
    report = (await desk.draft(TWO_STEPS, QUARTER))["id"]
    at_first = await sign_off(desk, report)
    assert [(one["role"], one["state"]) for one in at_first["chain"]] == [
        ("qa_manager", "waiting"),
        ("head_of_service", "waiting"),
    ]
    assert {"analyst", "qa_manager"} <= set(turns(at_first)["submit"]["roles"])
    assert "board_reader" not in turns(at_first)["submit"]["roles"]
    await desk.step(report, "edit", CLOSING, role="analyst", subject="wyn")
    await desk.step(report, "submissions", role="analyst", subject="ann")
    ben = await desk.reporting.client("qa_manager", subject="ben")
    leave = {"role": "qa_manager", "starts_on": "2026-11-23", "ends_on": "2026-11-30", "reason": "Leave."}
    for delegate in ("dee", "wyn"):
        assert (await ben.post("/v1/delegations", json={**leave, "delegate": delegate})).status_code == 201
    waiting = turns(await sign_off(desk, report))
    assert set(waiting) == {"sign", "send_back", "withdraw"}
    assert waiting["sign"]["roles"] == ["qa_manager"]
    # A writer stays barred, with whosever right.
    assert [(one["delegate"], one["delegator"]) for one in waiting["sign"]["delegates"]] == [("dee", "ben")]
    assert waiting["sign"]["not_by"] == [{"subject": "ann", "why": "submitted"}, {"subject": "wyn", "why": "wrote"}]
    assert (waiting["send_back"]["roles"], waiting["withdraw"]["only"]) == (["qa_manager", "head_of_service"], "ann")
    await desk.sign(report, "qa_manager", "ben")
    assert turns(await sign_off(desk, report))["sign"]["roles"] == ["head_of_service"]
    await desk.sign(report, "head_of_service", "hal")
    signed = await sign_off(desk, report)
    assert set(turns(signed)) == {"publish", "send_back", "withdraw"}
    assert "qa_manager" in turns(signed)["publish"]["roles"]
    await desk.step(report, "publications")
    assert set(turns(await sign_off(desk, report))) == {"supersede"}
    newer = (await desk.step(report, "supersessions", {"reason": "Revised."})).json()["id"]
    assert turns(await sign_off(desk, report)) == {}
    assert set(turns(await sign_off(desk, newer))) == {"submit"}
    for past in (report, newer):
        assert (await (await desk.client("board_reader")).get(f"/v1/reports/{past}/sign-off")).status_code == 404


async def test_every_step_back_stays_on_record_with_its_reason_and_the_signatures_it_made_void(desk: Desk) -> None:
    report = await submitted(desk, TWO_STEPS, QUARTER)
    await desk.sign(report, "qa_manager", "ben")
    body = {"reason": "Why were 2 late?", "sections": ["compliance"]}
    await desk.step(report, "send-backs", body, role="head_of_service", subject="hal")
    found = (await sign_off(desk, report))["history"]
    assert [(one["step"], one["subject"], one["void"]) for one in found] == [
        ("submitted", "ann", False),
        ("signed", "ben", True),
        ("sent_back", "hal", False),
    ]
    assert (found[2]["words"], found[2]["role"], found[2]["sections"]) == (
        "Why were 2 late?",
        "head_of_service",
        ["compliance"],
    )


async def test_all_gates_are_told_at_once_and_each_with_what_it_lacks(desk: Desk) -> None:
    report = (await desk.draft("cypp_and_corporate_plan_quarterly", "FY2026-27-Q2"))["id"]
    gates = {one["gate"]: one for one in (await sign_off(desk, report))["gates"]}
    assert {name: one["holds"] for name, one in gates.items()} == {
        "participation_statement": False,
        "closing_questions": False,
        "sections_written": True,
        "for_its_boards": True,
    }
    assert gates["participation_statement"]["problem"] == "participation-statement-missing"
    assert gates["closing_questions"]["lacking"] == ["/doing_the_right_things", "/making_a_difference"]
    await desk.step(report, "edit", CLOSING)
    after = {one["gate"]: one["holds"] for one in (await sign_off(desk, report))["gates"]}
    assert after["closing_questions"]


async def test_what_waits_for_a_signature_is_one_list_the_first_due_first_and_mine_is_what_i_may_sign(
    desk: Desk,
) -> None:
    monthly = await submitted(desk)
    quarterly = await submitted(desk, TWO_STEPS, QUARTER)
    await desk.draft("children_in_care_monthly")
    hal = await desk.client("head_of_service", "hal")
    waiting = (await hal.get("/v1/sign-offs")).json()["items"]
    assert [(one["id"], one["next_signature"]) for one in waiting] == [
        (quarterly, "qa_manager"),
        (monthly, "head_of_service"),
    ]
    assert [one["id"] for one in (await hal.get("/v1/sign-offs", params={"mine": "true"})).json()["items"]] == [monthly]
    by_role = await hal.get("/v1/sign-offs", params={"role": "qa_manager"})
    assert [one["id"] for one in by_role.json()["items"]] == [quarterly]
    first = (await hal.get("/v1/sign-offs", params={"limit": 1})).json()
    second = (await hal.get("/v1/sign-offs", params={"limit": 1, "after": first["next"]})).json()
    assert ([one["id"] for one in second["items"]], second["next"]) == ([monthly], None)
    assert (await (await desk.client("board_reader")).get("/v1/sign-offs")).json()["items"] == []
    care = await desk.reporting.client("head_of_service", unit="children_in_care", subject="cat")
    assert (await care.get("/v1/sign-offs")).json()["items"] == []


async def test_the_steps_back_and_the_remarks_are_in_the_activity_log_without_their_words(desk: Desk) -> None:
    report = await submitted(desk)
    await (await desk.client("analyst")).post(f"/v1/reports/{report}/comments", json={"text": "A secret remark."})
    back = {"reason": "A secret reason.", "sections": ["exceptions"]}
    await desk.step(report, "send-backs", back, role="head_of_service", subject="hal")
    await desk.step(report, "submissions", role="analyst", subject="ann")
    await desk.step(report, "withdrawals", {"reason": "A secret reason."}, role="analyst", subject="ann")
    await desk.reporting.seal()
    feed = (await (await desk.client("admin")).get("/v1/activity", params={"limit": 500})).text
    for action in ("report.commented", "report.sent_back", "report.withdrawn"):
        assert f'"{action}"' in feed
    assert "secret" not in feed


async def test_of_two_who_sign_the_same_step_at_once_one_does(desk: Desk) -> None:
    report = await submitted(desk)
    state = await desk.state(report)
    body = {"role": "head_of_service", "content_hash": state["content_hash"]}
    clients = [await desk.client("head_of_service", name) for name in ("hal", "ida", "jon")]
    headers = {"If-Match": f'"{state["version"]}"'}
    answers = await asyncio.gather(
        *(client.post(f"/v1/reports/{report}/signatures", json=body, headers=headers) for client in clients)
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412]
    assert len((await desk.state(report))["signatures"]) == 1
