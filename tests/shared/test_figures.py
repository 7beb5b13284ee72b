"""Figures on the wire, symbols read and written, rounding and display text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.faults import SafeValueError
from shared.schemas.figures import (
    Figure,
    InformationType,
    Measure,
    OfstedGrade,
    Polarity,
    SourceFamily,
    SpcRule,
    ThemedArea,
    ValueStatus,
    display_text,
    parse_cell,
    read_status,
    round_figure,
)


@pytest.mark.parametrize(
    ("body", "value", "status"),
    [
        ('{"value": 65.0, "value_status": null}', Decimal("65.0"), None),
        ('{"value": 0}', Decimal(0), None),
        ('{"value": null, "value_status": "c"}', None, ValueStatus.c),
        ('{"value": null, "value_status": ":"}', None, ValueStatus.x),
        ('{"value": null, "value_status": "~"}', None, ValueStatus.x),
        ('{"value": 0, "value_status": "k"}', Decimal(0), ValueStatus.k),
        ('{"value": 0, "value_status": "low"}', Decimal(0), ValueStatus.k),
        ('{"value": 12.5, "value_status": "u"}', Decimal("12.5"), ValueStatus.u),
    ],
)
def test_a_figure_is_a_number_or_a_symbol(body: str, value: Decimal | None, status: ValueStatus | None) -> None:
    figure = Figure.model_validate_json(body)
    assert (figure.value, figure.value_status) == (value, status)


@pytest.mark.parametrize(
    "body",
    [
        '{"value": null}',
        '{"value": null, "value_status": null}',
        '{"value": null, "value_status": "u"}',
        '{"value": null, "value_status": "k"}',
        '{"value": 3, "value_status": "c"}',
        '{"value": 0, "value_status": "x"}',
        '{"value": 0.4, "value_status": "k"}',
        '{"value": "c"}',
        '{"value": "65"}',
        '{"value": true}',
        '{"value": NaN}',
        '{"value": 1e400}',
        '{"value": 1, "value_status": "q"}',
        '{"value": null, "value_status": ""}',
        '{"value": null, "value_status": 1}',
        '{"value": 1, "unit": "%"}',
    ],
)
def test_a_figure_that_contradicts_itself_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        Figure.model_validate_json(body)


def test_a_figure_is_written_with_a_number_and_never_a_symbol_in_its_place() -> None:
    assert Figure.of(65.0).model_dump_json() == '{"value":65.0,"value_status":null}'
    assert Figure.of(None, ValueStatus.c).model_dump_json() == '{"value":null,"value_status":"c"}'
    assert Figure.of(Decimal("0.1")).model_dump_json() == '{"value":0.1,"value_status":null}'


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("437", "437", None),
        ("0", "0", None),
        (" 1,234.50 ", "1234.50", None),
        ("£5,200", "5200", None),
        ("-£5.2", "-5.2", None),
        ("49.1%", "49.1", None),
        ("1.031E-2", "0.01031", None),
        ("70.900000000000006", "70.900000000000006", None),
        ("12.3 [u]", "12.3", ValueStatus.u),
        ("12.3u", "12.3", ValueStatus.u),
        ("0 [k]", "0", ValueStatus.k),
        ("k", "0", ValueStatus.k),
        ("low", "0", ValueStatus.k),
        ("[low]", "0", ValueStatus.k),
        ("c", None, ValueStatus.c),
        ("[c]", None, ValueStatus.c),
        ("C", None, ValueStatus.c),
        ("z", None, ValueStatus.z),
        (".", None, ValueStatus.z),
        ("x", None, ValueStatus.x),
        ("u", None, ValueStatus.x),
        (":", None, ValueStatus.x),
        ("~", None, ValueStatus.x),
        ("-", None, ValueStatus.x),
        ("..", None, ValueStatus.x),
        ("", None, ValueStatus.x),
    ],
)
def test_a_published_cell_is_read(text: str, value: str | None, status: ValueStatus | None) -> None:
    expected = None if value is None else Decimal(value)
    assert parse_cell(text) == (expected, status)


@pytest.mark.parametrize(
    "text",
    [
        "NULL",
        "#N/A",
        "nan",
        "inf",
        "1e400",
        "1e99",
        "12,34",
        "1.2.3",
        "00:10",
        "=1+1",
        "٣",
        "5 [c]",
        "3k",
        "c5",
        "--1",
        "n/a",
        "1" * 61,
    ],
)
def test_a_cell_that_is_neither_number_nor_symbol_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(SafeValueError) as refusal:
        parse_cell(text)
    assert text not in str(refusal.value).split()


def test_a_suppressed_or_missing_cell_never_becomes_nought() -> None:
    for symbol in ("c", "z", "x", ":", "~", "u", "", "-"):
        assert parse_cell(symbol)[0] is None


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("2.45"), 1, "2.5"),
        (Decimal("-2.45"), 1, "-2.5"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("0.5"), 0, "1"),
        (Decimal("-0.04"), 1, "0.0"),
        (70.900000000000006, 1, "70.9"),
        (2.4499999999999997, 1, "2.5"),
        (0.35, 1, "0.4"),
        (1.005, 2, "1.01"),
        (437, 0, "437"),
        (Decimal("123456789012.345"), 2, "123456789012.35"),
    ],
)
def test_rounding_is_half_away_from_zero_and_free_of_float_noise(
    value: Decimal | float, places: int, text: str
) -> None:
    assert str(round_figure(value, places)) == text


@given(st.decimals(-1_000_000, 1_000_000, places=4), st.integers(0, 3))
def test_rounding_moves_a_figure_by_half_a_place_at_most_and_is_symmetric(value: Decimal, places: int) -> None:
    rounded = round_figure(value, places)
    assert abs(rounded - value) <= Decimal(5).scaleb(-places - 1)
    assert round_figure(-value, places) == -rounded


@pytest.mark.parametrize(
    ("value", "status", "places", "measure", "text"),
    [
        (Decimal("1234.5"), None, 1, Measure.count, "1,234.5"),
        (Decimal(1234567), None, 0, Measure.money, "£1,234,567"),
        (Decimal("-1234.4"), None, 0, Measure.money, "-£1,234"),
        (Decimal(65), None, 1, Measure.percentage, "65.0%"),
        (Decimal("65.08"), None, 0, Measure.rate, "65"),
        (Decimal("12.34"), ValueStatus.u, 1, Measure.mean, "12.3 u"),
        (Decimal(0), ValueStatus.k, 0, Measure.count, "0 k"),
        (Decimal(0), None, 0, Measure.count, "0"),
        (None, ValueStatus.c, 1, Measure.percentage, "c"),
        (None, ValueStatus.z, 0, Measure.count, "z"),
    ],
)
def test_the_display_text_of_a_figure(
    value: Decimal | None, status: ValueStatus | None, places: int, measure: Measure, text: str
) -> None:
    assert display_text(value, status, places=places, measure=measure) == text


@given(
    st.one_of(
        st.floats(-1e9, 1e9),
        st.integers(-(10**7), 10**7).map(lambda n: n / 1000),
        st.integers(-(10**7), 10**7).map(lambda n: (n + 0.5) / 10),
        st.sampled_from([0.0, -0.0, 0.05, -0.05, 0.5, 0.049999999999999, 70.900000000000006, 2.675, 1.005, 999999.95]),
    ),
    st.integers(0, 4),
)
def test_a_figure_formatted_as_it_stands_reads_as_the_one_rounded_by_hand(value: float, places: int) -> None:
    rounded = round_figure(value, places)
    expected = f"{'-' if rounded < 0 else ''}{abs(rounded):,.{places}f}"
    assert display_text(value, places=places) == expected


def test_nothing_is_displayed_that_has_neither_value_nor_symbol() -> None:
    with pytest.raises(SafeValueError):
        display_text(None)


def test_only_the_five_symbols_are_ever_written() -> None:
    assert [status.value for status in ValueStatus] == ["c", "z", "x", "k", "u"]
    assert read_status("[Z]") is ValueStatus.z


def test_R04_there_are_exactly_three_information_types() -> None:
    assert {kind.value for kind in InformationType} == {"quantitative", "qualitative", "outcome"}


def test_R06_there_are_five_source_families() -> None:
    assert len(SourceFamily) == 5


def test_R20_there_are_four_themed_areas() -> None:
    assert len(ThemedArea) == 4


def test_the_words_of_the_mathematics_are_those_of_the_methods() -> None:
    assert {measure.value for measure in Measure} == {
        "count",
        "percentage",
        "rate",
        "mean",
        "money",
        "ordinal",
    }
    assert {polarity.value for polarity in Polarity} == {"high_is_good", "low_is_good", "no_judgement"}
    assert [rule.value for rule in SpcRule] == ["outside_limits", "trend", "two_in_three", "shift"]
    assert OfstedGrade("requires_improvement_to_be_good")
