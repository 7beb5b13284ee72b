"""What is missing in an entry of a register, and which grades call for one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.indicator_api.providers.watching import (
    Entry,
    calling,
    flags_of,
    latest_judgements,
    reviews_missing,
)
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.providers import ProviderRegister

TODAY = date(2026, 11, 23)


def register(cycle: str = "half_termly", **more: Any) -> ProviderRegister:
    content = {
        "code": "causing_concern",
        "name": "Causing concern",
        "provider_kinds": ["school"],
        "categories": ["at_risk"],
        "review_cycle": cycle,
        "report_to_members_within_days": 60,
        "calls_for_support": [{"framework": "old", "judgement": "overall", "grades": ["inadequate"]}],
        **more,
    }
    found = parse_item("provider_registers", content)
    assert isinstance(found, ProviderRegister)
    return found


def entry(opened: date, closed: date | None = None, **more: Any) -> Entry:
    return Entry(opened, closed, more.get("supported", True), more.get("told"))


def test_an_entry_owes_a_review_for_each_half_term_it_stood_in_to_its_end_R54() -> None:
    whole_year = entry(date(2025, 9, 1), date(2026, 9, 30))
    missing = reviews_missing(register(), whole_year, [], TODAY)
    assert missing == [f"AY2025-26-HT{part}" for part in range(1, 7)]
    assert reviews_missing(register(), whole_year, missing[1:], TODAY) == ["AY2025-26-HT1"]


def test_a_half_term_that_has_not_ended_owes_nothing_yet() -> None:
    assert reviews_missing(register(), entry(date(2026, 9, 28)), [], TODAY) == ["AY2026-27-HT1"]
    assert reviews_missing(register(), entry(date(2026, 11, 2)), [], TODAY) == []


def test_a_termly_register_owes_three_and_one_reviewed_when_needed_none() -> None:
    stood = entry(date(2025, 9, 1), date(2026, 9, 30))
    assert reviews_missing(register("termly"), stood, [], TODAY) == [f"AY2025-26-T{part}" for part in (1, 2, 3)]
    assert reviews_missing(register("when_needed"), stood, [], TODAY) == []


def test_an_entry_members_were_not_told_of_is_flagged_at_once_and_overdue_after_its_days_R54() -> None:
    assert flags_of(register(), entry(date(2026, 11, 1)), [], TODAY) == ["not_reported_to_members"]
    late = flags_of(register(), entry(date(2026, 9, 1)), [], TODAY)
    assert late == ["not_reported_to_members", "report_to_members_overdue"]
    assert flags_of(register(), entry(date(2026, 9, 1), told=date(2026, 10, 1)), [], TODAY) == []


def test_support_is_missed_only_while_the_entry_stands() -> None:
    told = date(2026, 10, 1)
    stands = entry(date(2026, 9, 1), supported=False, told=told)
    closed = entry(date(2026, 9, 1), date(2026, 11, 1), supported=False, told=told)
    assert flags_of(register(), stands, ["AY2026-27-HT1"], TODAY) == ["support_missing", "review_missing"]
    assert flags_of(register(), closed, [], TODAY) == []


def judged(framework: str, judgement: str, grade: str, day: str) -> dict[str, Any]:
    return {"framework": framework, "judgement": judgement, "grade": grade, "judged_on": date.fromisoformat(day)}


def test_an_inspection_under_a_newer_framework_supersedes_the_older_grade_without_comparing_them() -> None:
    old = judged("old", "overall", "inadequate", "2022-03-01")
    assert latest_judgements([old]) == [old]
    new = judged("new", "leadership", "expected_standard", "2026-03-01")
    assert latest_judgements([new, old]) == [new]


@pytest.mark.parametrize(
    ("kind", "framework", "grade", "expected"),
    [
        ("school", "old", "inadequate", ["causing_concern"]),
        ("school", "old", "good", []),
        ("school", "new", "inadequate", []),
        ("early_years_setting", "old", "inadequate", []),
    ],
)
def test_a_rule_holds_for_its_own_framework_kind_and_grades_only(
    kind: str, framework: str, grade: str, expected: list[str]
) -> None:
    assert calling([register()], kind, framework, "overall", grade) == expected
