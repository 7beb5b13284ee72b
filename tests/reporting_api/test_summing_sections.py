"""The sections made of a report's other sections: source families, the aims, the year and grounds for key actions."""

from __future__ import annotations

from datetime import timedelta

from services.reporting_api.assembly.aim_sections import NOTHING, QUESTIONS
from shared.schemas.audit_summary import QuestionOut
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.fake_evidence import a_summary, an_analysis, an_exception
from tests.reporting_api.fake_voices import a_recurrence, answered
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.test_evidence_sections import drafted, part, with_sections

QUARTERLY = "csdg_performance_quarterly"
QUARTER = "FY2026-27-Q2"


def a_question(tool: str) -> QuestionOut:
    return QuestionOut(
        tool=tool, section="plan", domain="outcomes", question="q1", text="Is there a plan?", kind="yes_no", weight=1,
        answered=4, answers=[], met_percent=75, mean=None,
    )  # fmt: skip


async def test_R06_each_family_says_whether_it_was_expected_and_which_sections_it_spoke_in(desk: Desk) -> None:
    desk.neighbours.analysis = an_analysis(questions=[a_question("case_audit"), a_question("multi_agency_case_audit")])
    report = await drafted(desk, QUARTERLY, QUARTER)
    rows = {one["family"]: one for one in section(report, "source_coverage")["items"]}
    assert len(rows) == 5
    assert all(one["expected"] and one["contributed"] for one in rows.values())
    assert "What audits found, strengths first" in rows["thematic_audits"]["sections"]
    assert "What staff told us" in rows["staff_and_managers"]["sections"]
    assert report["source_families"] == dict.fromkeys(rows, True)


async def test_R06_a_family_on_which_the_report_was_to_rest_and_that_was_silent_is_named(desk: Desk) -> None:
    desk.neighbours.summary = a_summary(channels=[one for one in a_summary().channels if one.family != "staff"])
    desk.neighbours.voices.survey_figures = []
    item = framework_item("reports", "csdg_monthly")
    of_voices = ("audit_round", "audit_findings", "feedback", "complaints", "actions", "narrative")
    kept = [one for one in item["sections"] if one["kind"] in of_voices]
    changed = {**item, "sections": [*kept, part("source_coverage")]}
    await apply_change(await desk.client("admin"), "reports", changed)
    report = await drafted(desk)
    told = section(report, "source_coverage")
    assert "silent although expected: front-line staff and managers and management information" in told["headline"]
    assert "they brought nothing: front-line staff and managers" in report["caveats"][-1]


async def test_R06_a_section_that_could_not_be_read_brings_no_family(desk: Desk) -> None:
    desk.neighbours.feedback.mode = "error"
    report = await drafted(desk, QUARTERLY, QUARTER)
    rows = {one["family"]: one for one in section(report, "source_coverage")["items"]}
    assert "What people told us" not in rows["children_parents_and_carers"]["sections"]
    assert "What staff told us" not in rows["staff_and_managers"]["sections"]


async def test_R09_the_two_questions_and_the_four_aims_stand_with_the_evidence_for_each(desk: Desk) -> None:
    report = await drafted(desk, QUARTERLY, QUARTER)
    found = section(report, "aims")
    said: dict[str, list[str]] = {}
    for one in found["items"]:
        said.setdefault(one["group"], []).append(one["text"])
    assert list(said) == list(QUESTIONS)
    assert any(text.startswith("Exceptions: ") for text in said["right_things"])
    assert any("6 of 13" not in text and "audits" in text for text in said["safe"])
    assert any("1 domain grade Inadequate" in text for text in said["safe"])
    assert any("improving" in text for text in said["better_outcomes"])
    assert all("£" in text or "spend" in text.lower() or "cost" in text.lower() for text in said["cost_effective"])
    assert said["consistent"] == [NOTHING]
    assert found["headline"].endswith("not to “Is it consistent?”.")


async def test_R83_the_key_actions_the_board_was_last_told_of_come_back_with_what_was_learned(desk: Desk) -> None:
    await with_sections(desk, "csdg_monthly", part("last_year"))
    action = {"text": "Book reviews early", "evidence": ["R44"], "owner": "Head of Service"}
    report = await desk.publish((await desk.draft(period="2026-09"))["id"], {"key_actions": [action]})
    found = section(await drafted(desk), "last_year")
    assert found["items"][0] == {
        "type": "past_action", "text": "Book reviews early", "owner": "Head of Service", "due_on": None,
        "evidence": ["R44"],
    }  # fmt: skip
    assert [one["text"] for one in found["items"] if one["type"] == "learning"] == [
        "Book the next review before the last one ends", "Letters now come in plain words.",
    ]  # fmt: skip
    asked_again = await (await desk.client("analyst")).get(found["sources"][-1]["path"])
    assert [one["id"] for one in asked_again.json()["items"]] == [report["id"]]
    assert report["id"] not in str(found), "what the service named by chance would stand in the hash"


async def test_R83_without_an_earlier_report_the_section_says_so(desk: Desk) -> None:
    await with_sections(desk, "csdg_monthly", part("last_year"))
    found = section(await drafted(desk), "last_year")
    assert found["caveats"] == ["No earlier report to this board has been published here."]


async def test_a_number_in_a_past_key_action_is_held_back_from_a_protected_copy(desk: Desk) -> None:
    await with_sections(desk, "csdg_monthly", part("last_year"))
    action = {"text": "Visit the two families", "evidence": ["R44"]}
    await desk.publish((await desk.draft(period="2026-09"))["id"], {"key_actions": [action]})
    report = await desk.publish((await desk.draft())["id"])
    assert section(report, "last_year")["items"][0]["text"] == "Visit the two families"
    assert "two families" not in str(await desk.document(report["id"], "board_reader"))


async def test_R44_grounds_name_what_a_key_action_may_rest_on_with_a_reference_that_it_takes(desk: Desk) -> None:
    desk.neighbours.exceptions = [an_exception(favourable=False, new=False), an_exception(key="good", favourable=True)]
    desk.neighbours.voices.recurrences = [
        a_recurrence(theme="answered_theme", answered=answered("A workshop.")), a_recurrence(),
    ]  # fmt: skip
    await with_sections(desk, "csdg_monthly", part("recurrences"), part("challenges"), part("grounds"))
    draft = await desk.draft()
    found = section(await desk.document(draft["id"]), "grounds")
    references = [one["reference"] for one in found["items"]]
    assert references[:3] == [
        "recurrence:fs_weymouth:drift_and_delay", "recurrence:fs_weymouth:answered_theme",
        "looked_after_rate.E06000059.RY2025.OUT_OF_STEP_NATIONAL",
    ]  # fmt: skip
    assert {one["group"] for one in found["items"]} == {"concern", "exception", "challenge", "action"}
    edit = {"key_actions": [{"text": "End drift", "evidence": [reference]} for reference in references]}
    assert (await desk.step(draft["id"], "edit", edit)).status_code == 200


async def test_R83_the_yearly_report_to_the_partnership_holds_every_section_and_lacks_none(
    desk: Desk,
) -> None:
    await desk.occurrence()
    desk.reporting.clock.advance(timedelta(days=140))
    report = await drafted(desk, "dscb_annual_report", "FY2026-27")
    assert report["missing"] == []
    shown = {one["kind"]: one["headline"] for one in report["sections"]}
    assert {"last_year", "recurrences", "learning", "commitments", "challenges", "grounds", "aims"} <= shown.keys()
    assert shown["grounds"].endswith("at most 5 key actions may be chosen.")
    assert not any("key actions may be chosen" in one for one in report["headlines"])
