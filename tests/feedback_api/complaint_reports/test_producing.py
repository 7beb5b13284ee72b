"""The complaints report comes on time, once, whatever is missing, and is never changed (R60)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.app import SERVICE
from services.feedback_api.complaint_reports.jobs import keep_reports, produce_reports
from services.feedback_api.complaint_reports.producing import periods_over
from tests.feedback_api.complaint_reports.conftest import QUARTER

EDITIONS = "/v1/complaints/reports/editions"


async def editions(feedback: Any, query: str = "") -> list[dict[str, Any]]:
    client = await feedback.client("analyst")
    items: list[dict[str, Any]] = (await client.get(f"{EDITIONS}{query}")).json()["items"]
    return items


async def test_R60_the_report_comes_the_day_after_the_quarter_and_names_the_learning_missing_by_owner(
    autumn: Any, closed: Any, post: Any, produce: Any, read: Any
) -> None:
    autumn.clock.advance(-timedelta(days=1))
    learned = {"learning": "Letters went astray.", "improvement": "Addresses are checked."}
    await post(autumn, closed("A"), closed("B", learning="Nobody rang back."), closed("C", **learned))
    assert await produce(autumn) == []
    autumn.clock.advance(timedelta(days=1))
    assert await produce(autumn) == [QUARTER]
    found = await read(autumn)
    assert (found["edition"], found["on_time"], found["due_on"]) == (1, True, "2026-10-01")
    assert found["produced_by"] == "system:complaint-reports"
    learning = found["learning"]
    assert (learning["complete"], learning["missing"]) == (1, 2)
    (owner,) = learning["missing_by_owner"]
    assert (owner["unit"], owner["owner"], owner["count"]) == ("fs_weymouth", "Family Support Manager", 2)
    assert [(one["respond_ref"], one["missing"]) for one in owner["complaints"]] == [
        ("A", ["learning", "improvement"]),
        ("B", ["improvement"]),
    ]
    assert [(one["respond_ref"], one["improvement"]) for one in learning["learned"]] == [
        ("B", None),
        ("C", "Addresses are checked."),
    ]
    assert [one["unit"] for one in learning["updates_missing"]] == ["fs_weymouth"]


async def test_R60_the_report_of_the_year_comes_with_that_of_its_last_quarter(
    start: Any, closed: Any, post: Any, produce: Any, autumn: Any
) -> None:
    await post(autumn, closed("A"))
    autumn.clock.advance(datetime(2027, 4, 1, 9, tzinfo=UTC) - autumn.clock.now())
    # First used in October: the quarters before that are nobody's to expect.
    assert sorted(await produce(autumn)) == ["FY2026-27", "FY2026-27-Q3", "FY2026-27-Q4"]
    assert await produce(autumn) == []
    client = await autumn.client("complaints_manager")
    year = (await client.get("/v1/complaints/reports?period=FY2026-27")).json()
    assert (year["complaints"]["received"], year["on_time"]) == (1, True)


async def test_R60_after_a_down_time_what_is_due_is_produced_late_and_says_so(
    autumn: Any, closed: Any, post: Any, produce: Any
) -> None:
    autumn.clock.advance(-timedelta(days=40))
    await post(autumn, closed("A"))
    autumn.clock.advance(timedelta(days=150))
    assert sorted(await produce(autumn)) == [QUARTER, "FY2026-27-Q3"]
    assert {(one["period"], one["on_time"]) for one in await editions(autumn)} == {
        (QUARTER, False),
        ("FY2026-27-Q3", False),
    }


async def test_two_replicas_produce_each_report_once(autumn: Any, closed: Any, post: Any) -> None:
    autumn.clock.advance(-timedelta(days=1))
    await post(autumn, closed("A"))
    autumn.clock.advance(timedelta(days=1))
    done = await asyncio.gather(*(produce_reports(autumn.database, autumn.clock.now()) for _ in range(4)))
    assert sorted(len(one) for one in done) == [0, 0, 0, 1]
    assert len(await editions(autumn)) == 1
    await autumn.seal()
    deeds = (await (await autumn.client("admin")).get("/v1/activity?subject_type=complaint_report")).json()["items"]
    assert [deed["action"] for deed in deeds] == ["complaint_report.produced"]
    assert set(deeds[0]["data"]) == {"edition", "hash"}


async def test_the_keeper_runs_in_the_background_and_produces_what_is_due(autumn: Any, closed: Any, post: Any) -> None:
    assert keep_reports in SERVICE.background
    autumn.clock.advance(-timedelta(days=1))
    await post(autumn, closed("A"))
    autumn.clock.advance(timedelta(days=1))
    keeper = asyncio.create_task(keep_reports(autumn.app))
    try:
        async with asyncio.timeout(20):
            while not await editions(autumn):
                await asyncio.sleep(0.05)
    finally:
        keeper.cancel()
    assert [one["period"] for one in await editions(autumn)] == [QUARTER]


async def test_a_report_that_cannot_be_produced_does_not_hold_up_the_others_and_stays_due(
    autumn: Any, closed: Any, post: Any, produce: Any
) -> None:
    await post(autumn, closed("A"))
    autumn.clock.advance(timedelta(days=200))
    refuse = "period <> 'FY2026-27-Q3'"
    async with autumn.database.transaction() as session:
        await session.execute(sa.text(f"ALTER TABLE complaint_report ADD CONSTRAINT broken CHECK ({refuse})"))
    assert sorted(await produce(autumn)) == ["FY2026-27", "FY2026-27-Q4"]
    async with autumn.database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE complaint_report DROP CONSTRAINT broken"))
    assert await produce(autumn) == ["FY2026-27-Q3"]


async def test_without_complaints_or_compliments_no_report_is_due(autumn: Any, produce: Any) -> None:
    assert await produce(autumn) == []


def test_periods_that_are_over_are_those_that_ended_before_today() -> None:
    found = [one.code for one in periods_over(date(2026, 2, 3), date(2026, 7, 1))]
    assert found == ["FY2025-26-Q4", "FY2026-27-Q1", "FY2025-26"]
    assert list(periods_over(date(2026, 4, 1), date(2026, 6, 30))) == []


async def test_R60_a_later_edition_supersedes_and_the_earlier_stays_as_it_was(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    client = await autumn.client("complaints_manager")
    await post(autumn, closed("A"))
    first = await client.post(EDITIONS, json={"period": QUARTER})
    assert (first.status_code, first.json()["edition"], first.json()["supersedes"]) == (201, 1, None)
    again = await client.post(EDITIONS, json={"period": QUARTER})
    assert (again.status_code, again.json()) == (200, first.json())
    learned = {"learning": "Nobody rang back.", "improvement": "A rota answers."}
    edited = await client.patch("/v1/complaints/A", json=learned, headers={"If-Match": '"1"'})
    assert edited.status_code == 200
    waiting = await read(autumn)
    assert waiting["learning"]["missing_by_owner"][0]["complaints"][0]["added_since"] is True
    second = await client.post(EDITIONS, json={"period": QUARTER, "reason": "Learning came in."})
    assert (second.status_code, second.json()["supersedes"], second.json()["on_time"]) == (201, 1, None)
    newest, old = await read(autumn), await read(autumn, query=f"period={QUARTER}&edition=1")
    assert (newest["edition"], newest["learning"]["missing"], newest["superseded_by"]) == (2, 0, None)
    assert newest["learning"]["learned"][0]["improvement"] == "A rota answers."
    assert (old["edition"], old["learning"]["missing"], old["superseded_by"]) == (1, 1, 2)
    assert old["learning"]["learned"] == [] and old["content_hash"] == first.json()["content_hash"]
    # What it teaches now is changed once more: the second edition keeps the words it had.
    headers = {"If-Match": edited.headers["etag"]}
    await client.patch("/v1/complaints/A", json={"improvement": "Something else."}, headers=headers)
    assert (await read(autumn))["learning"]["learned"][0]["improvement"] == "A rota answers."
    listed = await editions(autumn, f"?period={QUARTER}")
    assert [(one["edition"], one["superseded_by"], one["reason"]) for one in listed] == [
        (2, None, "Learning came in."),
        (1, 2, None),
    ]


async def test_editions_are_paged_latest_period_first(autumn: Any, closed: Any, post: Any, produce: Any) -> None:
    await post(autumn, closed("A"))
    autumn.clock.advance(timedelta(days=200))
    await produce(autumn)
    client = await autumn.client("practitioner")
    seen, after = [], ""
    while True:
        page = (await client.get(f"{EDITIONS}?limit=1{after}")).json()
        seen += [one["period"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(seen) == ["FY2026-27", "FY2026-27-Q3", "FY2026-27-Q4"] and seen[-1] == "FY2026-27-Q3"


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"period": "FY2026-27-Q3"}, 409, "period-not-over"), ({"period": "2026-08"}, 422, "malformed"),
        ({"period": "AY2026-27-T1"}, 422, "malformed"), ({"period": "FY2026-27-Q9"}, 422, "malformed"),
        ({}, 422, "malformed"), ({"period": QUARTER, "reason": ""}, 422, "malformed"),
    ],
)  # fmt: skip
async def test_an_edition_that_cannot_be_is_refused(
    autumn: Any, body: dict[str, Any], status: int, problem: str
) -> None:
    answer = await (await autumn.client("complaints_manager")).post(EDITIONS, json=body)
    assert answer.status_code == status
    assert answer.json()["type"] == f"/problems/{problem}"


async def test_only_the_whole_council_s_complaints_manager_produces(autumn: Any) -> None:
    for role, unit in (("practitioner", None), ("head_of_service", None), ("complaints_manager", "fs_weymouth")):
        answer = await (await autumn.client(role, unit=unit)).post(EDITIONS, json={"period": QUARTER})
        assert answer.status_code == 403, role


async def test_a_report_that_was_not_produced_or_cannot_be_is_told(autumn: Any, closed: Any, post: Any) -> None:
    client = await autumn.client("complaints_manager")
    missing = await client.get(f"/v1/complaints/reports?period={QUARTER}")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/report-not-produced")
    for query in ("period=2026-08", "period=CY2026", "period=soon", "", f"period={QUARTER}&edition=0"):
        assert (await client.get(f"/v1/complaints/reports?{query}")).status_code == 422, query
    await post(autumn, closed("A"))
    await client.post(EDITIONS, json={"period": QUARTER})
    for query in (f"period={QUARTER}&edition=7", f"period={QUARTER}&unit=nowhere"):
        assert (await client.get(f"/v1/complaints/reports?{query}")).status_code == 404, query
    elsewhere = await autumn.client("complaints_manager", unit="cwd_east")
    assert (await elsewhere.get(f"/v1/complaints/reports?period={QUARTER}&unit=fs_weymouth")).status_code == 404
