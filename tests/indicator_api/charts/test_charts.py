"""Charts say what the series says, to eyes, to screen readers and in print; what is hidden there is hidden here."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from services.indicator_api.charts.text import width_of
from tests.conftest import ROOT, Running
from tests.indicator_api.published import (
    COUNTY,
    DORSET,
    LOOKED_AFTER_RATE,
    REREFERRALS,
    item,
    load,
    months,
    ratios,
    referrals,
)

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "g", "rect", "line", "path", "text", "circle", "polygon"}
EAST, WEST = "cwd_east", "cwd_west"


async def ask(indicator: Running, path: str, role: str = "analyst", **query: Any) -> httpx.Response:
    return await (await indicator.client(role)).get(f"/v1/indicators/{path}", params=query)


async def drawn(indicator: Running, code: str, role: str = "analyst", **query: Any) -> Element:
    answer = await ask(indicator, f"{code}/chart.svg", role, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    root = fromstring(answer.text)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= ELEMENTS
    assert not re.search(r"(?i)href|url\(|<script|style=|\son\w+=|<!ENTITY|data:", answer.text)
    check_inside(root)
    return root


def check_inside(root: Element) -> None:
    """Every text stands within the drawing, as wide as it is."""
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    for one in root.iter(f"{SVG}text"):
        x, y, size = (float(one.attrib[name]) for name in ("x", "y", "font-size"))
        wide = width_of(one.text or "", size, bold="font-weight" in one.attrib) / 1.06
        left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[one.attrib["text-anchor"]]
        assert left >= -1 and left + wide <= width + 1, (one.text, left, left + wide, width)
        assert 0 < y <= height, one.text


def texts(root: Element, group: str | None = None) -> list[str]:
    groups = [one for one in root.iter(f"{SVG}g") if group in (None, one.attrib.get("class"))]
    return [one.text or "" for found in groups for one in found.iter(f"{SVG}text")]


def said(root: Element) -> str:
    return root.findtext(f"{SVG}desc") or ""


def marks(root: Element) -> Counter[str]:
    """How many points of each shape the plot has: numbers of breaks and bars are none."""
    (plot,) = (one for one in root.iter(f"{SVG}g") if one.attrib.get("class") == "plot")
    found: Counter[str] = Counter()
    for one in plot:
        name = one.tag.removeprefix(SVG)
        if name == "circle" and one.attrib["r"] != "8":
            found["circle"] += 1
        elif name == "rect":
            found["square"] += 1
        elif name == "polygon":
            found["triangle" if one.attrib["points"].count(" ") == 2 else "diamond"] += 1
    return found


async def table(indicator: Running, code: str, role: str = "analyst", **query: Any) -> list[list[str]]:
    answer = await ask(indicator, f"{code}/chart.csv", role, **query)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text)))


@pytest.fixture
async def looked_after(indicator: Running) -> Running:
    content = (ROOT / "examples" / "figures" / "looked_after_rate_all_authorities.csv").read_bytes()
    client = await indicator.client("ingest_client")
    answer = await client.post("/v1/observations/imports", content=content, headers={"Content-Type": "text/csv"})
    assert answer.json()["rejected"] == 0
    await load(client, [item("looked_after_rate", "E12000009", "RY2025", 62)])
    return indicator


async def test_a_control_chart_says_what_the_series_says(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), referrals())
    root = await drawn(indicator, "referrals_monthly", area=COUNTY)
    series = (await ask(indicator, "referrals_monthly/series", area=COUNTY)).json()["areas"][0]
    labels = Counter(point["label"] for point in series["points"])
    assert marks(root) == {
        "circle": labels["common_cause"],
        "diamond": labels["special_cause_neutral_high"] + labels["special_cause_neutral_low"],
    }
    (segment,) = series["segments"]
    for words, name in (("Mean", "mean"), ("Upper limit", "upl"), ("Lower limit", "lpl")):
        assert f"{words} {segment[name]:.0f}" in texts(root, "plot")
    assert "The latest figure, for March 2019, is 265, up from 238 for February 2019." in said(root)
    assert "within the usual range of 186 to 527, around a mean of 356" in said(root)
    special = 84 - labels["common_cause"]
    assert f"{special} points show special cause." in said(root)
    rows = await table(indicator, "referrals_monthly", area=COUNTY)
    assert len(rows) == 85
    assert [row[1] for row in rows[1:]] == [point["display"] for point in series["points"]]


async def test_the_break_of_2019_is_a_marker_with_its_reason(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), referrals())
    root = await drawn(indicator, "referrals_monthly")
    assert "1" in texts(root, "plot")
    assert any(text.startswith("1. Dorset began on 1 April 2019") for text in texts(root, "notes"))
    assert marks(root)["circle"] == 36


async def test_improvement_and_concern_differ_in_shape_and_provisional_revised_and_hidden_are_marked(
    indicator: Running,
) -> None:
    client = await indicator.client("analyst")
    values = [80, 81, 80, 81, 80, 81, 80, 81, 80, 81, 80, 81, 99, None, 60]
    await load(client, months("supervision_in_time", DORSET, "2025-06", values))
    await load(client, [item("supervision_in_time", DORSET, "2025-06", 82)])
    missing = {"indicator": "supervision_in_time", "area": DORSET, "period": "2026-09", "value_status": "c"}
    body = {"items": [missing, item("supervision_in_time", DORSET, "2026-10", 80)]}
    answer = await client.post("/v1/observations/imports", params={"provisional": "true"}, json=body)
    assert (answer.status_code, answer.json()["rejected"]) == (200, 0)
    root = await drawn(indicator, "supervision_in_time")
    assert (marks(root)["square"], marks(root)["triangle"]) == (1, 1)
    plot = texts(root, "plot")
    assert (plot.count("r"), plot.count("c"), plot.count("x")) == (1, 1, 1)
    assert any("Target 90.0%" in text for text in plot)
    # The point, its sample in the legend, and the number of the break.
    assert sum(one.attrib["fill"] == "#ffffff" for one in root.iter(f"{SVG}circle")) == 3
    legend = " ".join(texts(root, "legend"))
    for words in ("improvement", "concern", "Hollow: provisional", "Revised", "Process limits", "Target"):
        assert words in legend
    assert "c confidential" in " ".join(texts(root, "notes"))
    assert "unavailable" in " ".join(texts(root, "notes"))


async def test_a_chart_is_for_screen_readers_too(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))
    root = await drawn(indicator, "rereferrals")
    assert (root.attrib["role"], root.attrib["lang"]) == ("img", "en-GB")
    named = root.attrib["aria-labelledby"].split()
    assert [one.attrib["id"] for one in list(root)[:2]] == named
    assert root.findtext(f"{SVG}title") == "Referrals within 12 months of an earlier one"
    assert "The latest figure, for the year to 31 March 2025, is 14.7%, up from 14.1%" in said(root)
    assert "England: 22.6%." in said(root)
    assert "chart.html" in said(root)
    page = await ask(indicator, "rereferrals/chart.html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count('<th scope="col">') == 4
    assert page.text.count('<th scope="row">') == 6
    assert "<caption>Referrals within 12 months of an earlier one, Dorset</caption>" in page.text
    assert '<html lang="en-GB">' in page.text
    rows = await table(indicator, "rereferrals")
    assert rows[0] == ["Period", "Dorset", "95% interval", "England", "Target", "Remark", "Period code"]
    assert rows[1][:2] == ["the year to 31 March 2020", "x"]
    assert rows[-1][:4] == ["the year to 31 March 2025", "14.7%", "13.4% to 16.2%", "22.6%"]


async def test_a_comparison_has_bars_in_order_and_lines_for_england_region_mean_and_median(
    looked_after: Running,
) -> None:
    root = await drawn(looked_after, "looked_after_rate", kind="comparison")
    plot = texts(root, "plot")
    names = [text for text in plot if text in ("Shropshire", "Worcestershire", "Dorset", "Essex")]
    assert names == ["Shropshire", "Worcestershire", "Dorset", "Essex"]
    bold = [one.text for one in root.iter(f"{SVG}text") if one.attrib.get("font-weight") == "bold"]
    assert {"Dorset", "65 (59 to 71)"} <= set(bold)
    assert "119 (111 to 128)" in plot
    legend = texts(root, "legend")
    for words in ("England 67", "South West 62", "Mean of the others 63", "Median of the others 56"):
        assert any(words in text for text in legend), words
    assert marks(root)["square"] == 11
    assert "Dorset has 65, number 4 of 11" in said(root)
    assert "similar to Statistical neighbours, DfE May 2025" in said(root)
    older = await table(looked_after, "looked_after_rate", kind="comparison", period="RY2024")
    newer = await table(looked_after, "looked_after_rate", kind="comparison")
    assert {row[0] for row in older} ^ {row[0] for row in newer} >= {"Gloucestershire", "Essex", "Kent"}


async def test_a_figure_nobody_has_is_a_symbol_at_the_end_and_never_a_bar(looked_after: Running) -> None:
    client = await looked_after.client("analyst")
    missing = {"indicator": "looked_after_rate", "area": "E06000051", "period": "RY2025", "value_status": "x"}
    await load(client, [missing])
    root = await drawn(looked_after, "looked_after_rate", kind="comparison")
    assert marks(root)["square"] == 10
    rows = await table(looked_after, "looked_after_rate", kind="comparison")
    assert rows[11][:2] == ["Shropshire", "x"]


async def test_a_funnel_of_all_authorities_agrees_with_the_calculator(looked_after: Running) -> None:
    root = await drawn(looked_after, "looked_after_rate", kind="funnel")
    assert marks(root)["diamond"] == 10
    # The own area has a white edge of its own shape.
    assert (marks(root)["square"], marks(root)["circle"]) == (2, 151 - 11)
    rows = await table(looked_after, "looked_after_rate", kind="funnel")
    assert (rows[1][:4], len(rows)) == (["Dorset", "65", "437", "67,149"], 152)
    items = [
        {"area": row[0], "numerator": int(row[2].replace(",", "")), "denominator": int(row[3].replace(",", ""))}
        for row in rows[1:]
    ]
    client = await looked_after.client("analyst")
    body = {"kind": "rate", "items": items, "multiplier": 10_000}
    calculated = (await client.post("/v1/calculations/funnel", json=body)).json()
    words = {
        "within": "within the limits", "high_0.001": "above the 99.8% limit", "high_0.025": "above the 95% limit",
        "low_0.001": "below the 99.8% limit", "low_0.025": "below the 95% limit",
    }  # fmt: skip
    assert [row[4] for row in rows[1:]] == [words[one["label"]] for one in calculated["items"]]
    assert f"Pooled {calculated['pooled_value']:.0f}" in texts(root, "plot")
    assert "Dorset's 65 is within the limits around their pooled value" in said(root)
    # Whoever reads one of the two numbers reads how many areas it is of.
    assert calculated["n_pooled"] == 151
    assert "Pooled value of 151 areas" in texts(root, "legend")
    assert "151 areas by size" in said(root)
    assert await table(looked_after, "looked_after_rate", kind="funnel", comparators="all_authorities") == rows
    answer = await ask(looked_after, "looked_after_rate/chart.svg", kind="comparison", comparators="all_authorities")
    assert (answer.status_code, answer.json()["ask_for"]) == (409, "funnel")


async def test_the_csv_names_each_period_by_its_code(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))
    await load(await indicator.client("ingest_client"), referrals())
    (head, first, *_) = await table(indicator, "rereferrals", kind="trend")
    assert (head[0], head[-1], first[0], first[-1]) == (
        "Period", "Period code", "the year to 31 March 2020", "RY2020",
    )  # fmt: skip
    assert (await table(indicator, "referrals_monthly", area=COUNTY))[1][-1] == "2012-04"
    beside = await table(indicator, "rereferrals", kind="comparison", period="RY2025")
    assert {row[-1] for row in beside[1:]} == {"RY2025"}


async def test_a_page_leaves_out_columns_that_hold_nothing(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))

    async def columns() -> list[str]:
        return re.findall(r'<th scope="col">([^<]*)', (await ask(indicator, "rereferrals/chart.html")).text)

    assert await columns() == ["Period", "Dorset", "95% interval", "England"]
    revised = item("rereferrals", DORSET, "RY2025", 14.9, numerator=350, denominator=2349)
    await load(await indicator.client("ingest_client"), [revised])
    assert await columns() == ["Period", "Dorset", "95% interval", "England", "Remark"]
    assert "Target" in (await table(indicator, "rereferrals"))[0]


async def test_teams_can_be_compared_and_set_in_a_funnel(indicator: Running) -> None:
    shares = {EAST: (45, 50), WEST: (60, 80), "fs_weymouth": (7, 25)}
    figures = [
        item("supervision_in_time", unit, "2026-09", 100 * n / d, numerator=n, denominator=d)
        for unit, (n, d) in shares.items()
    ]
    await load(await indicator.client("analyst"), figures)
    for kind in ("comparison", "funnel"):
        rows = await table(indicator, "supervision_in_time", kind=kind, area=",".join(shares))
        assert {row[1] for row in rows[1:]} == {"90.0%", "75.0%", "28.0%"}


async def test_what_is_hidden_in_the_series_is_hidden_in_every_chart(indicator: Running) -> None:
    figures = [
        item("participation_in_reviews", EAST, f"RY{year}", 100 * n / 20, numerator=n, denominator=20)
        for year, n in ((2023, 12), (2024, 17), (2025, 13))
    ]
    await load(await indicator.client("analyst"), figures)
    seen = await drawn(indicator, "participation_in_reviews", area=EAST)
    hidden = await drawn(indicator, "participation_in_reviews", role="practitioner", area=EAST)
    assert (marks(seen)["circle"], marks(hidden)["circle"]) == (3, 2)
    assert "c" in texts(hidden, "plot")
    for form in ("svg", "html", "csv"):
        for kind in ("trend", "spc"):
            answer = await ask(
                indicator, f"participation_in_reviews/chart.{form}", "practitioner", area=EAST, kind=kind
            )
            assert answer.status_code == 200
            assert "85" not in re.sub(r'[a-z0-9-]+="[^"]*"', "", answer.text)


async def test_nothing_to_show_is_said_and_drawn(indicator: Running) -> None:
    symbols = [
        {"indicator": "supervision_in_time", "area": DORSET, "period": f"2026-0{month}", "value_status": "c"}
        for month in range(1, 7)
    ]
    await load(await indicator.client("analyst"), symbols)
    root = await drawn(indicator, "supervision_in_time")
    assert texts(root, "plot").count("c") == 6
    assert "No figure can be shown" in texts(root, "plot")
    assert "No figure can be shown." in said(root)


async def test_every_word_stays_inside_at_any_width(looked_after: Running) -> None:
    for kind in ("spc", "trend", "comparison", "funnel"):
        for width in (320, 500, 1600):
            root = await drawn(looked_after, "looked_after_rate", kind=kind, width=width)
            assert root.attrib["viewBox"].split()[2] == str(width)


async def test_one_point_or_ten_years_of_huge_or_negative_numbers_fit(indicator: Running) -> None:
    cases = [(length, scale) for length in (1, 3, 118) for scale in (1, -1000, 1e10)]
    units = ["fs_weymouth", "fs_portland", "fs_chesil", "fs_dorchester", "fs_bridport", "fs_sherborne", "fs_blandford",
             "fs_gillingham", "fs_wimborne"]  # fmt: skip
    for unit, (length, scale) in zip(units, cases, strict=True):
        values = [round(scale * (100 + place * 37 % 23), 2) for place in range(length)]
        await load(await indicator.client("analyst"), months("budget_variance", unit, "2017-01", values))
        root = await drawn(indicator, "budget_variance", area=unit, width=480)
        assert marks(root)["circle"] == length


async def test_a_title_is_words_and_never_markup(indicator: Running) -> None:
    admin = await indicator.client("admin")
    held = (await admin.get("/v1/framework/indicators/supervision_in_time")).json()["content"]
    title = '<script>alert(1)</script> & "quotes" ]]> ' + "Wörter " * 20
    change = {"items": [{"kind": "indicators", "code": held["code"], "content": held | {"title": title.strip()}}]}
    assert (await admin.post("/v1/framework/applications", json=change)).status_code == 200
    await load(admin, months("supervision_in_time", DORSET, "2026-01", [90, 91, 92]))
    root = await drawn(indicator, "supervision_in_time")
    assert (root.findtext(f"{SVG}title") or "").startswith("<script>")
    page = await ask(indicator, "supervision_in_time/chart.html")
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_same_figures_give_the_same_bytes_and_are_not_sent_twice(looked_after: Running) -> None:
    for form in ("svg", "html", "csv"):
        for kind in ("trend", "comparison", "funnel"):
            first = await ask(looked_after, f"looked_after_rate/chart.{form}", kind=kind)
            again = await ask(looked_after, f"looked_after_rate/chart.{form}", kind=kind)
            assert first.content == again.content
            assert first.headers["cache-control"] == "private, no-cache"
            client = await looked_after.client("analyst")
            held = await client.get(
                f"/v1/indicators/looked_after_rate/chart.{form}",
                params={"kind": kind},
                headers={"If-None-Match": first.headers["etag"]},
            )
            assert (held.status_code, held.content) == (304, b"")
    await load(await looked_after.client("analyst"), [item("looked_after_rate", DORSET, "RY2025", 66)])
    changed = await ask(looked_after, "looked_after_rate/chart.svg", kind="trend")
    before = await ask(looked_after, "looked_after_rate/chart.svg", kind="trend", as_at="2020-01-01")
    assert "r" in texts(fromstring(changed.text), "plot")
    assert before.status_code == 409


async def test_a_chart_that_cannot_be_drawn_says_why_and_which_to_ask_for(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    await load(client, ratios("looked_after_rate", LOOKED_AFTER_RATE[:1]))
    await load(client, [item("looked_after", DORSET, "RY2025", 437), item("inspection_overall", DORSET, "RY2025", 4)])
    cases = [
        ("looked_after", "funnel", "neither", "comparison"),
        ("looked_after_rate", "funnel", "at least 3 areas", "comparison"),
        ("inspection_overall", "spc", "do not overlap", "trend"),
        ("looked_after", "comparison", "nothing to set", "trend"),
        ("rereferrals", "trend", "no figure", "comparison"),
        ("rereferrals", "comparison", "no figure", "trend"),
    ]
    for code, kind, words, instead in cases:
        answer = await ask(indicator, f"{code}/chart.svg", kind=kind)
        assert answer.status_code == 409, (code, kind)
        problem = answer.json()
        assert problem["type"].endswith("/chart-not-possible")
        assert words in problem["detail"]
        assert problem["ask_for"] == instead


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("kind=pie", 422, "/query/kind"),
        ("kind=spc&period=2026-09", 422, "/query/period"),
        ("kind=spc&comparators=england", 422, "/query/comparators"),
        ("kind=funnel&from=2026-09", 422, "/query/from"),
        ("kind=trend&area=E06000059,E10000009", 422, "/query/area"),
        ("kind=comparison&period=RY2025", 422, "/query/period"),
        ("kind=comparison&comparators=friends", 422, "/query/comparators"),
        ("width=319", 422, "/query/width"),
        ("width=1e9", 422, "/query/width"),
        ("from=2026-09&to=2026-08", 422, "/query/to"),
        ("area=E09999999", 404, None),
        ("colour=red", 422, "/query"),
    ],
)
async def test_what_cannot_be_asked_is_refused_at_its_place(
    indicator: Running, query: str, status: int, pointer: str | None
) -> None:
    await load(await indicator.client("analyst"), months("supervision_in_time", DORSET, "2026-08", [90, 91]))
    client = await indicator.client("analyst")
    answer = await client.get(f"/v1/indicators/supervision_in_time/chart.svg?{query}")
    assert answer.status_code == status
    assert pointer is None or pointer in [one["pointer"] for one in answer.json()["errors"]]


async def test_charts_need_the_scope_and_the_unit(indicator: Running) -> None:
    await load(await indicator.client("analyst"), months("supervision_in_time", EAST, "2026-08", [90, 91]))
    for form in ("svg", "html", "csv"):
        assert (await ask(indicator, f"supervision_in_time/chart.{form}", "board_reader")).status_code == 403
        other = await indicator.client("team_manager", "fs_weymouth")
        answer = await other.get(f"/v1/indicators/supervision_in_time/chart.{form}", params={"area": EAST})
        assert answer.status_code == 404
        assert (await ask(indicator, f"nothing/chart.{form}")).status_code == 404


async def test_no_sentence_reads_on_across_a_changed_definition(indicator: Running) -> None:
    admin = await indicator.client("admin")
    await load(admin, [item("rereferrals", DORSET, f"RY{year}", value) for year, value in ((2022, 16.8), (2023, 16.3))])
    held = (await admin.get("/v1/framework/indicators/rereferrals")).json()["content"]
    change = {"items": [{"kind": "indicators", "code": "rereferrals", "content": held | {"version": 2}}]}
    assert (await admin.post("/v1/framework/applications", json=change)).status_code == 200
    await load(admin, [item("rereferrals", DORSET, "RY2024", 20.1)])
    root = await drawn(indicator, "rereferrals")
    assert "The latest figure, for the year to 31 March 2024, is 20.1%. " in said(root)
    assert "16." not in said(root)
    assert any("The definition changed" in text for text in texts(root, "notes"))
    await load(admin, [item("rereferrals", DORSET, "RY2025", 20.6)])
    assert "is 20.6%, up from 20.1% for the year to 31 March 2024." in said(await drawn(indicator, "rereferrals"))
