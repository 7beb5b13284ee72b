"""R17 over the year: who is told what at which level, and attempts to single out one child by filters and dates."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest

from tests.feedback_api.year_attack import as_set, everything, small_differences
from tests.feedback_api.year_complaints import COMPLIMENTS, received
from tests.feedback_api.year_plan import (
    ALONE,
    GROWING,
    LATE,
    QUARTERS,
    SERVICES,
    TEAMS,
    YEAR,
    months_of,
    tallies,
    views,
)  # fmt: skip
from tests.feedback_api.year_steps import Year


@pytest.mark.parametrize("who", ["analyst", "complaints"])
@pytest.mark.parametrize("period", ["2026-08", "FY2026-27-Q2", YEAR])
async def test_R17_who_may_see_true_figures_is_told_every_level_as_counted(year: Year, who: str, period: str) -> None:
    for unit, theme in product((None, *SERVICES, "cwd_west"), (None, "planning", "neglect")):
        asked = {"period": period} | ({"unit": unit} if unit else {}) | ({"theme": theme} if theme else {})
        said = views(months=months_of(period), unit=unit, theme=theme)
        apart: dict[str, Counter[Any]] = {
            "whole_service": Counter(),
            "segment": Counter(TEAMS[one.unit] for one in said),
            "local_office": Counter(one.unit for one in said),
        }
        for level, counted in apart.items():
            found = await year.read(who, "summary", level=level, **asked)
            assert (found["protected"], found["views"]) == (False, len(said))
            if unit is None:
                assert tallies(found["units"]) == counted


async def test_R17_single_records_are_told_by_role_and_without_words(year: Year) -> None:
    asked = {"period": "FY2026-27-Q2", "level": "individual", "theme": "neglect"}
    for who in ("practitioner", "manager", "everywhere"):
        assert await year.refused(who, "GET", "summary", params=asked) == (403, "forbidden")
    (one,) = (await year.read("analyst", "summary", **asked))["individuals"]
    assert (one["kind"], one["unit"], one["on"]) == ("view", ALONE.unit, ALONE.day)
    asked = {"period": "2026-07", "level": "individual"}
    kinds = {
        who: Counter(one["kind"] for one in (await year.read(who, "summary", **asked))["individuals"])
        for who in ("analyst", "complaints")
    }
    july = {"complaint": len(received(("2026-07",))), "compliment": len(COMPLIMENTS)}
    assert kinds["analyst"] == {"view": len(views(months=("2026-07",)))}
    assert kinds["complaints"] == kinds["analyst"] | july


@pytest.mark.parametrize("who", ["practitioner", "everywhere"])
async def test_R17_no_combination_of_filters_levels_and_dates_singles_anybody_out(year: Year, who: str) -> None:
    told, statuses = await everything(year, who)
    assert statuses == ({200, 404} if who == "practitioner" else {200})
    assert len([one for one in told if one[1]]) > 20
    for which, count in told:
        assert which.bit_count() == count
        assert count == 0 or count > 5
    assert small_differences(told) == []


async def test_R17_a_team_manager_is_told_no_more_than_the_own_teams_protected_figures(year: Year) -> None:
    told, statuses = await everything(year, "manager", (ALONE.quarter, ALONE.month))
    assert statuses == {200, 404}
    assert all(which.bit_count() == count and (count == 0 or count > 5) for which, count in told)
    assert small_differences(told) == []


async def test_the_attack_finds_somebody_where_figures_are_true(year: Year) -> None:
    told, _ = await everything(year, "analyst", (ALONE.quarter,))
    assert as_set([ALONE]) in {which for which, _ in told}
    assert small_differences(told)


async def test_R17_a_quarter_with_one_child_reads_as_one_with_nobody(year: Year) -> None:
    dated = ("period", "start", "end", "as_at", "changed", "silent_channels", "told_from")

    async def read(period: str) -> dict[str, Any]:
        found = await year.read("everywhere", "summary", period=period, theme="neglect")
        return {name: value for name, value in found.items() if name not in dated}

    assert await read("FY2026-27-Q2") == await read("FY2026-27-Q1")
    team = {"unit": ALONE.unit, "theme": "neglect"}
    answers = [await year.read("everywhere", "summary", period=period, **team) for period in QUARTERS]
    assert {one["views"] for one in answers} == {None}


async def test_R17_a_quarter_stays_as_it_was_first_told_and_true_figures_go_on(year: Year) -> None:
    first = year.told["Q1 in August"]
    again = await year.read("everywhere", "summary", period="FY2026-27-Q1")
    assert again == first
    truth = await year.read("analyst", "summary", period="FY2026-27-Q1")
    assert (truth["views"], LATE.quarter) == (first["views"] + 1, "FY2026-27-Q1")


@pytest.mark.parametrize("quarter", list(QUARTERS)[1:])
async def test_R15_themes_are_analysed_with_their_movement_as_counted(year: Year, quarter: str) -> None:
    found = await year.read("analyst", "themes/analysis", period=quarter, of="views", level="segment", back=1)
    before = list(QUARTERS)[list(QUARTERS).index(quarter) - 1]
    themed, earlier = ([one for one in views(months=QUARTERS[code]) if one.themes] for code in (quarter, before))
    assert found["records"]["views"]["themed"] == len(themed)
    now, then = (Counter(theme for one in said for theme in one.themes) for said in (themed, earlier))
    rows = {one["theme"]: one for one in found["themes"] if one["counts"]["views"]}
    assert {theme: row["counts"]["views"] for theme, row in rows.items()} == now
    for theme, row in rows.items():
        share, was = now[theme] / len(themed), then[theme] / len(earlier)
        (moved,) = row["movement"]
        assert (moved["count"], moved["themed"]) == (then[theme], len(earlier))
        assert row["share"]["value"] == pytest.approx(share, abs=0.0001)
        assert moved["difference"]["value"] == pytest.approx(share - was, abs=0.0001)
        sure = moved["difference"]["lower"] > 0 or moved["difference"]["upper"] < 0
        assert moved["word"] == (("more" if share > was else "less") if sure else "no_clear_change")
    if quarter == "FY2026-27-Q4":
        assert rows[GROWING]["movement"][0]["word"] == "more"
    pairs = Counter(tuple(sorted(one.themes)) for one in themed if len(one.themes) == 2)
    assert {tuple(one["themes"]): one["count"] for one in found["pairs"]} == pairs
