"""Exceptions in words: no sentence may seem to contradict itself, whatever rounding and names do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.exceptions.case import Case, Funnel, Reference
from services.indicator_api.exceptions.evaluate import evaluate
from services.indicator_api.exceptions.sentences import sentence
from services.indicator_api.series.places import Place
from services.indicator_api.series.wording import moved
from shared.schemas.framework.areas import ComparatorKind
from tests.indicator_api.exceptions.cases import case, definition, figures, shares

YEAR_END = date(2025, 3, 31)
MONTH_END = date(2026, 8, 31)


def words(made: Case, day: date) -> list[str]:
    return [sentence(made, found) for found in evaluate(made, day, date(2020, 1, 1)) if found.trigger != "DATA_LATE"]


def beside(made: Case, kind: ComparatorKind, name: str, values: dict[str, float]) -> Case:
    """The case with a set whose members show these values at its latest figure."""
    latest = made.figures[-1]
    chosen = ComparatorSet("set", name, kind, "1", None, tuple(values), None, None)
    members = {code: replace(latest, value=value, numerator=None, denominator=None) for code, value in values.items()}
    return replace(made, references={latest.period: [Reference(chosen, members)]})


def test_a_target_just_above_the_usual_range_does_not_read_like_its_end() -> None:
    known = figures("2026-01", [86, 88, 85, 87, 86, 88, 85, 87])
    (told,) = words(case("supervision_in_time", known, targets=[target(92.24)]), MONTH_END)
    assert "its target of 92.24% or more, because figures usually lie between 80.80% and 92.20%" in told
    (told,) = words(case("supervision_in_time", known, targets=[target(95)]), MONTH_END)
    assert "its target of 95.0% or more, because figures usually lie between 80.8% and 92.2%" in told


def target(value: float) -> dict[str, object]:
    return {"value": value, "tolerance": None, "from_period": "2026-01", "to_period": None}


def test_a_run_never_lies_above_an_average_that_reads_like_its_latest_figure() -> None:
    values = [90, 94, 91, 95, 92, 94, 91, 93, 96, 94, 95, 97, 94, 95, 94]
    (told,) = words(case("looked_after_rate", figures("RY2011", values)), YEAR_END)
    assert "lie above their average of 93.7; the latest is 94 for" in told


def test_a_reference_that_rounds_to_the_figure_gets_a_decimal_place_more() -> None:
    own = replace(shares("RY2025", [(15_000, 100_000)])[0], value=15.0)
    made = beside(case("rereferrals", [own]), ComparatorKind.nation, "England", {"E92000001": 14.96})
    assert words(made, YEAR_END) == []
    made = case("rereferrals", [replace(own, numerator=1_500_000, denominator=10_000_000)])
    made = beside(made, ComparatorKind.nation, "England", {"E92000001": 14.96})
    (told,) = words(made, YEAR_END)
    assert "was 15.0%, higher than England's 14.96% by more than chance would explain" in told


def test_one_council_is_not_told_of_as_several() -> None:
    kind, made = ComparatorKind.statistical_neighbours, case("rereferrals", shares("RY2025", [(500, 1000)]))
    made = beside(made, kind, "Neighbours", {"E10000008": 21.0, "E06000066": 21.0})
    (latest,) = made.references
    (reference,) = made.references[latest]
    alone = replace(reference, members={"E10000008": reference.members["E10000008"]})
    (told,) = words(replace(made, references={latest: [alone]}), YEAR_END)
    assert "the 21.0% that is usual in 1 similar council (Neighbours)" in told


def test_a_name_with_a_comma_of_its_own_is_closed_by_another() -> None:
    own = shares("RY2025", [(700, 1000)])
    others = {f"E0600{code:04}": shares("RY2025", [(500, 1000)])[0] for code in range(20)}
    made = replace(case("rereferrals", own), place=Place("E06000023", "Bristol, City of"))
    made = replace(made, funnels={own[0].period: Funnel({**others, "E06000023": own[0]})})
    (told,) = words(made, YEAR_END)
    assert ": in Bristol, City of, the figure for the year to 31 March 2025 was 70.0%, higher than" in told


def test_percentages_differ_by_points_and_amounts_by_per_cent() -> None:
    share, count, grade = (definition(code) for code in ("rereferrals", "referrals", "inspection_overall"))
    assert moved(share, 90.0, 100.0) == "10.0 percentage points higher"
    assert moved(count, 400, 388, places=1) == "3.0% lower"
    assert moved(count, 0, 5) == "higher"
    assert moved(grade, 3, 4) == "higher"
