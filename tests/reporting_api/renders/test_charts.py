"""The charts: drawn from what the report tells, never across a gap, and telling the same in words."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting_api.renders.bar_charts import grades_chart
from services.reporting_api.renders.charts import charts_of
from services.reporting_api.renders.drawing import SHADES, Chart, tick_words, ticks, wrapped
from services.reporting_api.renders.trend_chart import trend_chart
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import GradeItem
from shared.schemas.figures import Measure
from tests.reporting_api.renders.largest_pack import largest_pack
from tests.reporting_api.renders.pack_measures import measure

_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN = {"svg", "title", "desc", "rect", "line", "path", "polygon", "circle", "text"}


def drawn(place: int, **changes: Any) -> ElementTree.Element:
    chart = trend_chart("key", measure(place).model_copy(update=changes))
    assert chart is not None
    return ElementTree.fromstring(chart.svg)


def words(root: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{_SVG}text")]


def test_each_chart_is_plain_drawing_with_a_title_and_words_for_who_cannot_see_it() -> None:
    charts = charts_of(largest_pack())
    assert {one.kind for one in charts} == {"trend", "teams", "grades"}
    assert len({one.code for one in charts}) == len(charts) == 27
    for one in charts:
        root = ElementTree.fromstring(one.svg)
        assert {element.tag.removeprefix(_SVG) for element in root.iter()} <= _DRAWN
        assert not any(name in ("style", "class") or name.startswith("on") for e in root.iter() for name in e.attrib)
        assert root.attrib["aria-labelledby"] == f"{root[0].attrib['id']} {root[1].attrib['id']}"
        assert one.description.endswith(".")
        assert len(one.rows) > 1


def test_a_line_is_not_drawn_across_a_hidden_figure_or_a_break() -> None:
    assert len(list(drawn(0).iter(f"{_SVG}path"))) == 1
    hidden = drawn(6)
    assert len(list(hidden.iter(f"{_SVG}path"))) == 2
    assert "c" in words(hidden)
    broken = drawn(4)
    assert len(list(broken.iter(f"{_SVG}path"))) == 2
    assert "break in the series" in words(broken)


def test_limits_target_and_what_stands_out_are_drawn_and_named_only_where_the_report_has_them() -> None:
    full = words(drawn(1))
    assert {"usual range", "target", "worse than usual"} <= set(full)
    bare = dict.fromkeys(("mean", "lower_limit", "upper_limit", "target", "signal"))
    trend = [one.model_copy(update=bare) for one in measure(1).trend]
    assert not {"usual range", "target", "worse than usual"} & set(words(drawn(1, trend=trend)))


def test_a_limit_that_no_figure_can_come_to_is_not_drawn_and_the_axis_does_not_go_there() -> None:
    limits = {"value": 20.0, "mean": 20.0, "lower_limit": -1.6, "upper_limit": 40.0, "target": None}
    trend = [one.model_copy(update=limits) for one in measure(1).trend]
    chart = trend_chart("key", measure(1).model_copy(update={"trend": trend}))
    assert chart is not None
    assert {row[2] for row in chart.rows} == {"up to 40.0"}
    shown = words(ElementTree.fromstring(chart.svg))
    assert "usual range" in shown and not [one for one in shown if one.startswith("-")]
    share = [one.model_copy(update={"value": 92.0, "lower_limit": 55.0, "upper_limit": 111.0}) for one in trend]
    chart = trend_chart("key", measure(1).model_copy(update={"trend": share, "measure": Measure.percentage}))
    assert chart is not None
    assert {row[2] for row in chart.rows} == {"55.0 or more"}
    assert "120" not in words(ElementTree.fromstring(chart.svg))


def test_without_a_trend_the_earlier_figures_are_drawn_and_one_figure_alone_is_not() -> None:
    short = measure(0).model_copy(update={"trend": []})
    chart = trend_chart("key", short)
    assert isinstance(chart, Chart)
    assert [row[0] for row in chart.rows] == ["July 2026", "August 2026", "September 2026", "October 2026"]
    assert trend_chart("key", short.model_copy(update={"previous": []})) is None


@pytest.mark.parametrize("sign", ["\uffff", "\ufffe", "\x0b", "<&>\"'", "]]>"])
def test_a_drawing_can_be_read_whatever_stands_in_its_title(sign: str) -> None:
    root = drawn(0, title=f"Referrals {sign} in a month")
    assert str(root[0].text).startswith("Referrals ")


def test_a_hidden_team_has_its_symbol_and_no_bar() -> None:
    chart = next(one for one in charts_of(largest_pack()) if one.kind == "teams")
    root = ElementTree.fromstring(chart.svg)
    bars = [one for one in root.iter(f"{_SVG}rect") if float(one.attrib["height"]) == 14]
    assert sum(float(one.attrib["width"]) == 0 for one in bars) == words(root).count("c") == 2


@given(st.lists(st.floats(-1e7, 1e7, allow_nan=False), min_size=1, max_size=12), st.booleans())
def test_the_scale_holds_every_value_and_its_words_are_told_apart(values: list[float], from_zero: bool) -> None:
    found = ticks(values, from_zero=from_zero)
    slack = (found[1] - found[0]) * 1e-6
    assert found[0] <= min(values) + slack and found[-1] >= max(values) - slack
    assert 2 <= len(found) <= 7
    assert len(set(tick_words(found))) == len(found)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=382), max_size=200))
def test_words_fit_their_lines(text: str) -> None:
    lines = wrapped(text, 300, 12)
    assert len(lines) <= 2
    assert all(len(line) <= 300 / (12 * 0.52) for line in lines)


def test_the_colour_of_a_grade_says_how_good_it_is_whichever_comes_first_and_whatever_it_is_called() -> None:
    def one(grade: str, label: str, ofsted: str | None, value: float) -> GradeItem:
        return GradeItem(
            domain="plan", domain_title="The plan", grade=grade, grade_label=label, ofsted=ofsted, value=value,
            display=f"{value:g}",
        )  # fmt: skip

    rows = [
        one("inadequate", "Inadequate", "inadequate", 2), one("rig", "Improve", "requires_improvement_to_be_good", 3),
        one("strong", "Strong", "outstanding", 4), one("good", "Good", None, 5),
    ]  # fmt: skip
    made = BoardSection(code="audits", title="Audits", kind="audit_findings", availability="available", items=rows)
    for placed in (made, made.model_copy(update={"items": rows[::-1]})):
        chart = grades_chart(placed)
        assert chart is not None
        fills = re.findall(r'<rect[^>]*height="18"[^>]*fill="(#[0-9a-f]{6})"', chart.svg)
        assert fills == list(SHADES[:4])
        assert chart.description.endswith("The plan: 4 Strong, 5 Good, 3 Improve and 2 Inadequate.")
