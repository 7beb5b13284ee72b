"""A report assembled from the other three services: what it shows and where from."""

from __future__ import annotations

from datetime import timedelta

import httpx
import sqlalchemy as sa

from services.reporting_api.occurrences import table
from tests.reporting_api.conftest import Desk, section, slug
from tests.reporting_api.fake_evidence import DORSET, TEAMS, a_summary


async def test_R66_the_board_s_report_holds_what_the_three_services_say(desk: Desk) -> None:
    draft = await desk.draft()
    report = await desk.document(draft["id"])
    assert report["title"] == "Children's Services Development Group, monthly report"
    assert report["board"]["code"] == "csdg"
    assert report["period"] == {
        "code": "2026-10", "label": "October 2026", "start": "2026-10-01", "end": "2026-10-31",
    }  # fmt: skip
    assert report["missing"] == []
    assert [one["availability"] for one in report["sections"]] == ["available"] * len(report["sections"])
    assert section(report, "exceptions")["items"][0]["sentence"] == "Dorset's rate lies below England's."
    assert "13 of 14 audits done" in section(report, "audit_round")["headline"]
    assert section(report, "audit_findings")["items"][0]["text"] == "Plans name who does what by when"
    assert section(report, "feedback")["headline"].startswith("34 views in October 2026")
    assert "7 complaints received and 12 compliments" in section(report, "complaints")["headline"]
    assert section(report, "actions")["items"][0]["originally_due_on"] == "2026-10-30"
    assert report["headlines"][0] == "Exceptions: 1 new exception in October 2026, of 43 indicators examined."


async def test_a_figure_stands_beside_england_and_the_neighbours_with_a_sentence(desk: Desk) -> None:
    report = await desk.document((await desk.draft())["id"])
    figure = next(
        one for one in section(report, "key_indicators")["figures"] if one["indicator"] == "looked_after_rate"
    )
    assert (figure["value"], figure["display"], figure["period"]) == (62.0, "62", "RY2025")
    assert figure["direction_of_travel"] == "rising"
    beside = {one["comparator_set"]: one for one in figure["comparisons"]}
    assert beside["england"]["value"] == 70.0
    assert (beside["dfe_neighbours_2025"]["mean"], beside["dfe_neighbours_2025"]["median"]) == (60.1, 58.9)
    assert figure["sentence"].startswith(
        "Children looked after per 10,000: 62 in the year to 31 March 2025, up from 61 in the year to 31 March 2024"
    )
    assert "England 70" in figure["sentence"]
    assert [one["period"] for one in figure["previous"]] == ["RY2024", "RY2023"]


async def test_a_target_gives_red_amber_or_green_by_the_indicator_s_polarity(desk: Desk) -> None:
    desk.neighbours.points["assessments_in_45_days"] = [("RY2025", 50.0, 500.0, 1000.0)]
    desk.neighbours.points["rereferrals"] = [("RY2025", 50.0, 500.0, 1000.0)]
    report = await desk.document((await desk.draft())["id"])
    figures = {one["indicator"]: one for one in section(report, "key_indicators")["figures"]}
    assert figures["assessments_in_45_days"]["good_is"] == "high"
    assert figures["assessments_in_45_days"]["rag"] == "red"
    assert figures["rereferrals"]["good_is"] == "low"
    assert figures["rereferrals"]["rag"] == "green"
    assert figures["looked_after_rate"]["rag"] == "none"


async def test_the_closing_questions_are_the_report_s_own_and_not_sections(desk: Desk) -> None:
    report = await desk.document((await desk.draft())["id"])
    assert {"right_things", "making_a_difference"}.isdisjoint(one["code"] for one in report["sections"])
    assert report["doing_the_right_things"] is None


async def test_R06_the_report_says_which_source_families_contributed(desk: Desk) -> None:
    report = await desk.document((await desk.draft())["id"])
    assert report["source_families"]["children_parents_and_carers"]
    assert report["source_families"]["staff_and_managers"]
    assert report["source_families"]["case_records"]
    assert not report["source_families"]["thematic_audits"]


async def test_the_caller_s_own_token_goes_with_the_questions(desk: Desk) -> None:
    await desk.draft()
    client = await desk.client("analyst")
    bearers = {bearer for fake in desk.neighbours for _, _, bearer in fake.asked}
    assert bearers == {client.headers["authorization"]}


async def test_each_question_is_put_once_and_all_side_by_side(desk: Desk) -> None:
    await desk.draft()
    for fake in desk.neighbours:
        questions = [(path, tuple(sorted(params.items()))) for path, params, _ in fake.asked]
        assert len(questions) == len(set(questions))
    assert desk.neighbours.indicator.busiest > 1
    asked = [params for path, params, _ in desk.neighbours.indicator.asked if path == "/v1/series"]
    assert {frozenset(one["area"].split(",")) for one in asked} == {frozenset([DORSET]), frozenset(TEAMS)}
    assert any("looked_after_rate" in one["indicator"].split(",") for one in asked)
    assert len(desk.neighbours.indicator.asked) < 10


