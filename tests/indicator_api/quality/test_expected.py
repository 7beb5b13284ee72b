"""Data quality: what is expected, what came and when, and shares that the past keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.indicator_api.quality.schemas import CompletenessOut, ExpectedOut, SummaryOut
from shared.clock import FixedClock
from shared.tables import framework_item, framework_item_version
from tests.conftest import Running, Start
from tests.indicator_api.published import DORSET, item, load, months

TEAM, OTHER = "fs_weymouth", "fs_portland"
SUPERVISION = "supervision_in_time"


async def ask(running: Running, path: str, role: str = "analyst", unit: str | None = None, **query: Any) -> Any:
    answer = await (await running.client(role, unit)).get(f"/v1/quality/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def expected(running: Running, role: str = "analyst", unit: str | None = None, **query: Any) -> list[Any]:
    items = (await ask(running, "expected", role, unit, limit=500, **query))["items"]
    for one in items:
        ExpectedOut.model_validate_json(
            ExpectedOut(**one | {"due_on": date.fromisoformat(one["due_on"])}).model_dump_json()
        )
    return items


async def store(running: Running, *figures: dict[str, Any]) -> None:
    await load(await running.client("analyst"), figures)


async def supervision(running: Running) -> list[tuple[str, str]]:
    found = await expected(running, indicator=SUPERVISION)
    return [(one["area"], one["status"]) for one in found]


async def apply_again(running: Running, kind: str, code: str, **changes: Any) -> None:
    """Apply an item of the framework changed, as of the day on the clock."""
    async with running.database.snapshot() as session:
        statement = sa.select(framework_item.c.content).where(
            framework_item.c.code == code, framework_item.c.kind == kind
        )
        content = (await session.execute(statement)).scalar_one()
    items = [{"kind": kind, "code": code, "content": content | changes}]
    answer = await (await running.client("admin")).post("/v1/framework/applications", json={"items": items})
    assert answer.status_code == 200, answer.text
    table = framework_item_version
    async with running.database.transaction() as session:
        newest = (
            sa.select(sa.func.max(table.c.version)).where(table.c.kind == kind, table.c.code == code).scalar_subquery()
        )
        where = (table.c.kind == kind, table.c.code == code, table.c.version == newest)
        await session.execute(sa.update(table).where(*where).values(applied_at=running.clock.now()))


@pytest.fixture
async def running(start: Start) -> Running:
    """On 10 November: October's supervision, with a lag of 15 days, is due on the 15th."""
    return await start("indicator", clock=FixedClock(datetime(2026, 11, 10, 9, 0, tzinfo=UTC)))


