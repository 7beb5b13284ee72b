"""Who may audit a case: pure rules, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.independence import Unit, kept_apart
from services.audit_api.selection.assigning import Auditor, Bench, Job, bench_of
from services.audit_api.selection.candidates import months_before
from shared.schemas.framework.audit_selection import Independence

TREE = {
    "council": Unit("council", None),
    "family_support": Unit("service", "council"),
    "weymouth": Unit("team", "family_support"),
    "weymouth_duty": Unit("team", "weymouth"),
    "portland": Unit("team", "family_support"),
    "standards": Unit("service", "council"),
    "panel": Unit("team", "council"),
}
JOB = Job("case_audit", "single_case", date(2026, 11, 23), frozenset({"weymouth"}))


def auditor(number: int, **changed: object) -> Auditor:
    found = {
        "reference": f"auditor-{number}", "unit": "standards", "tools": frozenset({"case_audit"}),
        "audit_types": frozenset(), "capacity_per_month": 10, "available_from": date(2026, 1, 1), "available_to": None,
    }  # fmt: skip
    return Auditor(**(found | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "rule", "apart"),
    [
        ("weymouth", "team", {"weymouth"}),
        ("weymouth", "line", {"family_support", "weymouth", "weymouth_duty"}),
        ("weymouth", "service", {"family_support", "weymouth", "weymouth_duty", "portland"}),
        ("weymouth_duty", "line", {"family_support", "weymouth", "weymouth_duty"}),
        ("panel", "service", {"panel"}),
        ("panel", "line", {"panel"}),
    ],
)
def test_whose_members_are_not_independent(unit: str, rule: Independence, apart: set[str]) -> None:
    assert kept_apart(unit, TREE, rule) == apart


def test_a_circle_in_the_tree_of_units_ends() -> None:
    assert kept_apart("a", {"a": Unit("team", "b"), "b": Unit("team", "a")}, "line") == {"a", "b"}


@given(st.permutations(range(6)), st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))
def test_equal_loads_are_settled_by_the_seed_and_by_no_order(order: list[int], seed: str) -> None:
    straight = Bench([auditor(number) for number in range(6)]).choose(seed, JOB, ())
    shuffled = bench_of([auditor(number) for number in order], {}).choose(seed, JOB, ())
    assert straight == shuffled
    assert straight is not None
    assert straight.because == "drawn_by_lot"


@given(st.integers(1, 60), st.integers(1, 8))
def test_however_many_cases_nobody_has_two_more_than_another(count: int, people: int) -> None:
    bench = bench_of([auditor(number, capacity_per_month=100) for number in range(people)], {})
    given_out: Counter[str] = Counter()
    for _ in range(count):
        choice = bench.choose("seed", JOB, ())
        assert choice is not None
        bench.give(choice.auditor.reference)
        given_out[choice.auditor.reference] += 1
    loads = [given_out[f"auditor-{number}"] for number in range(people)]
    assert max(loads) - min(loads) <= 1


def test_who_works_on_the_case_is_passed_by_even_with_nothing_in_hand() -> None:
    bench = bench_of([auditor(1), auditor(2)], {"auditor-2": (5, 0)})
    choice = bench.choose("seed", JOB, {"auditor-1"})
    assert choice is not None
    assert (choice.auditor.reference, choice.because) == ("auditor-2", "only_one")
    assert choice.excluded == (("auditor-1", "works_on_case"),)
    assert bench.choose("seed", JOB, {"auditor-1", "auditor-2"}) is None


def test_months_before_end_on_a_day_that_is_there() -> None:
    assert months_before(date(2026, 11, 23), 12) == date(2025, 11, 23)
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)
    assert months_before(date(2026, 1, 15), 0) == date(2026, 1, 15)
