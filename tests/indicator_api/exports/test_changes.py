"""Whoever keeps a copy of the figures ends with what is stored, withdrawn ones gone."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import httpx

from services.indicator_api.exports.schemas import ChangesOut
from shared.clock import local_date
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load

TEAM, OTHER = "fs_weymouth", "fs_portland"
CHANGES, WITHDRAWALS = "/v1/observations/changes", "/v1/observations/withdrawals"
Client = httpx.AsyncClient


def figure(area: str, period: str, value: float) -> dict[str, Any]:
    return item("referrals_monthly", area, period, value)


async def withdrawn(client: Client, *keys: tuple[str, str], **more: Any) -> httpx.Response:
    items = [{"indicator": "referrals_monthly", "area": area, "period": period} for area, period in keys]
    return await client.post(WITHDRAWALS, json={"items": items, "reason": "Filed under the wrong team"} | more)


async def ask(client: Client, **query: Any) -> dict[str, Any]:
    answer = await client.get(CHANGES, params=query)
    assert answer.status_code == 200, answer.text
    ChangesOut.model_validate_json(answer.content)
    return dict(answer.json())


async def follow(client: Client, copy: dict[tuple[str, str], float], after: str, limit: int) -> str:
    """Bring a copy up to date, page by page."""
    while True:
        page = await ask(client, after=after, limit=limit)
        assert len(page["items"]) <= limit
        for one in page["items"]:
            if one["removed"]:
                copy.pop((one["area"], one["period"]), None)
            else:
                copy[one["area"], one["period"]] = one["value"]
        after = page["next"]
        if not page["more"]:
            return after


async def test_a_copy_that_follows_the_changes_ends_with_what_is_stored(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    dice = random.Random(7)
    copy: dict[tuple[str, str], float] = {}
    after = (await ask(analyst))["next"]
    for step in range(12):
        keys = [(dice.choice((DORSET, TEAM, OTHER)), f"2026-{dice.randint(1, 10):02d}") for _ in range(4)]
        await load(analyst, [figure(*key, dice.randint(100, 110)) for key in dict.fromkeys(keys)])
        if step % 3 == 2:
            assert (await withdrawn(analyst, *dict.fromkeys(keys[:2]))).status_code == 200
        indicator.clock.advance(timedelta(minutes=1))
        if step % 4 == 3:
            await indicator.seal()
            after = await follow(analyst, copy, after, limit=dice.randint(1, 5))
    rows = (await analyst.get("/v1/observations", params={"limit": 500})).json()["items"]
    assert copy == {(row["area"], row["period"]): row["value"] for row in rows if row["value"] is not None}
    assert await ask(analyst, after=after) == {"items": [], "next": after, "more": False}


async def test_one_large_act_is_told_in_pages_and_nothing_twice(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    start = (await ask(analyst))["next"]
    await load(analyst, [figure(area, f"{year}-06", 10) for area in (DORSET, TEAM) for year in range(2015, 2026)])
    await indicator.seal()
    seen, after, pages = [], start, 0
    while True:
        page = await ask(analyst, after=after, limit=4)
        seen += [(one["area"], one["period"]) for one in page["items"]]
        after, pages = page["next"], pages + 1
        if not page["more"]:
            break
    assert (len(seen), len(set(seen)), pages) == (22, 22, 6)


async def test_the_feed_begins_now_or_where_it_is_told(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    await load(analyst, [figure(DORSET, "2026-01", 200)])
    await indicator.seal()
    now = await ask(analyst)
    assert (now["items"], now["more"]) == ([], False)
    (*_, act) = (await analyst.get("/v1/activity")).json()["items"]
    day = local_date(datetime.fromisoformat(act["at"]))
    for since in (day, "2026-01-01"):
        assert [one["value"] for one in (await ask(analyst, since=since))["items"]] == [200]
    assert (await ask(analyst, since=day + timedelta(days=1)))["items"] == []
    assert (await ask(analyst, after=now["next"]))["items"] == []
    assert (await analyst.get(CHANGES, params={"after": "rubbish"})).status_code == 422
    refused = await analyst.get(CHANGES, params={"since": "then"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/since")


async def test_only_who_may_see_true_figures_follows_them_and_only_those_of_their_unit(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    start = (await ask(analyst))["next"]
    await load(analyst, [figure(area, "2026-01", 30) for area in (DORSET, TEAM, OTHER)])
    await indicator.seal()
    assert (await (await indicator.client("practitioner")).get(CHANGES)).status_code == 403
    mine = await ask(await indicator.client("analyst", OTHER), after=start)
    assert {one["area"] for one in mine["items"]} == {DORSET, OTHER}


async def test_a_withdrawn_figure_is_not_applicable_with_its_past_and_its_reason(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    await load(analyst, [figure(TEAM, "2026-10", 41)])
    indicator.clock.advance(timedelta(minutes=1))
    answer = await withdrawn(analyst, (TEAM, "2026-10"), (OTHER, "2026-10"))
    assert (answer.status_code, answer.json()["withdrawn"], answer.json()["not_there"]) == (200, 1, [1])
    (row,) = (await analyst.get("/v1/observations", params={"area": TEAM})).json()["items"]
    assert (row["value"], row["value_status"], row["revision"]) == (None, "z", 2)
    key = {"indicator": "referrals_monthly", "area": TEAM, "period": "2026-10"}
    past = (await analyst.get("/v1/observations/history", params=key)).json()["items"]
    assert [one["value"] for one in past] == [None, 41]
    (told,) = (await analyst.get("/v1/restatements", params={"since": "2026-01-01"})).json()["items"]
    assert (told["before"]["value"], told["after"]["value_status"]) == (41, "z")
    assert told["reason"] == "Filed under the wrong team"
    act = (await analyst.get(answer.headers["location"])).json()
    assert (act["kind"], act["rows"], act["changed"]) == ("withdrawal", 1, 1)
    again = await withdrawn(analyst, (TEAM, "2026-10"))
    assert (again.json()["withdrawn"], (await analyst.get(again.headers["location"])).json()["changed"]) == (1, 0)
    await load(analyst, [figure(TEAM, "2026-10", 39)])
    (row,) = (await analyst.get("/v1/observations", params={"area": TEAM})).json()["items"]
    assert (row["value"], row["value_status"], row["revision"]) == (39, None, 3)


async def test_a_sum_no_longer_counts_a_withdrawn_figure(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    await load(analyst, [figure(TEAM, "2026-10", 41), figure(OTHER, "2026-10", 7)])

    async def total() -> Any:
        path = "/v1/indicators/referrals_monthly/series"
        answer = (await analyst.get(path, params={"area": "family_support"})).json()
        return [(one["value"], one["value_status"]) for one in answer["areas"][0]["points"]]

    assert await total() == [(48, None)]
    await withdrawn(analyst, (OTHER, "2026-10"))
    assert await total() == [(41, None)]


async def test_what_cannot_be_withdrawn_is_pointed_at_and_nothing_is(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    await load(analyst, [figure(TEAM, "2026-10", 41)])
    answer = await withdrawn(analyst, (TEAM, "2026-10"), ("fs_nowhere", "2026-10"), (TEAM, "FY2026-27"))
    faults = [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
    assert (answer.status_code, faults) == (
        422, [("/items/1/area", "unknown_area"), ("/items/2/period", "period_kind")],
    )  # fmt: skip
    (row,) = (await analyst.get("/v1/observations", params={"area": TEAM})).json()["items"]
    assert row["value"] == 41
    personal = await withdrawn(analyst, (TEAM, "2026-10"), reason="Ring 01305 555012 about it")
    assert (personal.status_code, personal.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await withdrawn(await indicator.client("practitioner"), (TEAM, "2026-10"))).status_code == 403
    stranger = await indicator.client("ingest_client", OTHER)
    assert (await withdrawn(stranger, (TEAM, "2026-10"))).status_code == 422
