"""Agreement of two graders: against worked examples, a second computation, and through the service."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.agreement import agreement, quadratic_kappa, rounded
from tests.audit_api.moderation.steps import MODERATOR, acted, an_audit, asked, graded, moderator
from tests.audit_api.papers import answers
from tests.conftest import Running

PAIRS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=60)


def by_matrices(pairs: list[tuple[int, int]], steps: int) -> float | None:
    """Kappa as textbooks write it: matrices of weights, of what was seen, and of what chance would give."""
    n = len(pairs)
    seen = [[0.0] * steps for _ in range(steps)]
    for first, second in pairs:
        seen[first - 1][second - 1] += 1 / n
    rows = [sum(row) for row in seen]
    columns = [sum(row[j] for row in seen) for j in range(steps)]
    weight = [[1 - (i - j) ** 2 / (steps - 1) ** 2 for j in range(steps)] for i in range(steps)]
    observed = sum(weight[i][j] * seen[i][j] for i in range(steps) for j in range(steps))
    chance = sum(weight[i][j] * rows[i] * columns[j] for i in range(steps) for j in range(steps))
    return None if abs(1 - chance) < 1e-12 else (observed - chance) / (1 - chance)


@given(PAIRS)
def test_kappa_is_that_of_the_matrices(pairs: list[tuple[int, int]]) -> None:
    ours, theirs = quadratic_kappa(Counter(pairs)), by_matrices(pairs, 4)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert float(ours) == pytest.approx(theirs, abs=1e-9)


@given(PAIRS)
def test_the_shares_and_kappa_keep_their_bounds_and_do_not_care_who_is_first(pairs: list[tuple[int, int]]) -> None:
    found = agreement(Counter(pairs))
    turned = agreement(Counter((second, first) for first, second in pairs))
    assert found is not None
    assert found == turned
    assert 0 <= found.exact <= found.within_one <= 1
    assert found.kappa is None or -1 <= found.kappa <= 1


@given(PAIRS)
def test_kappa_of_two_grades_only_is_that_of_cohen(pairs: list[tuple[int, int]]) -> None:
    two = [(min(first, 2), min(second, 2)) for first, second in pairs]
    n = len(two)
    same = Fraction(sum(first == second for first, second in two), n)
    ones = Fraction(sum(first == 1 for first, _ in two), n), Fraction(sum(second == 1 for _, second in two), n)
    chance = ones[0] * ones[1] + (1 - ones[0]) * (1 - ones[1])
    assert quadratic_kappa(Counter(two)) == (None if chance == 1 else (same - chance) / (1 - chance))


def test_a_textbook_table_of_two_raters_and_fifty_grants_gives_its_kappa() -> None:
    # 20 yes by both, 15 no by both, 5 and 10 apart: agreement 0.7, by chance 0.5, kappa 0.4.
    found = agreement({(1, 1): 20, (1, 2): 5, (2, 1): 10, (2, 2): 15})
    assert found is not None
    assert (found.pairs, found.exact, found.within_one, found.kappa) == (50, Fraction(7, 10), 1, Fraction(2, 5))


def test_three_grades_worked_by_hand() -> None:
    # Pairs 1-1, 2-2, 3-3, 1-2, 1-3. Squared distances seen: 0+0+0+1+4 = 5. First grades: 1 three times, 2, 3 once each;
    # second grades: 1 once, 2 and 3 twice each. By chance: 3*(0+2*1+2*4) + 1*(1+0+2) + 1*(4+2+0) = 39, over 5.
    found = quadratic_kappa(Counter([(1, 1), (2, 2), (3, 3), (1, 2), (1, 3)]))
    assert found == 1 - Fraction(5 * 5, 39) == Fraction(14, 39)


def test_whole_agreement_is_one_and_whole_opposition_is_minus_one() -> None:
    assert quadratic_kappa({(1, 1): 3, (4, 4): 3}) == 1
    assert quadratic_kappa({(1, 4): 3, (4, 1): 3}) == -1


def test_one_and_the_same_grade_throughout_has_no_kappa_and_no_pairs_no_agreement() -> None:
    found = agreement({(3, 3): 12})
    assert found is not None
    assert (found.exact, found.kappa) == (1, None)
    assert agreement({}) is None


@pytest.mark.parametrize(
    ("value", "places", "found"),
    [(Fraction(1, 8), 2, 0.13), (Fraction(-1, 8), 2, -0.13), (Fraction(2, 3), 3, 0.667), (Fraction(-1, 10000), 3, 0)],
)
def test_a_half_is_rounded_away_from_zero(value: Fraction, places: int, found: float) -> None:
    assert rounded(value, places) == found


async def _moderated(audit: Running, auditor: str, firsts: list[str], second: str) -> None:
    """Audits of one auditor with these grades for outcomes, all graded alike a second time."""
    manager, client = await audit.client("qa_manager"), await moderator(audit)
    for place, grade in enumerate(firsts):
        number = await an_audit(
            audit, auditor, case_reference=f"CMS-{auditor}-{place}1", answers=answers(outcomes_overall=grade)
        )
        begun = await asked(manager, number, **MODERATOR)
        await acted(client, begun["id"], "gradings", {"grades": graded("good", second, "good")})


async def _agreement(client: Any, **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/moderation/agreement", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_agreement_is_told_by_tool_domain_and_month_and_withheld_below_the_set_number_of_pairs(
    start: Any,
) -> None:
    audit: Running = await start("audit", agreement_least_pairs=6, agreement_least_pairs_auditor=9)
    await _moderated(audit, "a", ["good", "good", "inadequate"], "good")
    await _moderated(audit, "b", ["requires_improvement"], "good")
    manager = await audit.client("qa_manager")
    told = await _agreement(manager, by="tool", period="2026-11")
    (tool,) = told["items"]
    assert (tool["key"], tool["audits"], tool["pairs"], tool["pairs_asked_for"]) == ("case_audit", 4, 12, 12)
    # Eleven at 3-3 or near; one first grade of 1 and one of 2 against 3.
    expected = agreement({(3, 3): 10, (1, 3): 1, (2, 3): 1})
    assert expected is not None
    assert expected.kappa is not None
    assert (tool["kappa"], tool["exact_percent"], tool["within_one_percent"]) == (float(expected.kappa), 83.3, 91.7)
    assert told["total"] == tool | {"key": None}
    domains = (await _agreement(manager, by="domain"))["items"]
    assert {one["withheld"] for one in domains} == {"too_few_pairs"}
    assert {(one["kappa"], one["exact_percent"], one["pairs"]) for one in domains} == {(None, None, 4)}
    months = (await _agreement(manager, by="period", tool="case_audit"))["items"]
    assert [one["key"] for one in months] == ["2026-11"]
    assert (await _agreement(manager, period="2026-10"))["total"]["pairs"] == 0
    # The analysis tells the same beside the rest.
    whole = (await manager.get("/v1/analysis", params={"period": "2026-11"})).json()
    assert whole["agreement"] == told
    assert (await manager.get("/v1/analysis", params={"period": "2026-10"})).json()["agreement"]["total"]["pairs"] == 0
    drawn = await _agreement(manager, origin="sample")
    assert (drawn["total"]["pairs"], drawn["total"]["withheld"]) == (0, "too_few_pairs")


async def test_no_kappa_where_both_gave_one_grade_throughout(start: Any) -> None:
    audit: Running = await start("audit", agreement_least_pairs=6)
    await _moderated(audit, "a", ["good", "good"], "good")
    total = (await _agreement(await audit.client("qa_manager")))["total"]
    assert (total["kappa"], total["no_kappa"], total["exact_percent"], total["withheld"]) == (
        None, "no_variation", 100.0, None,
    )  # fmt: skip


async def test_an_auditors_agreement_is_shown_to_managers_and_to_the_auditor_alone(start: Any) -> None:
    audit: Running = await start("audit", agreement_least_pairs=2, agreement_least_pairs_auditor=4)
    await _moderated(audit, "a", ["good", "inadequate"], "good")
    await _moderated(audit, "b", ["good"], "good")
    manager = (await _agreement(await audit.client("qa_manager"), by="auditor"))["items"]
    assert [(one["key"], one["pairs"], one["withheld"]) for one in manager] == [
        ("a", 6, None),
        ("b", 3, "too_few_pairs"),
    ]
    own = await _agreement(await audit.client("auditor", subject="a"), by="auditor")
    assert ([one["key"] for one in own["items"]], own["total"]["pairs"]) == (["a"], 6)
    assert (await _agreement(await audit.client("analyst"), by="auditor"))["items"] == []
    assert (await _agreement(await audit.client("analyst"), by="tool"))["total"]["withheld"] is None


async def test_a_group_of_one_auditors_audits_is_not_shown_to_others_under_another_name(start: Any) -> None:
    audit: Running = await start("audit", agreement_least_pairs=2)
    await _moderated(audit, "a", ["good", "inadequate"], "good")
    for client, withheld in (
        (await audit.client("analyst"), "one_auditor"),
        (await audit.client("auditor", subject="a"), None),
        (await audit.client("qa_manager"), None),
    ):
        told = await _agreement(client, by="tool")
        assert {told["total"]["withheld"], told["items"][0]["withheld"]} == {withheld}
