"""Charts are laid out before any browser sees them: round ticks, labels apart, lines that fit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.indicator_api.charts.canvas import number
from services.indicator_api.charts.formats import as_csv
from services.indicator_api.charts.page import Chart, Table
from services.indicator_api.charts.scales import (
    Scale,
    in_words_of,
    ordinal,
    period_text,
    period_ticks,
    round_ticks,
    tick_text,
    value_ticks,
)
from services.indicator_api.charts.text import rows_of, shorten, spread, width_of, wrap
from shared.schemas.periods import Period

finite = st.floats(-1e12, 1e12)


@given(least=finite, most=finite, about=st.integers(2, 9))
def test_ticks_are_round_numbers_in_equal_steps_that_hold_the_range(least: float, most: float, about: int) -> None:
    assume(most - least > 1e-9 * max(abs(least), abs(most), 1e-3))
    ticks = round_ticks(least, most, about)
    steps = [after - before for before, after in pairwise(ticks)]
    assert ticks[0] <= least + 1e-6 * steps[0] and ticks[-1] >= most - 1e-6 * steps[0]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)
    assert f"{steps[0]:.1e}"[:3] in ("1.0", "2.0", "2.5", "5.0")
    assert 1 <= len(steps) <= about + 2


@given(values=st.lists(finite, min_size=1, max_size=8), zero=st.booleans())
def test_an_axis_holds_every_value(values: list[float], zero: bool) -> None:
    ticks = value_ticks(values, 5, from_zero=zero, ceiling=None)
    scale, slack = Scale(ticks, 0, 100), 1e-6 * (ticks[-1] - ticks[0])
    assert all(ticks[0] - slack <= value <= ticks[-1] + slack for value in values)
    assert not zero or scale.holds(0.0)


def test_an_axis_of_percentages_ends_at_a_hundred_and_one_of_counts_has_no_halves() -> None:
    assert value_ticks([96, 99.5], 5, from_zero=False, ceiling=100)[-1] == 100
    assert all(tick == int(tick) for tick in value_ticks([0, 1, 2], 6, from_zero=False, ceiling=None, whole=True))
    assert value_ticks([], 5, from_zero=True, ceiling=None) == (0, 1)


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(0, 0.5, "0.0"), (2.5, 2.5, "2.5"), (1500, 500, "1,500"), (-20, 10, "-20"), (0.125, 0.025, "0.125"), (3, 1, "3")],
)
def test_a_tick_has_the_decimals_of_its_step(value: float, step: float, text: str) -> None:
    assert tick_text(value, step) == text


def test_large_numbers_are_divided_and_named() -> None:
    assert in_words_of((0, 2e6, 4e6)) == (1, "")
    assert in_words_of((0, 5e6)) == (1e6, "millions")
    assert in_words_of((-9e9, 0)) == (1e9, "billions")


@given(
    places=st.lists(st.floats(0, 300), max_size=12),
    room=st.floats(200, 400),
)
def test_labels_are_moved_apart_and_stay_in_their_order_and_room(places: list[float], room: float) -> None:
    found = spread(places, 15, 0, room)
    assume(len(places) * 15 <= room)
    assert all(-1e-6 <= place <= room + 1e-6 for place in found)
    order = sorted(range(len(places)), key=lambda one: (places[one], one))
    assert all(found[after] - found[before] >= 15 - 1e-6 for before, after in pairwise(order))


def test_labels_with_room_stay_where_they_belong() -> None:
    assert spread([10, 100, 50], 15, 0, 200) == [10, 100, 50]
    assert spread([50, 50], 15, 0, 200) == [50, 65]
    assert spread([198, 199], 15, 0, 200) == [185, 200]


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(1, 60)), max_size=15))
def test_labels_side_by_side_never_touch_in_their_row(given_spans: list[tuple[float, float]]) -> None:
    spans = [(first, first + length) for first, length in given_spans]
    rows = rows_of(spans, 3)
    for row in set(rows):
        inside = sorted(span for span, place in zip(spans, rows, strict=True) if place == row)
        assert all(before[1] + 3 <= after[0] for before, after in pairwise(inside))


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=200), room=st.floats(40, 800))
def test_lines_fit_their_room_and_lose_nothing(text: str, room: float) -> None:
    lines = wrap(text, room, 12)
    assert all(width_of(line, 12) <= room or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert width_of(shorten(text, room, 12), 12) <= max(room, width_of("…", 12))


@pytest.mark.parametrize(
    ("first", "last", "room", "expected"),
    [
        ("2019-04", "2022-03", 600, ["Jul 2019", "Jan 2020", "Jul 2020", "Jan 2021", "Jul 2021", "Jan 2022"]),
        ("2019-04", "2022-03", 220, ["Jan 2020", "Jan 2021", "Jan 2022"]),
        ("2026-08", "2026-10", 600, ["Aug 2026", "Sep 2026", "Oct 2026"]),
        ("2026-08", "2026-08", 600, ["Aug 2026"]),
        ("2026-08", "2026-11", 60, ["Nov 2026"]),
        ("RY2016", "RY2025", 400, ["2017", "2019", "2021", "2023", "2025"]),
        ("AY2019-20", "AY2024-25", 400, ["2020-21", "2022-23", "2024-25"]),
        ("FY2024-25-Q1", "FY2025-26-Q4", 400, ["Q1 2024-25", "Q3 2024-25", "Q1 2025-26", "Q3 2025-26"]),
        ("AY2025-26-T1", "AY2025-26-T3", 400, ["Aut 2025-26", "Spr 2025-26", "Sum 2025-26"]),
    ],
)
def test_periods_are_labelled_where_people_look(first: str, last: str, room: float, expected: list[str]) -> None:
    found = period_ticks(Period.parse(first), Period.parse(last), room, 70)
    assert [period_text(one) for one in found] == expected


@given(st.sampled_from(["2019-01", "RY2019", "FY2019-20-Q2", "AY2019-20-T3", "AY2019-20-HT6", "AY2019-20"]))
def test_periods_in_a_row_have_places_in_a_row(code: str) -> None:
    period = Period.parse(code)
    assert ordinal(period.successor) == ordinal(period) + 1


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-0.001, "0"), (12.5, "12.5"), (100, "100"), (-3.25, "-3.25")])
def test_a_coordinate_is_always_written_the_same_way(value: float, text: str) -> None:
    assert number(value) == text


def test_no_cell_of_a_chart_s_table_runs_in_a_spreadsheet_and_no_figure_is_changed() -> None:
    figures = ("-0.5%", "-£1,200.50", "-3 p", "-", "-0.5% to 3.2%", "12")
    running = ("-2+3+cmd|' /C calc'!A0", "-1-1", "=1", " =1", "+1", "@SUM(1)", "\uff1d1", "\t=1", "-£1*2")
    rows = tuple((one, "1") for one in (*figures, *running))
    table = Table("x", ("Area", "=1"), rows, ("2026-10",) * len(rows))
    head, *lines = as_csv(Chart(b"", "x", "x", table)).splitlines()
    assert head == "Area,'=1,Period code"
    cells = [line.removesuffix(",1,2026-10").strip('"') for line in lines]
    assert cells == [*figures, *(f"'{one}" for one in running)]
