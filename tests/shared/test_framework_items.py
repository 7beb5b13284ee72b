"""The rules of the framework's items: each refuses what would make a service answer wrongly later."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.framework.calendars import Calendar
from shared.schemas.framework.catalogue import content_of, parse_item
from shared.schemas.framework.tree import FrameworkError, read_tree
from shared.schemas.periods import Period

DORSET = Path(__file__).parents[2] / "framework" / "dorset"
Content = dict[str, Any]
Change = Callable[[Content], object]


@pytest.fixture(scope="module")
def dorset() -> dict[str, dict[str, Content]]:
    """The Dorset edition as plain content: true items to spoil one thing in."""
    items = read_tree(DORSET).items
    return {kind: {code: content_of(item) for code, item in by.items()} for kind, by in items.items()}


def refusal(kind: str, content: Content) -> str:
    with pytest.raises(ValidationError) as caught:
        parse_item(kind, content)
    return str(caught.value)


def spoiled(dorset: dict[str, dict[str, Content]], kind: str, code: str, change: Change) -> str:
    content = copy.deepcopy(dorset[kind][code])
    change(content)
    return refusal(kind, content)


def section(content: Content, code: str) -> Content:
    found: Content = next(each for each in content["sections"] if each["code"] == code)
    return found


def test_R03_an_indicator_without_a_focus_area_is_refused(dorset: dict[str, dict[str, Content]]) -> None:
    assert "focus_area" in spoiled(dorset, "indicators", "referrals", lambda one: one.pop("focus_area"))


@pytest.mark.parametrize("change", [lambda one: one.pop("rationale"), lambda one: one.update(basis=[])])
def test_R03_a_focus_area_says_why_and_on_what_basis(dorset: dict[str, dict[str, Content]], change: Change) -> None:
    assert spoiled(dorset, "focus_areas", "send", change)


def test_R04_a_quantitative_indicator_is_benchmarked_or_says_why_not(
    dorset: dict[str, dict[str, Content]],
) -> None:
    assert "R04" in spoiled(dorset, "indicators", "referrals", lambda one: one.pop("no_benchmark_reason"))
    assert "R04" in spoiled(dorset, "indicators", "looked_after_rate", lambda one: one.pop("benchmarks"))
    both: Change = lambda one: one.update(no_benchmark_reason="There is none.")  # noqa: E731
    assert "keep one of the two" in spoiled(dorset, "indicators", "looked_after_rate", both)


def test_R04_there_are_exactly_three_information_types(dorset: dict[str, dict[str, Content]]) -> None:
    change: Change = lambda one: one.update(information_type="anecdotal")  # noqa: E731
    assert "information_type" in spoiled(dorset, "indicators", "referrals", change)


@pytest.mark.parametrize("domain", ["intervention", "outcomes", "process"])
def test_R25_a_published_tool_grades_each_of_three_domains_once(
    dorset: dict[str, dict[str, Content]], domain: str
) -> None:
    def without(tool: Content) -> None:
        questions = section(tool, domain)["questions"]
        questions[:] = [question for question in questions if not question.get("domain_overall")]

    assert "R25" in spoiled(dorset, "tools", "case_audit", without)


def test_R25_a_draft_may_still_lack_a_domain(dorset: dict[str, dict[str, Content]]) -> None:
    content = dorset["tools"]["case_audit"]
    sections = [each for each in content["sections"] if each["code"] == "about_the_case"]
    assert parse_item("tools", {**content, "status": "draft", "sections": sections})


def test_R31_a_published_tool_has_a_supervision_section_or_a_reason(
    dorset: dict[str, dict[str, Content]],
) -> None:
    content = dorset["tools"]["case_audit"]
    without = [each for each in content["sections"] if each["domain"] != "supervision"]
    assert "R31" in refusal("tools", {**content, "sections": without})
    assert "R31" in refusal("tools", {**content, "supervision_omitted_reason": "It has one, so this is wrong."})
    reason = "A sample of minutes shows no supervision."
    assert parse_item("tools", {**content, "sections": without, "supervision_omitted_reason": reason})


def test_a_question_depends_only_on_an_earlier_one(dorset: dict[str, dict[str, Content]]) -> None:
    def turn(tool: Content) -> None:
        section(tool, "outcomes")["questions"].reverse()

    assert "asked earlier" in spoiled(dorset, "tools", "case_audit", turn)


def test_question_codes_are_told_apart_across_sections(dorset: dict[str, dict[str, Content]]) -> None:
    def repeat(tool: Content) -> None:
        section(tool, "process")["questions"].append(section(tool, "outcomes")["questions"][0])

    assert "same code" in spoiled(dorset, "tools", "case_audit", repeat)


def test_R22_a_slot_that_begins_later_leaves_past_denominators_alone() -> None:
    slots = [
        {"unit": "a", "effective_from": "2025-04-01", "effective_to": "2026-03-31"},
        {"unit": "b", "effective_from": "2025-04-01"},
        {"unit": "c", "effective_from": "2026-04-01"},
    ]
    content = {
        "code": "p", "title": "P", "audit_type": "single_case", "tool": "t", "cadence": "monthly",
        "due_working_days_after_period": 10, "slots": slots,
    }  # fmt: skip
    programme = parse_item("programmes", content)
    assert isinstance(programme, Programme)
    assert [slot.unit for slot in programme.slots_on(date(2026, 3, 31))] == ["a", "b"]
    assert [slot.unit for slot in programme.slots_on(date(2026, 4, 1))] == ["b", "c"]
    slots.append({"unit": "b", "effective_from": "2027-04-01"})
    assert "two slots at the same time" in refusal("programmes", content)


def test_terms_that_overlap_are_refused(dorset: dict[str, dict[str, Content]]) -> None:
    def overlap(calendar: Content) -> None:
        calendar["years"][0]["half_terms"][1]["start"] = calendar["years"][0]["half_terms"][0]["end"]

    assert "overlap" in spoiled(dorset, "calendars", "dorset_community_schools", overlap)


def test_a_calendar_gives_terms_their_dates(dorset: dict[str, dict[str, Content]]) -> None:
    calendar = parse_item("calendars", dorset["calendars"]["dorset_community_schools"])
    assert isinstance(calendar, Calendar)
    autumn = Period.parse("AY2026-27-T1").dates(calendar.term_calendar())
    assert autumn == (date(2026, 9, 2), date(2026, 12, 18))


@pytest.mark.parametrize(
    ("kind", "code", "change", "said"),
    [
        ("units", "fs_weymouth", lambda one: one.pop("parent"), "every other unit names one"),
        ("units", "fs_weymouth", lambda one: one.update(valid_to="2019-03-31"), "before valid_from"),
        ("units", "fs_weymouth", lambda one: one.update(successors=["fs_portland"]), "valid_to"),
        ("areas", "E06000059", lambda one: one.pop("la_number"), "la_number"),
        ("comparator_sets", "dfe_neighbours_2025", lambda one: one.update(subject="E10000008"), "own set"),
        ("comparator_sets", "dfe_neighbours_2025", lambda one: one.pop("subject"), "somebody's"),
        ("indicators", "looked_after_rate", lambda one: one.pop("multiplier"), "multiplier"),
        ("indicators", "looked_after_rate", lambda one: one.pop("denominator"), "denominator"),
        ("indicators", "inspection_overall", lambda one: one.pop("scale"), "scale"),
        ("indicators", "supervision_in_time", lambda one: one.update(expected_from="RY2026"), "another kind"),
        (
            "indicators",
            "supervision_in_time",
            lambda one: one["targets"].append(one["targets"][0]),
            "at once",
        ),
        ("reports", "csdg_monthly", lambda one: one.update(period_kind="term"), "period_kind"),
        ("reports", "pupil_census_termly", lambda one: one.pop("calendar"), "calendar"),
        ("reports", "csdg_monthly", lambda one: one.update(audiences=[]), "audiences"),
        ("reports", "dscb_annual_report", lambda one: one.pop("key_actions_max"), "key_actions_cap"),
        ("roles", "analyst", lambda one: one["scopes"].append("everything:do"), "scopes"),
    ],
)
def test_an_item_that_contradicts_itself_is_refused(
    dorset: dict[str, dict[str, Content]], kind: str, code: str, change: Change, said: str
) -> None:
    assert said in spoiled(dorset, kind, code, change)


def test_R59_a_stage_may_rest_on_a_local_target_but_not_on_nothing(
    dorset: dict[str, dict[str, Content]],
) -> None:
    content = copy.deepcopy(dorset["complaint_procedures"]["statutory"])
    del content["stages"][0]["statutory_limit"]
    assert parse_item("complaint_procedures", content)
    del content["stages"][0]["local_target"]
    assert "a statutory_limit, a local_target or both" in refusal("complaint_procedures", content)


def test_R59_a_local_target_is_never_looser_than_the_law(dorset: dict[str, dict[str, Content]]) -> None:
    def loosen(procedure: Content) -> None:
        procedure["stages"][0]["local_target"] = {"working_days": 21}

    assert "longer than the statutory_limit" in spoiled(dorset, "complaint_procedures", "statutory", loosen)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: one["stages"][1]["people"].append(one["stages"][1]["people"][0]), "two roles of a stage"),
        (lambda one: one["stages"][1]["people"][0].pop("code"), "code"),
        (lambda one: one["refusal_reasons"].append(one["refusal_reasons"][0]), "two refusal_reasons"),
        (lambda one: one.pop("decline_after_days"), "needs decline_after_days"),
        (lambda one: one.pop("excluded_go_to"), "needs excluded_go_to"),
    ],
)
def test_R59_roles_and_reasons_for_declining_stand_once_and_can_apply(
    dorset: dict[str, dict[str, Content]], change: Change, said: str
) -> None:
    assert said in spoiled(dorset, "complaint_procedures", "statutory", change)


@pytest.mark.parametrize(
    ("kind", "code", "change", "pointer", "said"),
    [
        ("units", "family_support", {"parent": "fs_weymouth"}, "/parent", "stands above itself"),
        ("units", "fs_weymouth", {"aliases": ["CwaD"]}, "/aliases/0", "already"),
        ("boards", "dscb", {"aliases": ["SDG"]}, "/aliases/0", "csdg has this name"),
        ("areas", "E06000065", {"former_codes": ["E10000008"]}, "/former_codes/0", "another area"),
        ("areas", "E06000065", {"la_number": "838"}, "/la_number", "la_number"),
        ("programmes", "monthly_case_audit", {"audit_type": "peer"}, "/tool", "audit_type"),
        ("tools", "case_audit", {"status": "draft"}, "/tool", "not published"),
        ("programmes", "monthly_case_audit", {"tool": "none"}, "/tool", "kind tools"),
        ("units", "fs_weymouth", {"valid_to": "2026-03-31"}, "/slots/0", "outside the time"),
        (
            "indicators",
            "social_worker_turnover",
            {"benchmarks": ["nowhere"]},
            "/benchmarks/0",
            "comparator_sets",
        ),
        ("reports", "ctb_schedule_annual", {"gates": ["closing_questions"]}, "/gates", "R11"),
        ("roles", "head_of_service", {"scopes": ["reporting:read"]}, "/sign_off/0/role", "reporting:sign"),
        ("roles", "head_of_service", {"scopes": ["audit:read"]}, "/levels/1/closed_by/0", "audit:write"),
        (
            "escalation_policies",
            "practice_concern",
            {"immediate_concerns": True, "subject_sees": "at_once", "withdrawable": False},
            "/immediate_concerns",
            "one such policy",
        ),
    ],
)
def test_items_that_contradict_each_other_are_refused(
    dorset: dict[str, dict[str, Content]],
    tmp_path: Path,
    kind: str,
    code: str,
    change: Content,
    pointer: str,
    said: str,
) -> None:
    spoilt = {**dorset, kind: {**dorset[kind], code: {**dorset[kind][code], **change}}}
    lists = {name: list(by.values()) for name, by in spoilt.items()}
    (tmp_path / "all.yaml").write_text(json.dumps(lists), encoding="utf-8")  # JSON is YAML, and faster
    with pytest.raises(FrameworkError) as caught:
        read_tree(tmp_path)
    assert any(problem.pointer == pointer and said in problem.detail for problem in caught.value.problems)