async def test_a_unit_that_records_an_indicator_is_expected_to_go_on(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-09", [90]), *months(SUPERVISION, OTHER, "2026-09", [91, 92]))
    assert await supervision(running) == [(OTHER, "on_time"), (TEAM, "not_due")]
    running.clock.advance(timedelta(days=5))
    assert await supervision(running) == [(OTHER, "on_time"), (TEAM, "not_due")]
    running.clock.advance(timedelta(days=1))
    assert await supervision(running) == [(OTHER, "on_time"), (TEAM, "missing")]
    assert [one["days_late"] for one in await expected(running, status="missing", indicator=SUPERVISION)] == [1]
    await store(running, item(SUPERVISION, TEAM, "2026-10", 90))
    (late,) = await expected(running, status="late", indicator=SUPERVISION)
    assert (late["area"], late["due_on"], late["days_late"]) == (TEAM, "2026-11-15", 1)


async def test_a_figure_is_as_timely_as_when_it_first_came_however_often_it_was_corrected(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-09", [90, 91]))
    received = (await expected(running, indicator=SUPERVISION))[0]["received_at"]
    for value in (92, 93):
        running.clock.advance(timedelta(days=10))
        await store(running, item(SUPERVISION, TEAM, "2026-10", value))
    (found,) = await expected(running, indicator=SUPERVISION, period="2026-10")
    assert (found["status"], found["received_at"]) == ("on_time", received)


async def test_what_is_provisional_or_unavailable_is_here_and_marked(running: Running) -> None:
    client = await running.client("analyst")
    first = item(SUPERVISION, TEAM, "2026-10", 90)
    answer = await client.post("/v1/observations/imports?provisional=true", json={"items": [first]})
    assert answer.status_code == 200
    await store(running, item(SUPERVISION, OTHER, "2026-10", None, value_status="x"))
    other, team = await expected(running, indicator=SUPERVISION)
    assert (team["status"], team["unavailable"]) == ("provisional", False)
    assert (other["status"], other["unavailable"]) == ("on_time", True)


async def test_a_period_stands_for_every_period_that_ends_in_it(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-01", [90, 91, 92]))
    await store(running, item("looked_after_rate", DORSET, "RY2025", 65))
    found = {(one["indicator"], one["period"]) for one in await expected(running, period="2026-03")}
    assert {(SUPERVISION, "2026-03"), ("looked_after_rate", "RY2026")} <= found
    found = {one["period"] for one in await expected(running, period="FY2025-26-Q4", indicator=SUPERVISION)}
    assert found == {"2026-01", "2026-02", "2026-03"}


async def test_what_happens_when_it_happens_and_what_ended_is_not_expected(running: Running) -> None:
    await store(running, item("inspection_care_leavers", DORSET, "RY2024", 3))
    await store(running, item("referrals_monthly", DORSET, "2022-03", 280))
    assert await expected(running, period="RY2026", indicator=["inspection_care_leavers", "referrals_monthly"]) == []


async def test_late_data_and_missing_figures_are_one_truth(running: Running) -> None:
    await store(running, *months(SUPERVISION, DORSET, "2026-05", [90, 91]))
    (late,) = [one for one in (await ask_exceptions(running)) if one["indicator"] == SUPERVISION]
    found = await expected(running, period="FY2026-27", indicator=SUPERVISION, status="missing")
    assert late["period"] == found[0]["period"] == "2026-07"
    assert late["n"] == len(found) == 3


async def ask_exceptions(running: Running) -> list[Any]:
    answer = await (await running.client("analyst")).get("/v1/exceptions?trigger=DATA_LATE")
    return list(answer.json()["items"])


async def completeness(running: Running, **query: Any) -> Any:
    found = await ask(running, "completeness", source_system="hr", indicator=SUPERVISION, **query)
    assert set(found) == set(CompletenessOut.model_json_schema(mode="serialization")["properties"])
    (source,) = found["sources"]
    return source


async def test_completeness_counts_what_is_due_by_source_period_and_indicator(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-08", [90, 91, 92]))
    await store(running, item(SUPERVISION, OTHER, "2026-08", 90))
    source = await completeness(running, **{"from": "2026-08", "to": "2026-10"})
    counts = {name: source[name] for name in ("expected", "received", "on_time", "late", "missing", "not_due")}
    assert counts == {"expected": 4, "received": 3, "on_time": 0, "late": 3, "missing": 1, "not_due": 2}
    assert (source["complete_share"], source["on_time_share"]) == (0.75, 0)
    assert [(one["period"], one["expected"], one["missing"]) for one in source["periods"]] == [
        ("2026-08", 2, 0), ("2026-09", 2, 1), ("2026-10", 0, 0),
    ]  # fmt: skip
    assert [one["indicator"] for one in source["indicators"]] == [SUPERVISION]
    assert source["periods"][2]["complete_share"] is None


async def test_what_was_expected_then_stays_expected(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-08", [90]))
    running.clock.advance(timedelta(days=7))
    asked = {"from": "2026-08", "to": "2026-12"}
    before = await completeness(running, **asked)
    assert (before["expected"], before["missing"], before["not_due"]) == (3, 2, 2)
    # On 17 November it is declared to have ended long ago, and to be due later: the three that were due stay so.
    await apply_again(running, "indicators", SUPERVISION, expected_to="2026-08", due_lag_days=300)
    after = await completeness(running, **asked)
    assert (after["expected"], after["missing"], after["not_due"]) == (3, 2, 0)


async def test_a_unit_that_closes_owes_what_was_due_before_it_was_known(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-08", [90]))
    running.clock.advance(timedelta(days=7))
    await apply_again(running, "units", TEAM, valid_to="2026-08-31")
    found = await completeness(running, **{"from": "2026-08", "to": "2026-12"})
    assert (found["expected"], found["missing"], found["not_due"]) == (3, 2, 0)


async def test_an_indicator_nobody_recorded_is_expected_of_the_council_from_its_declared_start(
    running: Running,
) -> None:
    assert await expected(running, indicator=SUPERVISION) == []
    await apply_again(running, "indicators", SUPERVISION, expected_from="2026-09")
    found = await expected(running, indicator=SUPERVISION, period="FY2026-27")
    # September's was due before anybody declared it.
    assert [(one["area"], one["period"]) for one in found][:2] == [(DORSET, "2026-10"), (DORSET, "2026-11")]
    await store(running, item(SUPERVISION, TEAM, "2026-09", 90))
    assert {one["area"] for one in await expected(running, indicator=SUPERVISION)} == {TEAM}
    assert await expected(running, indicator=SUPERVISION, area=DORSET) == []


async def test_a_unit_sees_what_it_owes_itself(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-09", [90]), *months(SUPERVISION, OTHER, "2026-09", [90]))
    assert {one["area"] for one in await expected(running, "team_manager", TEAM)} == {TEAM}
    client = await running.client("team_manager", TEAM)
    assert (await client.get(f"/v1/quality/expected?area={OTHER}")).status_code == 404


async def test_pages_join_without_gap_or_repetition(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-04", [90]), *months(SUPERVISION, OTHER, "2026-04", [90]))
    client, seen, after = await running.client("analyst"), [], {}
    while True:
        query = {"limit": 4, "period": "FY2026-27", "indicator": SUPERVISION, **after}
        page = (await client.get("/v1/quality/expected", params=query)).json()
        seen += [(one["area"], one["period"]) for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == len(set(seen)) == 24
    assert seen == sorted(seen)


async def test_the_summary_tells_of_every_source_in_one_call(running: Running) -> None:
    await store(running, *months(SUPERVISION, TEAM, "2026-07", [90, 91, 95, 40]))
    await store(running, item("rereferrals", DORSET, "RY2025", 20, numerator=346, denominator=2349))
    found = await ask(running, "summary")
    assert set(found) == set(SummaryOut.model_json_schema(mode="serialization")["properties"])
    sources = {one["source_system"]: one for one in found["sources"]}
    assert (found["from"], found["to"]) == ("2025-11-01", "2026-10-31")
    assert (sources["hr"]["expected"], sources["hr"]["late"], sources["hr"]["not_due"]) == (3, 3, 1)
    assert (found["findings"], sources["cin_census"]["findings"], sources["hr"]["findings"]) == (1, 1, 0)


@pytest.mark.parametrize(
    "path",
    ["expected?period=April", "expected?status=lost", "expected?area=../x", "expected?after=W10",
     "completeness?from=2026-04&to=2026-01", "completeness?from=CY1990&to=CY2026", "findings?rule=any",
     "findings?limit=0", "findings?after=x", "summary?period=2026-10"],
)  # fmt: skip
async def test_a_question_that_makes_no_sense_is_422(indicator: Running, path: str) -> None:
    client = await indicator.client("analyst")
    assert (await client.get(f"/v1/quality/{path}")).status_code == 422
