"""The gates that hold a report back until what they ask for is there; nobody opens one by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.schemas.participation_statement import ParticipationRecord
from tests.reporting_api.conftest import CLOSING, Desk, slug
from tests.reporting_api.fake_evidence import a_record, an_analysis, no_record
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import materialise

TOOK_PART = {
    "took_place": True,
    "methods": ["questionnaires", "young_inspectors"],
    "who": "Children in care aged 11 to 17, and their carers.",
    "how_many": 24,
    "what_changed": "Review letters are now written to the child.",
}
NONE_TOOK_PART = {
    "took_place": False,
    "why_not": "The group that was to be asked did not meet.",
    "what_follows": "It is asked in January, before the plan is agreed.",
}
ACTION = {"text": "Hold every review in time", "evidence": ["cp_reviews_in_time"], "owner": "Head of Service"}


async def test_R09_both_closing_questions_are_answered_before_submission(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    empty = await desk.step(report, "submissions")
    assert (empty.status_code, slug(empty)) == (409, "closing-questions-open")
    assert len(empty.json()["errors"]) == 2
    await desk.step(report, "edit", {"doing_the_right_things": "Yes, mostly."})
    half = await desk.step(report, "submissions")
    assert [one["pointer"] for one in half.json()["errors"]] == ["/making_a_difference"]
    await desk.step(report, "edit", CLOSING)
    assert (await desk.step(report, "submissions")).status_code == 200


@pytest.mark.parametrize("statement", [TOOK_PART, NONE_TOOK_PART])
async def test_R11_a_report_to_the_childrens_trust_says_how_participation_happened(
    desk: Desk, statement: dict[str, Any]
) -> None:
    if statement["took_place"]:
        desk.neighbours.participation = a_record().model_copy(update={"ready": False})
    report = (await desk.draft("cypp_and_corporate_plan_quarterly", "FY2026-27-Q2"))["id"]
    await desk.step(report, "edit", CLOSING)
    refused = await desk.step(report, "submissions")
    assert (refused.status_code, slug(refused)) == (409, "participation-statement-missing")
    await desk.step(report, "edit", {"participation": statement})
    assert (await desk.step(report, "submissions")).status_code == 200
    assert (await desk.document(report))["participation"]["took_place"] is statement["took_place"]


@pytest.mark.parametrize(
    ("record", "statement", "told"),
    [
        (no_record(), TOOK_PART, "hold no such activity"),
        (a_record(), NONE_TOOK_PART, "show that people took part"),
        (None, NONE_TOOK_PART, "assemble it again"),
    ],
)
async def test_R11_nobody_says_of_participation_what_the_records_do_not_say(
    desk: Desk, record: ParticipationRecord | None, statement: dict[str, Any], told: str
) -> None:
    if record is None:
        desk.neighbours.feedback.mode = "error"
    else:
        desk.neighbours.participation = record
    report = (await desk.draft("cypp_and_corporate_plan_quarterly", "FY2026-27-Q2"))["id"]
    await desk.step(report, "edit", {**CLOSING, "participation": statement})
    refused = await desk.step(report, "submissions")
    assert (refused.status_code, slug(refused)) == (409, "participation-not-on-record")
    assert told in refused.json()["detail"]


async def test_R11_a_draft_that_still_goes_to_the_trust_owes_it_when_its_definition_no_longer_names_the_trust(
    desk: Desk,
) -> None:
    code = "cypp_and_corporate_plan_quarterly"
    report = (await desk.draft(code, "FY2026-27-Q2"))["id"]
    await desk.step(report, "edit", CLOSING)
    elsewhere = {"audiences": ["leadership_team"], "via": None, "gates": ["closing_questions"]}
    await apply_change(await desk.client("admin"), "reports", {**framework_item("reports", code), **elsewhere})
    assert "ctb" in (await desk.state(report))["audiences"]
    assert slug(await desk.step(report, "submissions")) == "participation-statement-missing"


async def test_a_report_whose_boards_changed_goes_to_none_until_it_was_assembled_for_those_it_is_owed_to(
    desk: Desk,
) -> None:
    admin, item = await desk.client("admin"), framework_item("reports", "csdg_monthly")
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    assert (await desk.step(report, "submissions")).status_code == 200
    await apply_change(admin, "reports", {**item, "audiences": ["csdg", "schools_forum"]})
    await materialise(admin)
    assert slug(await desk.sign(report, "head_of_service")) == "boards-changed"
    await desk.step(report, "reopenings", {"reason": "It goes to the Schools Forum as well."})
    assert slug(await desk.step(report, "submissions")) == "boards-changed"
    told = (await admin.get(f"/v1/reports/{report}/sign-off")).json()["gates"]
    assert [one["gate"] for one in told if not one["holds"]] == ["for_its_boards"]
    assert (await desk.draft())["first"], "what moved is not told from one level of disclosure to another"
    assert (await desk.step(report, "submissions")).status_code == 200
    assert [one["code"] for one in (await desk.document(report))["audiences"]] == ["csdg", "schools_forum"]


async def test_what_fell_due_goes_to_those_it_was_owed_to_then(desk: Desk) -> None:
    admin, item = await desk.client("admin"), framework_item("reports", "csdg_monthly")
    due = date.fromisoformat((await desk.occurrence())["due_on"])
    desk.reporting.clock.advance(due + timedelta(days=1) - desk.reporting.clock.today())
    await apply_change(admin, "reports", {**item, "audiences": ["csdg", "ctb"]})
    await materialise(admin)
    report = (await desk.draft())["id"]
    assert [one["code"] for one in (await desk.publish(report))["audiences"]] == ["csdg"]
    theirs = (await admin.get("/v1/boards/ctb")).json()["reports"]
    assert [one["latest"] for one in theirs if one["report"] == "csdg_monthly"] == [None]


async def test_R11_the_board_asks_for_it_even_where_the_report_forgot_to(desk: Desk) -> None:
    admin = await desk.client("admin")
    item = framework_item("reports", "csdg_monthly")
    await apply_change(admin, "reports", {**item, "audiences": ["csdg", "ctb"]})
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    assert slug(await desk.step(report, "submissions")) == "participation-statement-missing"
    await desk.step(report, "edit", {"participation": NONE_TOOK_PART})
    no_records = await desk.step(report, "submissions")
    assert slug(no_records) == "participation-not-on-record"
    assert "no section" in no_records.json()["detail"]


async def test_R44_R83_the_annual_report_has_few_key_actions_each_with_evidence(desk: Desk) -> None:
    desk.reporting.clock.advance(timedelta(days=140))
    report = (await desk.draft("dscb_annual_report", "FY2026-27"))["id"]
    learning = {"sections": [{"code": "learning_from_last_year", "narrative": "Reviews taught us to ask earlier."}]}
    await desk.step(report, "edit", {**CLOSING, **learning})
    assert slug(await desk.step(report, "submissions")) == "key-actions-missing"
    await desk.step(report, "edit", {"key_actions": [ACTION] * 6})
    assert slug(await desk.step(report, "submissions")) == "too-many-key-actions"
    await desk.step(report, "edit", {"key_actions": [ACTION] * 5, "sections": [
        {"code": "learning_from_last_year", "narrative": None},
    ]})  # fmt: skip
    unwritten = await desk.step(report, "submissions")
    assert slug(unwritten) == "learning-missing"
    assert unwritten.json()["errors"][0]["pointer"] == "/sections/learning_from_last_year/narrative"
    await desk.step(report, "edit", learning)
    assert (await desk.step(report, "submissions")).status_code == 200


async def test_R60_a_complaints_report_says_what_was_learned_whatever_its_section_allows(desk: Desk) -> None:
    item = framework_item("reports", "complaints_quarterly")
    sections = [{**one, "required": False} if one["code"] == "learning" else one for one in item["sections"]]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": sections})
    report = (await desk.draft("complaints_quarterly", "FY2026-27-Q2"))["id"]
    await desk.step(report, "edit", CLOSING)
    refused = await desk.step(report, "submissions")
    assert (refused.status_code, slug(refused)) == (409, "learning-missing")
    assert refused.json()["errors"][0]["pointer"] == "/sections/learning/narrative"
    await desk.step(report, "edit", {"sections": [{"code": "learning", "narrative": "Calls are returned in a day."}]})
    assert (await desk.step(report, "submissions")).status_code == 200


async def test_R81_a_return_is_published_only_with_a_head_of_service_s_own_signature(desk: Desk) -> None:
    desk.reporting.clock.advance(timedelta(days=140))
    report = (await desk.draft("dfe_returns_annual", "RY2027"))["id"]
    await desk.step(report, "edit", CLOSING)
    await desk.step(report, "submissions", role="head_of_service", subject="hal")
    assert slug(await desk.sign(report, "head_of_service", "hal")) == "segregation-of-duties"
    assert slug(await desk.step(report, "publications")) == "report-in-another-state"
    assert (await desk.sign(report, "head_of_service", "ida")).status_code == 200
    assert (await desk.step(report, "publications")).status_code == 200


async def test_R81_the_gate_holds_even_where_the_chain_forgot_the_head_of_service(desk: Desk) -> None:
    desk.reporting.clock.advance(timedelta(days=140))
    item = framework_item("reports", "dfe_returns_annual")
    chain = [{"role": "qa_manager", "order": 1}]
    await apply_change(await desk.client("admin"), "reports", {**item, "sign_off": chain})
    report = (await desk.draft("dfe_returns_annual", "RY2027"))["id"]
    await desk.step(report, "edit", CLOSING)
    await desk.step(report, "submissions")
    assert (await desk.sign(report, "qa_manager")).status_code == 200
    assert slug(await desk.step(report, "publications")) == "head-of-service-sign-off-missing"


async def test_R28_audit_findings_are_not_submitted_without_strengths(desk: Desk) -> None:
    desk.neighbours.analysis = an_analysis(strengths=[])
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    assert slug(await desk.step(report, "submissions")) == "strengths-missing"
    why = {"sections": [{"code": "audit_findings", "narrative": "None was recorded; auditors were reminded."}]}
    await desk.step(report, "edit", why)
    assert (await desk.step(report, "submissions")).status_code == 200


async def test_R74_specialist_teaching_says_what_its_money_bought(desk: Desk) -> None:
    desk.neighbours.indicator.mode = "error"
    report = (await desk.draft("specialist_teaching_quarterly", "FY2026-27-Q2"))["id"]
    trends = {"sections": [{"code": "trends", "narrative": "More children are seen at school."}]}
    await desk.step(report, "edit", {**CLOSING, **trends})
    assert slug(await desk.step(report, "submissions")) == "value-for-money-missing"
    money = {"sections": [{"code": "value_for_money", "narrative": "A visit costs less than a placement away."}]}
    await desk.step(report, "edit", money)
    assert (await desk.step(report, "submissions")).status_code == 200


async def test_R74_spending_with_a_figure_answers_for_value_for_money(desk: Desk) -> None:
    report = (await desk.draft("specialist_teaching_quarterly", "FY2026-27-Q2"))["id"]
    trends = {"sections": [{"code": "trends", "narrative": "More children are seen at school."}]}
    await desk.step(report, "edit", {**CLOSING, **trends})
    document = await desk.document(report)
    money = next(one for one in document["sections"] if one["kind"] == "value_for_money")
    assert {one["measure"] for one in money["figures"]} == {"money"}
    assert (await desk.step(report, "submissions")).status_code == 200
