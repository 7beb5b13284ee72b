"""Positions: real figures beside England, neighbours and all authorities come back as published (METHODS 2.5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.indicator_api.standing.schemas import PositionsOut
from shared.schemas.framework.areas import ComparatorKind
from tests.conftest import ROOT, Running
from tests.indicator_api.published import (
    COUNTY,
    DORSET,
    ENGLAND,
    LOOKED_AFTER_RATE,
    REREFERRALS,
    item,
    load,
    ratios,
)

# The published percentage of every authority, by ONS code; the parts of a few of them are in `published`.
REREFERRALS_2025 = Path(__file__).with_name("rereferrals_2025.csv").read_bytes()
ALL_LOOKED_AFTER = (ROOT / "examples" / "figures" / "looked_after_rate_all_authorities.csv").read_bytes()
SHROPSHIRE, SOMERSET, CORNWALL, SCILLY = "E06000051", "E06000066", "E06000052", "E06000053"


async def send(indicator: Running, content: bytes) -> None:
    client = await indicator.client("ingest_client")
    headers = {"Content-Type": "text/csv"}
    answer = await client.post("/v1/observations/imports", content=content, headers=headers)
    assert (answer.status_code, answer.json()["rejected"]) == (200, 0), answer.text


async def position(indicator: Running, code: str, role: str = "analyst", **query: Any) -> Any:
    client = await indicator.client(role)
    answer = await client.get(f"/v1/indicators/{code}/position", params=query)
    assert answer.status_code == 200, answer.text
    PositionsOut.model_validate_json(answer.content)
    items = answer.json()["items"]
    return items if len(items) != 1 else items[0]


def beside(found: Any, code: str) -> Any:
    return next(one for one in found["comparators"] if one["comparator_set"] == code)


@pytest.fixture
async def rereferrals(indicator: Running) -> Running:
    await send(indicator, REREFERRALS_2025)
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))
    return indicator


async def test_the_published_place_of_dorset_among_153_authorities(rereferrals: Running) -> None:
    found = (await position(rereferrals, "rereferrals"))["among_authorities"]
    assert (found["rank"], found["tied"], found["band"]) == (12, 0, "A")
    assert [found[f"q{place}"] for place in range(5)] == [0, 16.9, 20, 23, 46.7]
    assert (found["n_available"], found["n_authorities"], found["not_ranked_because"]) == (153, 153, None)


async def test_bands_close_at_the_cut_and_ties_share_the_smaller_place(rereferrals: Running) -> None:
    areas = [SHROPSHIRE, SOMERSET, CORNWALL, SCILLY]
    found = await position(rereferrals, "rereferrals", area=areas)
    assert [one["area"] for one in found] == areas
    assert [one["among_authorities"]["rank"] for one in found] == [3, 102, 146, 1]
    assert [one["among_authorities"]["band"] for one in found] == ["A", "C", "D", "A"]
    # The very cuts: 16.9 is still in A and 23.0 still in C, 20.0 in B.
    on_the_cut = await position(rereferrals, "rereferrals", area=["E06000007", "E06000030", "E06000050", "E06000057"])
    places = [one["among_authorities"] for one in on_the_cut]
    assert [one["band"] for one in places] == ["A", "C", "C", "B"]
    assert [(one["rank"], one["tied"]) for one in places] == [(39, 0), (114, 1), (114, 1), (77, 0)]


async def test_dorset_beside_england_region_neighbours_and_everybody(rereferrals: Running) -> None:
    found = await position(rereferrals, "rereferrals")
    assert (found["period"], found["value"], found["display"]) == ("RY2025", 14.7, "14.7%")
    assert (found["interval"]["lower"], found["interval"]["upper"]) == pytest.approx((13.354, 16.220), abs=0.001)
    assert [one["comparator_set"] for one in found["comparators"]] == [
        "england", "south_west", "dfe_neighbours_2025", "all_authorities",
    ]  # fmt: skip
    england, region, neighbours, everybody = found["comparators"]
    assert (england["value"], england["outcome"], england["references"][0]["difference"]) == (22.6, "better", -7.9)
    assert (region["value"], region["value_status"], region["not_compared_because"]) == (None, None, "no_reference")
    assert (neighbours["mean"], neighbours["median"], neighbours["n_available"]) == (20.27, 19.95, 10)
    assert (neighbours["minimum"], neighbours["maximum"], neighbours["best"]) == (12.9, 28.9, 12.9)
    assert neighbours["best_areas"] == [{"area": SHROPSHIRE, "name": "Shropshire"}]
    assert [(one["reference"], one["outcome"]) for one in neighbours["references"]] == [
        ("mean", "better"), ("median", "better"),
    ]  # fmt: skip
    # The mean of the other 152; Dorset is no part of what it is set against.
    assert (everybody["mean"], everybody["median"]) == (pytest.approx(20.411842105), 20.05)
    assert (everybody["n_available"], everybody["n_members"], everybody["best"]) == (152, 152, 0)
    assert [one["area"] for one in everybody["best_areas"]] == [SCILLY]
    client = await rereferrals.client("analyst")
    answer = await client.get("/v1/indicators/rereferrals/series", params={"comparators": "all_authorities"})
    (series,) = answer.json()["comparators"]
    *_, few, all_of_them = series["points"]
    same = ("mean", "median", "minimum", "maximum", "best", "n_available", "n_members", "outcome")
    assert {name: all_of_them[name] for name in same} == {name: everybody[name] for name in same}
    # Sixteen of them are not all.
    assert [few[name] for name in ("period", "mean", "n_available", "outcome")] == ["RY2024", None, 15, "not_compared"]


async def test_a_mean_on_one_side_and_a_median_on_the_other_is_similar(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("looked_after_rate", LOOKED_AFTER_RATE))
    neighbours = beside(await position(indicator, "looked_after_rate"), "dfe_neighbours_2025")
    assert [(one["value"], one["outcome"]) for one in neighbours["references"]] == [(63.3, "similar"), (56, "higher")]
    assert (neighbours["outcome"], neighbours["best"], neighbours["best_areas"]) == ("similar", None, [])


async def test_the_two_editions_answer_differently_and_the_one_out_of_force_is_not_compared(
    indicator: Running,
) -> None:
    await load(await indicator.client("ingest_client"), ratios("looked_after_rate", LOOKED_AFTER_RATE))
    both = "dfe_neighbours_2021,dfe_neighbours_2025"
    found = await position(indicator, "looked_after_rate", period="RY2024", comparators=both)
    older, newer = (beside(found, code) for code in both.split(","))
    assert (older["mean"], older["median"], older["in_force"], older["version"]) == (67.8, 62, True, "April 2021")
    assert (newer["mean"], newer["median"], newer["in_force"], newer["version"]) == (63.3, 57.5, False, "May 2025")
    assert (older["outcome"], newer["outcome"], newer["not_compared_because"]) == (
        "similar", "not_compared", "not_in_force",
    )  # fmt: skip
    assert newer["framework_version"] == 1


async def test_quartiles_of_the_looked_after_rate_without_a_judgement_rank_nobody(indicator: Running) -> None:
    await send(indicator, ALL_LOOKED_AFTER)
    found = (await position(indicator, "looked_after_rate"))["among_authorities"]
    assert [found[f"q{place}"] for place in range(5)] == [27, 53, 67, 90, 184]
    assert (found["rank"], found["band"], found["not_ranked_because"]) == (None, None, "no_judgement")
    assert (found["n_available"], found["n_authorities"]) == (151, 153)


async def test_a_place_among_a_few_authorities_is_none(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), ratios("rereferrals", REREFERRALS))
    found = await position(indicator, "rereferrals")
    ranking = found["among_authorities"]
    assert (ranking["rank"], ranking["band"], ranking["q1"]) == (None, None, None)
    assert (ranking["not_ranked_because"], ranking["n_available"]) == ("too_few_authorities", 16)
    everybody = beside(found, "all_authorities")
    assert (everybody["mean"], everybody["outcome"]) == (None, "not_compared")
    assert everybody["not_compared_because"] == "too_few_authorities"


async def test_a_figure_is_set_beside_figures_of_the_very_same_period_only(rereferrals: Running) -> None:
    found = await position(rereferrals, "rereferrals", period="RY2024", comparators="england,dfe_neighbours_2021")
    assert (found["value"], beside(found, "england")["value"]) == (14.1, 22.4)
    gone = await position(rereferrals, "rereferrals", period="RY2023", comparators="england,dfe_neighbours_2021")
    assert (gone["value"], beside(gone, "england")["not_compared_because"]) == (16.3, "no_reference")
    neighbours = beside(gone, "dfe_neighbours_2021")
    assert (neighbours["n_available"], len(neighbours["unavailable"])) == (0, 10)
    assert neighbours["unavailable"][0] == {
        "area": "E10000008", "name": "Devon", "value_status": "x", "other_definition": False,
    }  # fmt: skip


async def test_a_period_without_a_figure_still_shows_what_others_have(rereferrals: Running) -> None:
    found = await position(rereferrals, "rereferrals", area=COUNTY, period="RY2025", comparators="england")
    assert (found["value"], found["value_status"], found["display"]) == (None, "x", "x")
    assert (found["comparators"][0]["value"], found["comparators"][0]["not_compared_because"]) == (22.6, "no_figure")
    refused = await (await rereferrals.client("analyst")).get(
        "/v1/indicators/rereferrals/position", params={"period": "CY2025"}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/period")


async def test_no_area_is_its_own_reference(rereferrals: Running) -> None:
    england = await position(rereferrals, "rereferrals", area=ENGLAND, comparators="england,all_authorities")
    assert beside(england, "england")["not_compared_because"] == "not_for_this_area"
    assert england["among_authorities"]["not_ranked_because"] == "not_an_authority"
    somerset = await position(rereferrals, "rereferrals", area=SOMERSET, comparators="dfe_neighbours_2025")
    theirs = beside(somerset, "dfe_neighbours_2025")
    assert (theirs["n_members"], theirs["not_compared_because"]) == (9, "not_for_this_area")


async def test_a_withheld_comparison_shows_nothing_but_why(indicator: Running) -> None:
    figures = [item("first_time_entrants", area, "CY2023", value) for area, value in ((DORSET, 120), (ENGLAND, 1500))]
    await load(await indicator.client("ingest_client"), figures)
    found = beside(await position(indicator, "first_time_entrants"), "england")
    assert (found["value"], found["n_available"], found["references"]) == (None, 0, [])
    assert (found["outcome"], found["not_compared_because"]) == ("not_compared", "withheld")
    assert "nine regional rates" in found["detail"]


async def test_a_count_of_its_own_size_is_compared_with_nobody(indicator: Running) -> None:
    await load(await indicator.client("ingest_client"), [item("looked_after", DORSET, "RY2025", 437)])
    found = await position(indicator, "looked_after")
    assert (found["comparators"], found["among_authorities"]["not_ranked_because"]) == ([], "no_benchmark")
    assert "size of the area" in found["no_benchmark_reason"]


async def test_members_counted_under_another_definition_are_left_out(rereferrals: Running) -> None:
    admin = await rereferrals.client("admin")
    held = (await admin.get("/v1/framework/indicators/rereferrals")).json()["content"]
    change = {"items": [{"kind": "indicators", "code": "rereferrals", "content": held | {"version": 2}}]}
    assert (await admin.post("/v1/framework/applications", json=change)).status_code == 200
    await load(
        await rereferrals.client("ingest_client"),
        ratios("rereferrals", [(DORSET, "RY2025", 347, 2349, 14.8), (SOMERSET, "RY2025", 1301, 5877, 22.2)]),
    )
    neighbours = beside(await position(rereferrals, "rereferrals"), "dfe_neighbours_2025")
    assert (neighbours["n_available"], neighbours["mean"]) == (1, 22.2)
    assert {one["other_definition"] for one in neighbours["unavailable"]} == {True}
    analyst, beside_them = await rereferrals.client("analyst"), {"comparators": "dfe_neighbours_2025"}
    # Also beside a place that has no figure of its own: the newest definition among them counts.
    for area in (DORSET, "cwd_east"):
        asked = {"area": area, "from": "RY2025", **beside_them}
        answer = (await analyst.get("/v1/indicators/rereferrals/series", params=asked)).json()
        (series,) = answer["comparators"]
        assert [(one["n_available"], one["mean"]) for one in series["points"]] == [(1, 22.2)]
        assert f"{series['name']}: figures of another definition are left out." in answer["caveats"]


@pytest.mark.parametrize("kind", [kind.value for kind in ComparatorKind if "peer" in kind.value])
async def test_R52_peers_of_many_authorities_are_a_reference_like_any(rereferrals: Running, kind: str) -> None:
    admin = await rereferrals.client("admin")
    lines = REREFERRALS_2025.decode().splitlines()[1:]
    members = [{"area": line.split(",")[1]} for line in lines if DORSET not in line][:72]
    peers = {
        "code": "sensory_peers", "name": "Sensory peers", "kind": kind, "model": "National benchmarking",
        "version": "2025", "subject": None, "members": members,
    }  # fmt: skip
    change = {"items": [{"kind": "comparator_sets", "code": "sensory_peers", "content": peers}]}
    answer = await admin.post("/v1/framework/applications", json=change)
    assert answer.status_code == 200, answer.text
    found = beside(await position(rereferrals, "rereferrals", comparators="sensory_peers"), "sensory_peers")
    assert (found["kind"], found["n_available"], found["n_members"], found["outcome"]) == (kind, 72, 72, "better")


async def test_a_table_of_a_whole_period_is_paged_by_indicator(rereferrals: Running) -> None:
    client = await rereferrals.client("analyst")
    first = await client.get("/v1/positions", params={"limit": 3, "reportable": "true"})
    assert [one["indicator"] for one in first.json()["items"]] == sorted(
        one["indicator"] for one in first.json()["items"]
    )
    assert 'rel="next"' in first.headers["link"]
    after, seen = first.json()["next"], len(first.json()["items"])
    while after:
        page = (await client.get("/v1/positions", params={"limit": 100, "reportable": "true", "after": after})).json()
        after, seen = page["next"], seen + len(page["items"])
    listed = (await client.get("/v1/indicators", params={"limit": 500})).json()["items"]
    assert seen == sum(bool(one["disclosure"]["published_by"] or one["plans"]) for one in listed)
    row = next(
        one
        for one in (await client.get("/v1/positions", params={"limit": 500, "period": "FY2024-25"})).json()["items"]
        if one["indicator"] == "rereferrals"
    )
    assert row == await position(rereferrals, "rereferrals")
    again = await client.get("/v1/positions", params={"limit": 500, "period": "FY2024-25"})
    held = {"If-None-Match": again.headers["etag"]}
    assert row in again.json()["items"]
    same = await client.get("/v1/positions", params={"limit": 500, "period": "FY2024-25"}, headers=held)
    assert (same.status_code, same.content) == (304, b"")
    await load(client, ratios("rereferrals", [(DORSET, row["period"], 1, 4, 25)]))
    changed = (await client.get("/v1/positions", params={"limit": 500, "period": "FY2024-25"}, headers=held)).json()
    assert next(one for one in changed["items"] if one["indicator"] == "rereferrals")["value"] == 25
    past = (await client.get("/v1/positions", params={"limit": 500, "period": "2025-02"})).json()["items"]
    assert next(one for one in past if one["indicator"] == "rereferrals")["period"] == "RY2024"


async def test_small_numbers_of_a_unit_are_hidden_with_all_that_hangs_on_them(indicator: Running) -> None:
    figures = [
        item("participation_in_reviews", "cwd_east", "2026-09", 75, numerator=3, denominator=4),
        item("participation_in_reviews", "cwd_west", "2026-09", 90, numerator=18, denominator=20),
    ]
    client = await indicator.client("analyst")
    definition = (await client.get("/v1/indicators/participation_in_reviews")).json()
    period = {"month": "2026-09", "financial_quarter": "FY2026-27-Q2", "reporting_year": "RY2026"}
    for one in figures:
        one["period"] = period.get(definition["period_kind"], "FY2025-26")
    await load(client, figures)
    seen = await position(indicator, "participation_in_reviews", area="cwd_east")
    hidden = await position(indicator, "participation_in_reviews", role="practitioner", area="cwd_east")
    assert (seen["value"], seen["interval"] is not None) == (75, True)
    assert (hidden["value"], hidden["value_status"], hidden["numerator"], hidden["interval"]) == (None, "c", None, None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/indicators/nothing/position", 404),
        ("/v1/indicators/rereferrals/position?area=E09999999", 404),
        ("/v1/indicators/rereferrals/position?comparators=friends", 422),
        ("/v1/indicators/rereferrals/position?when=now", 422),
        ("/v1/positions?area=a,b", 422),
        ("/v1/positions?themed_area=all", 422),
        ("/v1/positions?after=zz", 422),
        ("/v1/standing?standing=good", 422),
        ("/v1/standing?period=2026", 422),
        ("/v1/standing?period=2026-12", 422),
        ("/v1/positions?period=CY2027", 422),
        ("/v1/positions?period=CY2026", 200),
    ],
)
async def test_what_cannot_be_asked_is_refused(indicator: Running, path: str, status: int) -> None:
    assert (await (await indicator.client("practitioner")).get(path)).status_code == status


async def test_positions_need_the_scope_to_read_indicators(indicator: Running) -> None:
    reader = await indicator.client("board_reader")
    for path in ("/v1/indicators/rereferrals/position", "/v1/positions", "/v1/standing"):
        assert (await reader.get(path)).status_code == 403


async def test_small_numbers_are_hidden_as_the_definition_has_it_now_and_not_as_an_earlier_one_had_it(
    indicator: Running,
) -> None:
    admin, code = await indicator.client("admin"), "complaints_answered_in_time"
    held = (await admin.get(f"/v1/framework/indicators/{code}")).json()["content"]
    council = {
        "code": "the_council", "name": "The council", "kind": "national_peers", "model": "None", "version": "1",
        "subject": None, "members": [{"area": DORSET}],
    }  # fmt: skip

    async def apply(kind: str, content: Any) -> None:
        change = {"items": [{"kind": kind, "code": content["code"], "content": content}]}
        answer = await admin.post("/v1/framework/applications", json=change)
        assert answer.status_code == 200, answer.text

    await apply("comparator_sets", council)
    # Somebody forgot that these are people, and then corrected it.
    await apply("indicators", held | {"version": 2, "disclosure": {"people": False}})
    figures = [(DORSET, 38, 40), (SOMERSET, 300, 400)]
    await load(await indicator.client("ingest_client"), [
        item(code, area, "FY2026-27-Q1", 100 * n / d, numerator=n, denominator=d) for area, n, d in figures
    ])  # fmt: skip
    await apply("indicators", held | {"version": 3})
    asked = {"area": SOMERSET, "comparators": "the_council"}
    assert (await position(indicator, code, **asked))["comparators"][0]["references"][0]["value"] == 95
    assert (await position(indicator, code, "practitioner", **asked))["comparators"][0]["references"] == []
