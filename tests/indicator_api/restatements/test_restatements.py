"""R50: what was restated since a day, from what to what, by whom and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.indicator_api.restatements.schemas import RestatementOut
from shared.paging import encode_cursor
from tests.conftest import Running
from tests.indicator_api.observations.files import DORSET, body, many, row, send

PATH = "/v1/restatements"
TEAM = "fs_weymouth"


async def store(indicator: Running, *rows: dict[str, Any], role: str = "analyst", **query: Any) -> None:
    indicator.clock.advance(timedelta(hours=1))
    answer = await send(await indicator.client(role), body("json", list(rows)), "json", **query)
    assert answer.status_code == 200, answer.text


async def ask(running: Running, role: str = "analyst", unit: str | None = None, **query: Any) -> list[Any]:
    """Every restatement this caller is told of, page by page."""
    client, items, after = await running.client(role, unit), [], {}
    while True:
        answer = await client.get(PATH, params={**query, **after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += [RestatementOut.model_validate_json(RestatementOut(**one).model_dump_json()) for one in page["items"]]
        if page["next"] is None:
            return items
        after = {"after": page["next"]}


async def test_R50_a_restatement_says_from_what_to_what_by_whom_and_why(indicator: Running) -> None:
    await store(indicator, row(value=400, source_ref="First return"))
    await store(indicator, row(value=412, source_ref="Second return"), reason="Late referrals added.")
    (found,) = await ask(indicator, since="2026-11-23")
    assert (found.before.value, found.after.value, found.change, found.change_percent) == (400, 412, 12, 3.0)
    assert (found.before.source_ref, found.after.source_ref) == ("First return", "Second return")
    assert (found.kind, found.restated_by, found.reason) == ("value", "test-analyst", "Late referrals added.")
    assert found.sentence == (
        "Referrals to children's social care in the month: in Dorset the figure for April 2026 was restated from 400 "
        "to 412, 3.0% higher on 23 November 2026. Reason given: Late referrals added."
    )


async def test_R50_every_step_of_a_figure_changed_twice_is_told_the_latest_first(indicator: Running) -> None:
    for value in (400, 412, 390):
        await store(indicator, row(value=value))
    found = await ask(indicator)
    assert [(one.before.value, one.after.value) for one in found] == [(412, 390), (400, 412)]
    assert found[0].before.import_id == found[1].after.import_id


async def test_R50_a_number_that_became_a_symbol_is_a_change_without_a_size(indicator: Running) -> None:
    await store(indicator, row(value=400))
    await store(indicator, row(value=None, value_status="x"))
    await store(indicator, row(value=None, value_status="z"))
    status, value = await ask(indicator)
    assert (value.kind, value.after.display, value.change, value.change_percent) == ("value", "x", None, None)
    assert (status.kind, status.before.value_status, status.after.value_status) == ("status", "x", "z")


async def test_R50_only_changed_figures_are_told_of_unless_others_are_asked_for(indicator: Running) -> None:
    await store(indicator, row(value=400), provisional=True)
    await store(indicator, row(value=400))
    await store(indicator, row(value=400, source_ref="Another return"))
    await store(indicator, row(value=400, source_ref="Another return"), provisional=True)
    await store(indicator, row(value=400, source_ref="Another return", numerator=400), provisional=True)
    assert [one.kind for one in await ask(indicator)] == ["parts"]
    kinds = ["parts", "reopened", "provenance", "finalised"]
    assert [one.kind for one in await ask(indicator, kind=kinds)] == kinds
    (final,) = await ask(indicator, kind="finalised")
    assert (final.before.provisional, final.after.provisional) == (True, False)
    assert "its provisional figure of 400 was made final" in final.sentence


async def test_R50_a_ratio_that_lost_what_it_is_made_of_is_told_to_have_lost_its_interval(indicator: Running) -> None:
    figure = {"indicator": "rereferrals", "period": "RY2025", "value": 14.7, "denominator": 2349}
    await store(indicator, row(**figure, numerator=346))
    await store(indicator, row(**figure, numerator=None))
    (one,) = await ask(indicator)
    assert (one.kind, one.change) == ("parts", 0)
    assert "figure of 14.7% stayed, but its numerator was lost, and with it its interval, on" in one.sentence


async def test_R50_since_and_until_part_the_changes_at_a_moment(indicator: Running) -> None:
    await store(indicator, row(value=400))
    await store(indicator, row(value=401))
    moment = (indicator.clock.now() + timedelta(minutes=30)).isoformat()
    await store(indicator, row(value=402))
    assert [one.after.value for one in await ask(indicator, since=moment)] == [402]
    assert [one.after.value for one in await ask(indicator, until=moment)] == [401]
    assert await ask(indicator, since="2026-11-24") == []


async def test_R50_filters_and_pages_join_without_gap_or_repetition(indicator: Running) -> None:
    rows = [*many(7), row(area="E10000008", value=50), row(period="2026-05", value=60)]
    await store(indicator, *rows)
    await store(indicator, *[one | {"value": one["value"] + 1} for one in rows])
    found = await ask(indicator, limit=2)
    assert len(found) == len({(one.area, one.period, one.breakdown) for one in found}) == 9
    assert len(await ask(indicator, area="E10000008")) == 1
    assert len(await ask(indicator, area=f"E10000008,{DORSET}")) == 9
    assert len(await ask(indicator, period="2026-05")) == 1
    assert await ask(indicator, indicator="referrals") == []


def cursor_at(moment: str) -> str:
    return "after=" + encode_cursor([moment, "referrals_monthly", DORSET, "2026-04", "", 1])


@pytest.mark.parametrize(
    "query",
    [cursor_at("2026-11-23T09:00:00"), cursor_at("0001-01-01T00:00:00+23:59"), cursor_at("rubbish"),
     "since=yesterday", "until=2026-02-30", "kind=any", "after=W10", "period=April", "area=../x", "as_at=1"],
)  # fmt: skip
async def test_a_question_that_makes_no_sense_is_422(indicator: Running, query: str) -> None:
    client = await indicator.client("analyst")
    assert (await client.get(f"{PATH}?{query}")).status_code == 422


async def test_what_became_of_a_count_of_people_leaves_no_trace_for_those_who_may_not_know(indicator: Running) -> None:
    await store(indicator, row(area=TEAM, value=3), row(area=TEAM, period="2026-05", value=30))
    client = await indicator.client("ingest_client")
    told = []
    for guess in (3, 4):
        await store(indicator, row(area=TEAM, value=3))
        await store(indicator, row(area=TEAM, value=guess), role="ingest_client")
        await store(indicator, row(area=TEAM, value=20 + guess))
        indicator.clock.advance(timedelta(hours=1))
        told.append((await client.get(PATH, params={"limit": 1})).json())
    assert told[0] == told[1] == {"items": [], "next": None}
    assert len(await ask(indicator)) == 4
    await store(indicator, row(area=TEAM, period="2026-05", value=31))
    # What a count of people was before is not told at all: the difference is a small number of its own.
    assert await ask(indicator, "ingest_client", limit=1) == []
    assert (await ask(indicator))[0].after.value == 31


async def test_a_unit_is_told_of_its_own_restatements_and_of_published_ones(indicator: Running) -> None:
    rows = [row(area=TEAM), row(area="fs_portland"), row()]
    await store(indicator, *rows)
    await store(indicator, *[one | {"value": 500} for one in rows])
    assert {one.area for one in await ask(indicator, unit=TEAM)} == {TEAM, DORSET}
