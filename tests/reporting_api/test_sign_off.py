"""The way back: sent back by a signatory, withdrawn by the submitter; and who may not sign."""

from __future__ import annotations

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
