"""The examples: published figures and synthetic cases that fit the Dorset edition."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.schemas.framework.areas import Area
from shared.schemas.framework.audit import Tool
from shared.schemas.framework.feedback import Channel, ComplaintProcedure, RespondentGroup
from shared.schemas.framework.indicators import Indicator
from shared.schemas.framework.organisation import Theme, Unit
from shared.schemas.framework.tree import Framework, read_tree
from shared.schemas.framework.workforce import RegistrationBody, RoleFamily
from shared.schemas.periods import Period

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COLUMNS = ["indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status"]


@pytest.fixture(scope="module")
def dorset() -> Framework:
    return read_tree(ROOT / "framework" / "dorset")


@pytest.fixture(scope="module")
def figures() -> list[dict[str, str]]:
    return list(published())


def published() -> Iterator[dict[str, str]]:
    for path in sorted((EXAMPLES / "figures").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            assert reader.fieldnames == [*COLUMNS, "source_ref"], path.name
            yield from reader


def items(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["items"]
    return found


def test_every_published_figure_fits_the_framework(dorset: Framework, figures: list[dict[str, str]]) -> None:
    indicators, areas = dorset.of(Indicator), dorset.of(Area)
    seen: Counter[tuple[str, ...]] = Counter()
    for row in figures:
        indicator = indicators[row["indicator"]]
        assert Period.parse(row["period"]).kind is indicator.period_kind
        assert row["area"] in areas
        assert (row["value"] == "") == (row["value_status"] in ("c", "z", "x")), row
        for column in ("value", "numerator", "denominator"):
            assert row[column] == "" or re.fullmatch(r"-?\d+(\.\d{1,5})?", row[column]), row
        if row["breakdown"]:
            dimension, value = row["breakdown"].split("=")
            assert value in next(each for each in indicator.dimensions if each.code == dimension).values
        seen[row["indicator"], row["area"], row["period"], row["breakdown"]] += 1
    assert max(seen.values()) == 1
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*")) < 1_500_000


def test_a_published_rate_agrees_with_its_numerator_and_denominator(
    dorset: Framework, figures: list[dict[str, str]]
) -> None:
    indicators = dorset.of(Indicator)
    factor = {"percentage": 100, "mean": 1}
    for row in figures:
        if row["numerator"]:
            indicator = indicators[row["indicator"]]
            multiplier = indicator.multiplier or factor[indicator.measure.value]
            rate = Decimal(row["numerator"]) / Decimal(row["denominator"]) * multiplier
            assert abs(rate - Decimal(row["value"])) <= Decimal(5).scaleb(-indicator.decimal_places - 1), row


def test_the_figures_hold_the_true_series_of_dorset(figures: list[dict[str, str]]) -> None:
    value = {(row["indicator"], row["area"], row["period"]): row["value"] for row in figures if not row["breakdown"]}
    assert value["looked_after_rate", "E06000059", "RY2025"] == "65"
    assert value["looked_after_rate", "E92000001", "RY2025"] == "67"
    assert value["rereferrals", "E10000009", "RY2018"] == "27.7"
    assert value["social_worker_turnover", "E06000059", "CY2023"] == "20.5"
    months = [key for key in value if key[0] == "referrals_monthly" and key[1] in ("E06000059", "E10000009")]
    assert len(months) == 120
    assert sum(int(value[key]) for key in months if key[1] == "E06000059" and key[2] < "2020-04") == 3137
    assert ("first_time_entrants", "E92000001", "CY2024") not in value


def test_the_synthetic_audits_answer_the_published_tool(dorset: Framework) -> None:
    tool = dorset.of(Tool)["case_audit"]
    grades = {grade.code for grade in tool.scale.grades}
    themes, audits = dorset.of(Theme), items("audits.json")
    assert Counter(audit["period"] for audit in audits) == {"2026-09": 14, "2026-10": 13}
    for audit in audits:
        answers = audit["answers"]
        for _, question in tool.questions():
            asked = question.only_if is None or answers.get(question.only_if.question) in question.only_if.answers
            if question.view_of:
                assert set(audit["views"][question.view_of]) in ({"feedback"}, {"reason"})
            elif question.required and asked:
                assert question.code in answers, (audit["source_ref"], question.code)
            if question.kind == "grade" and question.code in answers:
                assert answers[question.code] in grades
        assert {finding["kind"] for finding in audit["findings"]} >= {"strength"}
        assert all(themes.keys() >= set(finding["themes"]) for finding in audit["findings"])


def test_every_synthetic_item_is_marked_as_such_and_names_known_codes(dorset: Framework) -> None:
    units, channels, groups = dorset.of(Unit), dorset.of(Channel), dorset.of(RespondentGroup)
    views = items("views.json")
    references = [view["source_ref"] for view in views]
    assert len(references) == len(set(references)) >= 60
    assert all(view["channel"] in channels for view in views)
    for name, key in (("views", "source_ref"), ("complaints", "respond_ref"), ("compliments", "respond_ref")):
        for item in items(f"{name}.json"):
            assert item[key].startswith("SYN-")
            assert item["unit"] in units
            assert item["respondent_group"] in groups
    families, bodies = dorset.of(RoleFamily), dorset.of(RegistrationBody)
    for item in items("registrations.json"):
        assert item["staff_ref"].startswith("SYN-")
        assert item["unit"] in units
        assert item["role_family"] in families
        assert item.get("body", "hcpc") in bodies
    procedures = dorset.of(ComplaintProcedure)
    for complaint in items("complaints.json"):
        known = {stage.code for stage in procedures[complaint["procedure"]].stages}
        assert known.issuperset(stage["stage"] for stage in complaint["stages"])
