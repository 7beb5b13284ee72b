"""R50 in retrospect: a past month as it stands today and as it was seen then, and a month that has not begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.indicator_api.days import last_complete_month
from shared.clock import FixedClock
from shared.schemas.periods import Period
from tests.conftest import Running, Start
from tests.indicator_api.exceptions.test_keeping import CHANGES, ask, bare, keep_now
from tests.indicator_api.published import DORSET, item, load, months

CODE = "supervision_in_time"
STEADY = [*CHANGES[:-1], 92]


def back(month: Period, count: int) -> Period:
    for _ in range(count):
        month = month.predecessor
    return month


@pytest.fixture
async def now(start: Start) -> Running:
    """A service whose clock is that of its database, which dates what is applied."""
    return await start("indicator", clock=FixedClock(datetime.now(UTC)))


async def redefine(running: Running, **changes: Any) -> None:
    admin = await running.client("admin")
    entry = (await admin.get(f"/v1/framework/indicators/{CODE}")).json()["content"]
    body = {"items": [{"kind": "indicators", "code": CODE, "content": entry | changes}]}
    answer = await admin.post("/v1/framework/applications", json=body)
    assert answer.status_code == 200, answer.text


def target(value: float) -> list[dict[str, Any]]:
    return [{"value": value, "tolerance": 0, "from_period": "2020-01", "to_period": None}]


async def test_R50_a_past_month_can_be_seen_as_it_was_seen_then(now: Running) -> None:
    month = last_complete_month(now.clock.today())
    await redefine(now, targets=target(99))
    team = await now.client("analyst")
    await load(team, months(CODE, "cwd_east", back(month, 12).code, CHANGES))
    await load(team, months(CODE, DORSET, back(month, 12).code, STEADY))
    await keep_now(now)
    query = {"units": "true", "period": month.code}
    then = bare(await ask(now, **query))
    assert {(row["area"], row["trigger"]) for row in then["items"]} == {
        ("cwd_east", "SIGNIFICANT_CHANGE"),
        ("cwd_east", "TARGET_NOT_ASSURED"),
        (DORSET, "TARGET_NOT_ASSURED"),
    }
    seen = datetime.now(UTC)
    now.clock.advance(timedelta(days=40))
    await redefine(now, targets=target(60))
    await load(team, [item(CODE, "cwd_east", month.code, 91)])
    await keep_now(now)
    today = bare(await ask(now, **query))
    assert today["items"] == []
    # The very rows with their hashes, from the figures and the target of that day.
    assert bare(await ask(now, as_at=seen.isoformat(), **query)) == then


async def test_R50_a_changed_definition_leaves_the_past_month_as_it_was_seen(now: Running) -> None:
    month = last_complete_month(now.clock.today())
    team = await now.client("analyst")
    await load(team, months(CODE, "cwd_east", back(month, 12).code, CHANGES))
    then = bare(await ask(now, area="cwd_east", period=month.code))
    (row,) = then["items"]
    seen = datetime.now(UTC).isoformat()
    now.clock.advance(timedelta(days=1))
    await redefine(now, version=2, title="Supervision in time, counted anew")
    await load(team, [item(CODE, "cwd_east", month.code, 60)])
    anew = await ask(now, area="cwd_east", period=month.code)
    # Under the new definition there is one figure: too few for limits, and nothing may stand on the old ones.
    assert anew["items"] == []
    assert bare(await ask(now, area="cwd_east", period=month.code, as_at=seen)) == then
    one = (await team.get(f"/v1/exceptions/{row['key']}", params={"as_at": seen})).json()
    assert (one["inputs_hash"], one["title"]) == (row["inputs_hash"], row["title"])


async def test_R50_what_is_seen_of_the_past_is_protected_and_answered_as_of_today(now: Running) -> None:
    month = last_complete_month(now.clock.today())
    await load(await now.client("analyst"), months(CODE, "cwd_east", back(month, 12).code, CHANGES))
    seen = datetime.now(UTC).isoformat()
    query = {"area": "cwd_east", "period": month.code}
    (row,) = (await ask(now, "practitioner", as_at=seen, **query))["items"]
    assert row["display"] == "60.0%"
    (row,) = (await ask(now, "admin", **query))["items"]
    assert row["allowed_actions"] == ["answer"]
    now.clock.advance(timedelta(days=1))
    await redefine(now, disclosure={"people": True, "published_by": None}, owner_role="analyst")
    assert (await ask(now, "practitioner", as_at=seen, **query))["items"] == []
    (row,) = (await ask(now, "admin", as_at=seen, **query))["items"]
    assert (row["owner_role"], row["allowed_actions"]) == ("analyst", [])


@pytest.mark.parametrize("period", ["2026-12", "FY2027-28", "AY2027-28-T1"])
async def test_R50_a_period_that_has_not_begun_is_refused(indicator: Running, period: str) -> None:
    answer = await (await indicator.client("analyst")).get("/v1/exceptions", params={"period": period})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/query/period", "not_begun")


async def test_R50_the_month_that_runs_is_told_as_far_as_it_has_gone(indicator: Running) -> None:
    assert (await ask(indicator, period="2026-11"))["period"] == "2026-11"
