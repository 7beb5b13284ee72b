"""The participation statement of a report, taken from the records of the feedback service (R11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.schemas.participation_statement import ParticipationRecord
from tests.reporting_api.conftest import CLOSING, Desk, section, slug
from tests.reporting_api.fake_evidence import a_record, a_record_of_nobody, no_record
from tests.reporting_api.framework_changes import apply_change, framework_item

REPORT, PERIOD = "cypp_and_corporate_plan_quarterly", "FY2026-27-Q2"
WRITTEN = {
    "took_place": True,
    "methods": ["questionnaires"],
    "who": "Parents",
    "how_many": 40,
    "what_changed": "Letters come in plain words.",
}


async def drafted(desk: Desk, record: ParticipationRecord) -> tuple[str, dict[str, Any]]:
    desk.neighbours.participation = record
    report = (await desk.draft(REPORT, PERIOD))["id"]
    await desk.step(report, "edit", CLOSING)
    return report, await desk.document(report)


async def test_R11_the_records_make_the_statement_and_the_report_goes_to_its_board(desk: Desk) -> None:
    report, document = await drafted(desk, a_record())
    said = document["participation"]
    assert (said["took_place"], said["methods"], said["how_many"]) == (True, ["group_discussion"], 21)
    assert said["who"] == "Young people and parents and carers."
    assert said["what_changed"] == "You said: The door is hard to find. We did: There is a sign now."
    shown = section(document, "participation")
    assert [item["text"] for item in shown["items"] if item.get("group") == "gaps"] == ["Only one method was used."]
    assert {line["code"]: line["value"] for line in shown["summary"]}["activities"] == 1
    assert (await desk.step(report, "submissions")).status_code == 200


async def test_R11_that_nobody_took_part_comes_from_the_records_too(desk: Desk) -> None:
    report, document = await drafted(desk, a_record_of_nobody())
    said = document["participation"]
    assert (said["took_place"], said["why_not"]) == (False, "Short breaks: Half term.")
    assert said["what_follows"] == "Short breaks: Families choose."
    assert (await desk.step(report, "submissions")).status_code == 200


@pytest.mark.parametrize("record", [no_record(), a_record().model_copy(update={"ready": False})])
async def test_R11_without_record_and_without_author_the_report_is_refused(
    desk: Desk, record: ParticipationRecord
) -> None:
    report, document = await drafted(desk, record)
    assert document["participation"] is None
    refused = await desk.step(report, "submissions")
    assert (refused.status_code, slug(refused)) == (409, "participation-statement-missing")


async def test_what_an_author_writes_stands_before_the_records_and_taken_back_they_stand_again(desk: Desk) -> None:
    report, _ = await drafted(desk, a_record())
    await desk.step(report, "edit", {"participation": WRITTEN})
    assert (await desk.document(report))["participation"]["how_many"] == 40
    await desk.step(report, "edit", {"participation": None})
    assert (await desk.document(report))["participation"]["how_many"] == 21


@pytest.mark.parametrize("told", [18, 0, None])
async def test_a_protected_report_tells_the_total_that_everybody_is_told_and_no_other(
    desk: Desk, told: int | None
) -> None:
    report, document = await drafted(desk, a_record().model_copy(update={"how_many_told": told}))
    said = document["participation"]
    assert (said["how_many"], said["value_status"]) == (told or None, None if told else "c")
    assert (await desk.step(report, "submissions")).status_code == 200


async def test_few_people_are_hidden_from_the_childrens_trust_board(desk: Desk) -> None:
    _, document = await drafted(desk, a_record(people=4))
    said = document["participation"]
    assert (said["how_many"], said["value_status"]) == (None, "c")
    assert not any(sign.isdigit() for sign in said["who"])


async def test_records_that_cannot_be_read_leave_the_statement_of_the_draft_so_far(desk: Desk) -> None:
    report, _ = await drafted(desk, a_record())
    desk.neighbours.feedback.mode = "error"
    assert (await desk.assemble(REPORT, PERIOD)).is_success
    document = await desk.document(report)
    assert document["participation"]["how_many"] == 21
    assert section(document, "participation")["availability"] == "stale"


async def test_a_report_without_such_a_section_has_no_statement(desk: Desk) -> None:
    desk.neighbours.participation = a_record()
    report = (await desk.draft())["id"]
    assert (await desk.document(report))["participation"] is None


async def test_the_last_month_of_a_term_makes_no_statement_on_the_term(desk: Desk) -> None:
    item = framework_item("reports", "pupil_census_termly")
    part = {"code": "participation", "title": "How children and families took part", "kind": "participation"}
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": [*item["sections"], part]})
    desk.neighbours.participation = a_record()
    report = (await desk.draft("pupil_census_termly", "AY2025-26-T3"))["id"]
    document = await desk.document(report)
    assert document["participation"] is None
    assert section(document, "participation")["availability"] == "available"


async def test_R11_a_year_s_report_is_not_held_back_because_its_quarters_were_told_before(desk: Desk) -> None:
    desk.neighbours.participation = a_record()
    await desk.publish((await desk.draft(REPORT, PERIOD))["id"])
    await desk.occurrence("ctb_schedule_annual", "FY2026-27")
    desk.reporting.clock.advance(timedelta(days=140))
    annual = (await desk.draft("ctb_schedule_annual", "FY2026-27"))["id"]
    await desk.step(annual, "edit", CLOSING)
    shown = {line["code"]: line["value"] for line in section(await desk.document(annual), "participation")["summary"]}
    assert shown["activities"] == 1
    assert (await desk.step(annual, "submissions")).status_code == 200
