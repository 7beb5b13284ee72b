"""The sections that lay evidence before a board: what audits promise and lead to, who challenges, what is owed."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.schemas.audit_summary import AgreementOut, AgreementsOut, LevelCount
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.fake_evidence import an_analysis
from tests.reporting_api.fake_voices import (
    a_challenge,
    a_complaints_report,
    a_learning,
    a_recurrence,
    a_survey_figure,
    answered,
)
from tests.reporting_api.framework_changes import apply_change, framework_item

QUARTER = "FY2026-27-Q2"
MONTH = "2026-10"


async def with_sections(desk: Desk, report: str, *extra: dict[str, Any], **changes: Any) -> None:
    """Have a report of the framework show more sections."""
    item = framework_item("reports", report)
    codes = {one["code"] for one in extra}
    kept = [one for one in item["sections"] if one["code"] not in codes]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": [*kept, *extra], **changes})


def part(kind: str, **more: Any) -> dict[str, Any]:
    return {"code": kind, "title": kind.replace("_", " ").capitalize(), "kind": kind, "required": False, **more}


async def drafted(desk: Desk, report: str = "csdg_monthly", period: str = MONTH) -> dict[str, Any]:
    return await desk.document((await desk.draft(report, period))["id"])


def totals(found: dict[str, Any]) -> dict[str, float]:
    return {one["code"]: one["value"] for one in found["summary"]}


async def test_R23_the_year_s_promise_of_multi_agency_cases_stands_with_its_forecast(desk: Desk) -> None:
    await with_sections(desk, "csdg_monthly", part("commitments", commitments=["multi-agency"]))
    found = section(await drafted(desk), "commitments")
    one = found["items"][0]
    assert (one["target"], one["completed"], one["forecast"], one["rag"]) == (18, 9, 14, "red")
    assert [row["cases_so_far"] for row in one["quarters"]] == [4, 9]
    assert found["headline"] == (
        "Multi-agency case audits: 9 of 18 cases audited in the financial year 2026-27, 14 expected by its end: red."
    )
    assert found["sources"][0]["path"] == "/v1/commitments/multi-agency?year=FY2026-27"


async def test_R26_R42_actions_tell_the_loops_that_closed_and_what_each_body_waits_for(desk: Desk) -> None:
    found = section(await drafted(desk), "actions")
    assert totals(found)["loops_closed"] == 6
    waits = next(one for one in found["items"] if one["type"] == "body_actions")
    assert (waits["body_name"], waits["overdue"], waits["days_overdue"]) == (
        "Safeguarding board Quality Assurance Group", 4, 111,
    )  # fmt: skip
    assert found["items"][-1]["text"] == (
        "Of 13 audits in October 2026, 9 led to learning that was passed on,"
        " and 6 are closed with every action's impact known."
    )


async def test_R43_a_concern_that_recurs_stands_with_what_is_done_about_it(desk: Desk) -> None:
    told = answered("Two workshops in January.")
    desk.neighbours.voices.recurrences = [a_recurrence(), a_recurrence(theme="voice", answered=told)]
    await with_sections(desk, "csdg_monthly", part("recurrences"))
    found = section(await drafted(desk), "recurrences")
    assert [one["answered"] for one in found["items"]] == [None, "Two workshops in January."]
    assert totals(found) == {"concerns": 2, "unanswered": 1, "good_practice": 0}
    assert found["headline"].startswith("2 concerns in audits come back, 1 of them without an answer")


async def test_a_board_outside_the_council_reads_partnership_learning_only_and_no_number_in_an_answer(
    desk: Desk,
) -> None:
    desk.neighbours.voices.recurrences = [a_recurrence(answered=answered("Two families were visited."))]
    desk.neighbours.voices.learning = [
        a_learning(title="For all partners", visibility="partnership"),
        a_learning(title="For the council", visibility="organisation"),
        a_learning(title="For one team", visibility="team"),
    ]
    await with_sections(desk, "csdg_monthly", part("recurrences"), part("learning"))
    report = await desk.publish((await desk.draft())["id"])
    assert [one["text"] for one in section(report, "learning")["items"]][:2] == ["For all partners", "For the council"]
    assert section(report, "recurrences")["items"][0]["answered"] == "Two families were visited."
    copy = await desk.document(report["id"], "board_reader")
    heard = [one["text"] for one in section(copy, "learning")["items"] if one["source"] == "audit"]
    assert heard == ["For all partners"]
    assert "Two families" not in section(copy, "recurrences")["items"][0]["answered"]


async def test_learning_passed_on_before_or_after_the_period_is_another_report_s(desk: Desk) -> None:
    desk.neighbours.voices.learning = [
        a_learning(title="In October"),
        a_learning(title="In November", disseminated_on=date(2026, 11, 2)),
        a_learning(title="In September", disseminated_on=date(2026, 9, 30)),
    ]
    await with_sections(desk, "csdg_monthly", part("learning"))
    found = section(await drafted(desk), "learning")
    assert [one["text"] for one in found["items"] if one["source"] == "audit"] == ["In October"]
    assert totals(found)["from_complaints"] == 1
    assert totals(found)["in_training"] == 3


async def test_R19_a_board_reads_its_own_challenges_and_the_council_reads_all(desk: Desk) -> None:
    desk.neighbours.voices.challenges = [
        a_challenge(),
        a_challenge(raised_by_body="dscb", status="closed", overdue=False),
    ]
    await with_sections(desk, "csdg_monthly", part("challenges"))
    found = section(await drafted(desk), "challenges")
    assert [one["body"] for one in found["items"]] == ["ctb"]  # the other was closed, and raised before the period
    assert totals(found)["overdue"] == 1
    await with_sections(desk, "dscb_compliance_quarterly", part("challenges"))
    own = section(await drafted(desk, "dscb_compliance_quarterly", QUARTER), "challenges")
    assert [(one["body"], one["status"]) for one in own["items"]] == [("dscb", "closed")]
    assert "body=dscb" in own["sources"][0]["path"]


async def test_R60_the_learning_that_is_missing_is_named_by_owner_and_hidden_from_outside(desk: Desk) -> None:
    desk.neighbours.voices.complaints_report = a_complaints_report((("horizon", 7), ("fs_weymouth", 2)))
    report = await desk.publish(
        (await desk.draft("complaints_quarterly", QUARTER))["id"],
        {"sections": [{"code": "learning", "narrative": "Letters come in plain words now."}]},
    )
    owed = [one for one in section(report, "complaints")["items"] if one["type"] == "owed_learning"]
    assert [(one["unit"], one["value"]) for one in owed] == [("horizon", 7.0), ("fs_weymouth", 2.0)]
    assert owed[1]["owner"] == "Family Support Manager"
    assert "9 complaints without learning, owed by 2 units" in section(report, "complaints")["headline"]
    assert "someone's account" not in str(report)
    copy = await desk.document(report["id"], "board_reader")
    hidden = [one for one in section(copy, "complaints")["items"] if one["type"] == "owed_learning"]
    # Not in the order of what is hidden.
    assert [(one["unit"], one["display"]) for one in hidden] == [("fs_weymouth", "c"), ("horizon", "c")]
    assert "learning_owed" not in totals(section(copy, "complaints"))


async def test_a_month_has_no_complaints_report_and_lacks_nothing(desk: Desk) -> None:
    report = await drafted(desk)
    assert [one["path"] for one in section(report, "complaints")["sources"]] == ["/v1/summary?period=2026-10"]
    assert report["missing"] == []


async def test_R63_surveys_owed_are_listed_by_service_with_the_groups_nobody_has_planned_to_ask(desk: Desk) -> None:
    await with_sections(desk, "csdg_monthly", part("surveys"))
    found = section(await drafted(desk), "surveys")
    owed = [one for one in found["items"] if one["type"] == "owed_survey"]
    assert [(one["unit_name"], one["missing"], one["done"]) for one in owed] == [
        ("Hearing Support Service", ["School"], ["Parent carer"])
    ]
    assert found["headline"] == "1 of 2 surveys owed in the year held, 1 not planned."


async def test_R16_R27_the_workforce_s_voice_names_the_ways_staff_were_heard_and_their_answers(desk: Desk) -> None:
    desk.neighbours.voices.survey_figures = [
        a_survey_figure(),
        a_survey_figure(area="fs_weymouth", numerator=4, denominator=6),
    ]
    await with_sections(desk, "csdg_monthly", part("workforce_voice"))
    report = await desk.publish((await desk.draft())["id"])
    found = section(report, "workforce_voice")
    assert found["headline"] == "Staff were heard in 1 of 1 way in October 2026."
    results = [one for one in found["items"] if one["type"] == "survey_result"]
    assert [(one["unit_name"], one["percent"]["display"]) for one in results] == [
        ("The whole council", "76.2"), ("Family Support, Weymouth", "66.7"),
    ]  # fmt: skip
    copy = section(await desk.document(report["id"], "board_reader"), "workforce_voice")
    assert [one["unit"] for one in copy["items"] if one["type"] == "survey_result"] == ["E06000059"]


async def test_few_answers_to_a_survey_are_hidden_from_a_board_outside_the_council(desk: Desk) -> None:
    desk.neighbours.voices.survey_figures = [a_survey_figure(numerator=78, denominator=80)]
    await with_sections(desk, "csdg_monthly", part("workforce_voice"))
    report = await desk.publish((await desk.draft())["id"])
    copy = section(await desk.document(report["id"], "board_reader"), "workforce_voice")
    shown = next(one for one in copy["items"] if one["type"] == "survey_result")
    assert [shown[name]["display"] for name in ("favourable", "answers", "percent")] == ["c", "c", "c"]


async def test_R10_R12_participation_names_teams_with_one_method_and_how_the_strategy_stands(desk: Desk) -> None:
    report = await drafted(desk, "cypp_and_corporate_plan_quarterly", QUARTER)
    found = section(report, "participation")
    assert (totals(found)["single_method"], totals(found)["strategy_done"]) == (1, 2)
    assert "Family Support, Weymouth" in {one["text"] for one in found["items"] if one["type"] == "statement"}


async def test_R13_silent_channels_are_named(desk: Desk) -> None:
    found = section(await drafted(desk), "feedback")
    assert [one["text"] for one in found["items"] if one.get("group") == "silent"] == ["Young inspectors"]


async def test_what_is_hidden_of_a_channel_in_one_section_is_hidden_in_every_other(desk: Desk) -> None:
    summary = desk.neighbours.summary
    units = [summary.units[0].model_copy(update={"count": 32}), summary.units[1].model_copy(update={"count": 2})]
    desk.neighbours.summary = summary.model_copy(update={"units": units})
    await with_sections(desk, "csdg_monthly", part("participation"), part("workforce_voice"))
    report = await desk.publish((await desk.draft())["id"])
    copy = await desk.document(report["id"], "board_reader")
    told = [
        {
            one["code"]: one["display"]
            for one in section(copy, code)["items"]
            if one.get("group", "").endswith("channels")
        }
        for code in ("feedback", "participation", "workforce_voice")
    ]
    assert told[0] == told[1]
    assert told[2].items() <= told[0].items()
    assert told[2] == {"exit_interviews": "c"}


async def test_R24_R43_findings_tell_the_movement_the_levels_that_took_no_part_and_the_graders_agreement(
    desk: Desk,
) -> None:
    domain = desk.neighbours.analysis.domains[0].model_copy(update={"movement": "90% good or better, 60% before"})
    agreed = AgreementOut(
        key=None, audits=6, pairs=18, pairs_asked_for=0, kappa=0.713, exact_percent=83.3, within_one_percent=100,
        withheld=None, no_kappa=None,
    )  # fmt: skip
    desk.neighbours.analysis = an_analysis(
        domains=[domain], repeats=3, levels=[LevelCount(level="practitioner", audits=13),
                                             LevelCount(level="senior_manager", audits=0, missing=True)],
        agreement=AgreementsOut(by="tool", period=None, tool=None, least_pairs=10, total=agreed, items=[]),
    )  # fmt: skip
    found = section(await drafted(desk), "audit_findings")
    said = {one["text"] for one in found["items"] if one["type"] == "statement"}
    assert "Outcomes achieved: 90% good or better, 60% before" in said
    assert "Nobody of these levels took part: senior manager." in said
    assert "First and second grades were the same in 83% of 18 pairs, weighted kappa 0.71." in said
    assert totals(found)["repeats"] == 3
