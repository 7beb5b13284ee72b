"""This month's load set beside the last before it goes anywhere: nothing is stored, everything is told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.indicator_api.models import metadata
from services.indicator_api.observations.comparisons.schemas import LoadComparisonOut
from services.indicator_api.observations.files.media import WORKBOOK
from services.indicator_api.quality.schemas import LoadsOut
from tests.conftest import Running
from tests.indicator_api.observations.files import DORSET, MEDIA, body, many, row, send, stored
from tests.indicator_api.observations.test_workbooks import table

PATH = "/v1/observations/comparisons"
TEAM, OTHER, THIRD = "fs_weymouth", "fs_portland", "fs_chesil"


async def compare(client: httpx.AsyncClient, rows: list[dict[str, Any]], kind: str = "csv") -> Any:
    answer = await client.post(PATH, content=body(kind, rows), headers={"Content-Type": MEDIA[kind]})
    assert answer.status_code == 200, answer.text
    LoadComparisonOut.model_validate_json(answer.content)
    return answer.json()


async def load(indicator: Running, rows: list[dict[str, Any]]) -> None:
    answer = await send(await indicator.client("analyst"), body("json", rows), "json")
    assert answer.status_code == 200, answer.text


def month(period: str, **values: float) -> list[dict[str, Any]]:
    return [row(area=area, period=period, value=value) for area, value in values.items()]


@pytest.mark.parametrize("kind", ["csv", "json", "ndjson"])
async def test_a_load_is_set_beside_the_month_before_and_leaves_nothing_behind(indicator: Running, kind: str) -> None:
    await load(indicator, month("2026-09", **{TEAM: 100, OTHER: 50, DORSET: 150}))
    client = await indicator.client("analyst")
    before = await stored(client)
    found = await compare(client, month("2026-10", **{TEAM: 130, DORSET: 155, "E10000008": 9}), kind)
    (one,) = found["indicators"]
    assert (one["period"], one["previous_period"], one["figures"], one["figures_before"]) == (
        "2026-10",
        "2026-09",
        3,
        3,
    )
    assert [place["area"] for place in one["missing"]] == [OTHER]
    assert [place["area"] for place in one["new"]] == ["E10000008"]
    moves = [(move["area"], move["before"], move["after"], move["change_percent"]) for move in one["moves"]]
    assert moves == [(TEAM, 100, 130, 30.0), (DORSET, 150, 155, 3.3)]
    assert (found["created"], found["restated"], found["same"], found["rejected"]) == (3, 0, 0, 0)
    (source,) = found["sources"]
    assert (source["source_system"], source["figures"], source["missing"], source["new"]) == ("cin_census", 3, 1, 1)
    assert await stored(client) == before
    async with indicator.database.snapshot() as session:
        imports = await session.execute(sa.select(sa.func.count()).select_from(metadata.tables["observation_import"]))
        assert imports.scalar_one() == 1


async def test_figures_that_would_change_what_is_stored_are_named_the_greatest_first(indicator: Running) -> None:
    await load(indicator, month("2026-09", **{TEAM: 100, OTHER: 50, DORSET: 150}))
    changed = [*month("2026-09", **{TEAM: 110, OTHER: 100, DORSET: 150}), row(area=THIRD, period="2026-09", value=7)]
    found = await compare(await indicator.client("analyst"), changed)
    assert (found["created"], found["restated"], found["same"]) == (1, 2, 1)
    told = [(one["row"], one["area"], one["before"], one["after"], one["change"]) for one in found["restatements"]]
    assert told == [(2, OTHER, 50, 100, 50), (1, TEAM, 100, 110, 10)]


async def test_a_figure_sent_without_the_counts_it_has_is_a_change_though_its_value_stays(indicator: Running) -> None:
    figure = {"indicator": "rereferrals", "area": DORSET, "period": "RY2025", "value": 14.7}
    await load(indicator, [figure | {"numerator": 346, "denominator": 2349}])
    found = await compare(await indicator.client("analyst"), [figure], "json")
    assert (found["restated"], found["same"]) == (1, 0)
    (one,) = found["restatements"]
    assert (one["before_numerator"], one["before_denominator"], one["change"]) == (346, 2349, 0)
    assert (one["after_numerator"], one["after_denominator"]) == (None, None)


async def test_what_the_file_says_of_the_month_before_counts_before_what_is_stored(indicator: Running) -> None:
    await load(indicator, month("2026-09", **{TEAM: 100}))
    both = [*month("2026-09", **{TEAM: 200}), *month("2026-10", **{TEAM: 300})]
    (one,) = (await compare(await indicator.client("analyst"), both))["indicators"]
    assert [(move["before"], move["after"]) for move in one["moves"]] == [(200, 300)]
    assert (one["periods"], one["created"], one["restated"]) == (2, 1, 1)


async def test_a_place_stored_for_the_month_already_is_not_missing_from_an_addition(indicator: Running) -> None:
    await load(indicator, month("2026-09", **{TEAM: 100, OTHER: 50}) + month("2026-10", **{OTHER: 60}))
    (one,) = (await compare(await indicator.client("analyst"), month("2026-10", **{TEAM: 100})))["indicators"]
    assert one["missing"] == []


async def test_a_sudden_change_is_found_before_it_is_stored(indicator: Running) -> None:
    usual = [400, 410, 400, 410, 400, 410, 400]
    await load(indicator, [row(period=f"2026-{at:02}", value=value) for at, value in enumerate(usual, 3)])
    found = await compare(await indicator.client("analyst"), [row(period="2026-10", value=600)])
    (one,) = found["indicators"]
    assert [move["rules"] for move in one["moves"]] == [["sudden_change"]]
    assert [finding["rule"] for finding in one["findings"]] == ["sudden_change"]
    assert (one["examined"], found["sources"][0]["findings"]) == (True, 1)


async def test_a_file_that_brings_its_own_past_is_held_to_it(indicator: Running) -> None:
    usual = [400, 410, 400, 410, 400, 410, 400, 600]
    rows = [row(period=f"2026-{at:02}", value=value) for at, value in enumerate(usual, 3)]
    (one,) = (await compare(await indicator.client("analyst"), rows))["indicators"]
    assert [finding["rule"] for finding in one["findings"]] == ["sudden_change"]


async def test_keys_that_stand_twice_are_named_with_their_rows(indicator: Running) -> None:
    rows = [
        row(value=1),
        row(value=1),
        row(area=TEAM, value=7),
        row(area=TEAM, value=8),
        row(breakdown="a\\b", value=2),
    ]
    found = await compare(await indicator.client("analyst"), rows)
    assert (found["rows"], found["figures"], found["duplicate_keys"]) == (5, 3, 2)
    assert [(one["rows"], one["contradictory"]) for one in found["duplicates"]] == [([1, 2], False), ([3, 4], True)]


async def test_bad_rows_are_reported_as_an_import_would(indicator: Running) -> None:
    found = await compare(await indicator.client("analyst"), [row(area="nowhere"), row(value="many"), row()])
    assert (found["rows"], found["rejected"], found["figures"]) == (3, 2, 1)
    assert [(one["row"], one["code"]) for one in found["errors"]] == [(1, "unknown_area"), (2, "number")]


async def test_many_breakdowns_are_counted_but_not_held_to_the_rules(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.indicator_api.checking.load.MOST_EXAMINED", 20)
    (one,) = (await compare(await indicator.client("analyst"), many(21)))["indicators"]
    assert (one["figures"], one["examined"], one["findings"]) == (21, False, [])


async def test_who_may_not_see_small_figures_may_not_compare(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    answer = await client.post(PATH, content=body("csv", [row()]), headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["needed_scope"]) == (403, "indicator:figures")
    assert (await client.get("/v1/quality/loads")).status_code == 403
    answer = await (await indicator.client("head_of_service")).post(
        PATH, content=b"", headers={"Content-Type": "text/csv"}
    )
    assert (answer.status_code, answer.json()["needed_scope"]) == (403, "indicator:write")


async def test_a_unit_compares_its_own_places_only(indicator: Running) -> None:
    await load(indicator, month("2026-09", **{TEAM: 100, OTHER: 50}))
    client = await indicator.client("analyst", TEAM)
    found = await compare(client, month("2026-10", **{TEAM: 130, OTHER: 55}))
    assert (found["rejected"], found["indicators"][0]["missing"]) == (1, [])


@pytest.mark.parametrize(("media", "content", "status"), [("text/csv", b"", 422), ("text/plain", b"x", 415)])
async def test_what_cannot_be_read_is_refused(indicator: Running, media: str, content: bytes, status: int) -> None:
    client = await indicator.client("analyst")
    assert (await client.post(PATH, content=content, headers={"Content-Type": media})).status_code == status


async def test_a_stored_load_is_set_beside_the_period_before(indicator: Running) -> None:
    await load(indicator, month("2026-09", **{TEAM: 100, OTHER: 50}) + month("2026-10", **{TEAM: 130, THIRD: 5}))
    client = await indicator.client("head_of_service")
    answer = await client.get("/v1/quality/loads?period=2026-10&source_system=cin_census")
    assert answer.status_code == 200, answer.text
    LoadsOut.model_validate_json(answer.content)
    (one,) = answer.json()["indicators"]
    assert [[place["area"] for place in one[name]] for name in ("missing", "new")] == [[OTHER], [THIRD]]
    assert [(move["before"], move["after"]) for move in one["moves"]] == [(100, 130)]
    assert (await client.get("/v1/quality/loads?period=2026-10&source_system=hr")).json()["indicators"] == []
    quarter = (await client.get("/v1/quality/loads?period=FY2026-27-Q2")).json()
    assert [one["period"] for one in quarter["indicators"]] == ["2026-09"]


async def test_a_workbook_is_compared_as_the_file_of_its_sheet(indicator: Running) -> None:
    client, rows = await indicator.client("analyst"), month("2026-10", **{TEAM: 110, OTHER: 55})
    answer = await client.post(PATH, content=table(rows), headers={"Content-Type": WORKBOOK})
    assert answer.status_code == 200, answer.text
    assert answer.json() == await compare(client, rows)