async def test_the_same_evidence_at_the_same_time_gives_the_same_hash(desk: Desk) -> None:
    first = await desk.draft()
    second = await desk.draft()
    assert first["content_hash"] == second["content_hash"]
    desk.neighbours.summary = a_summary(views=35)
    third = await desk.draft()
    assert third["content_hash"] != first["content_hash"]


async def test_a_quarter_s_round_is_told_month_by_month(desk: Desk) -> None:
    report = await desk.document((await desk.draft("audit_findings_quarterly", "FY2026-27-Q2"))["id"])
    rounds = section(report, "audit_round")
    assert [source["path"][-7:] for source in rounds["sources"]] == ["2026-07", "2026-08", "2026-09"]
    assert len(rounds["items"]) == 42


async def test_a_section_may_name_its_indicators_by_plan_or_focus_area(desk: Desk) -> None:
    report = await desk.document((await desk.draft("children_in_care_monthly"))["id"])
    shown = {one["indicator"] for one in section(report, "indicators")["figures"]}
    assert "looked_after_rate" in shown
    assert "social_worker_vacancies_share" not in shown


async def test_R70_the_quarterly_report_on_compliance_counts_this_board_s_reports(desk: Desk) -> None:
    report = await desk.document((await desk.draft("dscb_compliance_quarterly", "FY2026-27-Q2"))["id"])
    told = section(report, "compliance")
    totals = {one["code"]: one["value"] for one in told["summary"]}
    assert totals["expected"] == len([one for one in told["items"] if one["type"] == "occurrence"]) > 0
    assert totals["expected"] == sum(totals[name] for name in ("on_time", "late", "open_late", "missed"))


async def test_R78_the_schedule_of_reports_lists_what_the_board_gets(desk: Desk) -> None:
    desk.reporting.clock.advance(timedelta(days=140))
    report = await desk.document((await desk.draft("dscb_schedule_annual", "FY2026-27"))["id"])
    listed = {one["report"] for one in section(report, "schedule")["items"]}
    assert {"dscb_annual_report", "section_11_annual"} <= listed


async def test_R85_contributors_whom_nobody_has_asked_are_named_and_not_said_to_have_sent(desk: Desk) -> None:
    report = await desk.document((await desk.draft("agency_reports_quarterly", "FY2026-27-Q2"))["id"])
    asked = section(report, "contributions")
    assert "Dorset Police" in {one["name"] for one in asked["items"]}
    assert {one["standing"] for one in asked["items"]} == {"not_asked"}
    assert asked["headline"] == "Nobody has been asked for a contribution."


async def test_every_report_of_the_schedule_can_be_assembled(desk: Desk) -> None:
    client = await desk.client("analyst")
    await desk.occurrence()
    for report in ("icrm_thematic_audits", "multi_agency_audit_analysis", "attainment_summaries",
                   "specialist_teaching_on_request"):  # fmt: skip
        body = {"report": report, "period": "2026-10", "reason": "As agreed."}
        assert (await client.post("/v1/occurrences", json=body)).status_code == 201
    desk.reporting.clock.advance(timedelta(days=300))
    async with desk.reporting.database.snapshot() as session:
        rows = (await session.execute(sa.select(table.c.id, table.c.report).order_by(table.c.due_on))).all()
    first = {row.report: row.id for row in reversed(rows)}
    for report, occurrence in first.items():
        answer = await client.post(f"/v1/occurrences/{occurrence}/assemblies")
        assert answer.status_code == 201, (report, answer.text)


async def test_a_period_that_is_not_over_is_not_reported(desk: Desk) -> None:
    answer = await desk.assemble(period="2026-12")
    assert (answer.status_code, slug(answer)) == (409, "period-not-over")


async def test_an_assembly_repeated_with_its_key_stores_once(desk: Desk) -> None:
    found = await desk.occurrence()
    client = await desk.client("analyst")
    path, headers = f"/v1/occurrences/{found['id']}/assemblies", {"Idempotency-Key": "k1"}
    first = await client.post(path, headers=headers)
    again = await client.post(path, headers=headers)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_only_those_who_write_reports_may_assemble(desk: Desk) -> None:
    found = await desk.occurrence()
    for role, status in (("board_reader", 403), ("practitioner", 403)):
        client = await desk.client(role)
        assert (await client.post(f"/v1/occurrences/{found['id']}/assemblies")).status_code == status


async def test_what_a_person_wrote_is_escaped_on_the_page(desk: Desk) -> None:
    draft = await desk.draft()
    edit = {"doing_the_right_things": "<script>alert(1)</script>"}
    assert (await desk.step(draft["id"], "edit", edit)).status_code == 200
    page = await (await desk.client("analyst")).get(f"/v1/reports/{draft['id']}/html")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert isinstance(page, httpx.Response)
