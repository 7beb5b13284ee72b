"""The clock: every replica ticks, each report is drafted once, and what was missed is caught up as its rule says."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.reporting_api.assembly.jobs import assemble
from services.reporting_api.models import Report
from services.reporting_api.occurrences import c, table
from services.reporting_api.schedule.clock import Ticker
from shared.clock import FixedClock
from shared.jobs import Claim, LeaseLost, claim
from tests.conftest import Running, Start
from tests.reporting_api.conftest import Desk
from tests.reporting_api.fake_neighbours import FakeNeighbours

_edition: sa.Table = Report.__table__  # type: ignore[attr-defined]


async def work_off(reporting: Running, workers: int = 3) -> int:
    """Several workers claim and do every job in the queue; returns how many were done."""

    async def one() -> int:
        done = 0
        while (held := await claim(reporting.database, ["assemble"])) is not None:
            await assemble(reporting.app, held)
            done += 1
        return done

    return sum(await asyncio.gather(*(one() for _ in range(workers))))


async def drafts(reporting: Running) -> list[Any]:
    async with reporting.database.snapshot() as session:
        statement = sa.select(_edition.c.report, _edition.c.period).order_by(_edition.c.report, _edition.c.period)
        return list((await session.execute(statement)).all())


async def stages(reporting: Running, report: str) -> dict[str, str]:
    async with reporting.database.snapshot() as session:
        rows = await session.execute(sa.select(c.period, c.stage).where(c.report == report))
        return {row.period: row.stage for row in rows.all()}


async def tick(reporting: Running, replicas: int = 1) -> None:
    """A tick of so many replicas at once, each without memory of the last."""
    await asyncio.gather(*(Ticker(reporting.database, reporting.clock).tick() for _ in range(replicas)))


async def test_three_replicas_tick_and_work_at_once_and_each_report_is_drafted_once(desk: Desk) -> None:
    await tick(desk.reporting, replicas=3)
    await tick(desk.reporting, replicas=3)
    await work_off(desk.reporting)
    made = await drafts(desk.reporting)
    assert ("csdg_monthly", "2026-10") in [tuple(one) for one in made]
    assert max(Counter((one.report, one.period) for one in made).values()) == 1
    await tick(desk.reporting, replicas=3)
    assert await work_off(desk.reporting) == 0
    async with desk.reporting.database.snapshot() as session:
        assert (await session.execute(sa.select(sa.func.max(c.assemblies)))).scalar_one() == 1


async def test_a_first_tick_owes_nothing_from_before_there_was_a_schedule(desk: Desk) -> None:
    await tick(desk.reporting)
    async with desk.reporting.database.snapshot() as session:
        rows = (await session.execute(sa.select(table))).all()
    assert all(row.due_on >= desk.reporting.clock.today() and row.late_on is None for row in rows)
    assert max(row.period_end for row in rows) > desk.reporting.clock.today() + timedelta(days=360)


async def test_the_clock_asks_in_the_service_s_own_name(desk: Desk) -> None:
    await tick(desk.reporting)
    await work_off(desk.reporting)
    assert {bearer for fake in desk.neighbours for _, _, bearer in fake.asked} == {"Bearer the-service-s-own"}


async def test_after_a_month_down_each_report_is_caught_up_by_its_rule(desk: Desk) -> None:
    clock = desk.reporting.clock
    await tick(desk.reporting)
    await work_off(desk.reporting)
    clock.advance(timedelta(days=70))  # to 1 February: November, December and January have ended meanwhile
    await tick(desk.reporting)
    await work_off(desk.reporting)
    monthly = await stages(desk.reporting, "csdg_monthly")  # catch_up: latest
    assert (monthly["2026-10"], monthly["2026-11"], monthly["2026-12"], monthly["2027-01"]) == (
        "draft", "due", "due", "draft",
    )  # fmt: skip
    quarterly = await stages(desk.reporting, "csdg_performance_quarterly")  # catch_up: all
    assert quarterly["FY2026-27-Q3"] == "draft"


async def test_what_time_does_is_in_the_activity_log_once(desk: Desk) -> None:
    await tick(desk.reporting)
    desk.reporting.clock.advance(timedelta(days=8))  # past 27 November, when October's report was due
    await tick(desk.reporting, replicas=3)
    await tick(desk.reporting)
    await desk.reporting.seal()
    client = await desk.client("admin")
    query: dict[str, str | int] = {"subject_type": "occurrence", "limit": 500}
    deeds = (await client.get("/v1/activity", params=query)).json()["items"]
    late = [one["data"] for one in deeds if one["action"] == "occurrence.late"]
    assert {"report": "csdg_monthly", "period": "2026-10"} in late
    assert len(late) == len({(one["report"], one["period"]) for one in late})
    assert {one["actor"] for one in deeds} == {"system:clock"}


async def test_a_lost_tick_costs_nothing(desk: Desk) -> None:
    await tick(desk.reporting)
    before = await stages(desk.reporting, "csdg_monthly")
    desk.reporting.clock.advance(timedelta(hours=5))
    await tick(desk.reporting)
    assert await stages(desk.reporting, "csdg_monthly") == before


async def test_a_worker_whose_lease_ended_stores_nothing(desk: Desk) -> None:
    await tick(desk.reporting)
    held = await claim(desk.reporting.database, ["assemble"], lease=0)
    assert held is not None
    taken = await claim_again(desk.reporting, held)
    try:
        await assemble(desk.reporting.app, held)
    except LeaseLost:
        pass
    else:
        raise AssertionError("the overtaken worker's finish was not fenced")
    assert await drafts(desk.reporting) == []
    await assemble(desk.reporting.app, taken)
    assert len(await drafts(desk.reporting)) == 1


async def claim_again(reporting: Running, held: Claim) -> Claim:
    """The same job by another worker, after the first one's lease has ended."""
    while True:
        other = await claim(reporting.database, ["assemble"])
        assert other is not None
        if other.id == held.id:
            return other


async def test_a_draft_made_by_hand_meanwhile_is_not_made_again(desk: Desk) -> None:
    await tick(desk.reporting)
    await desk.draft()
    await work_off(desk.reporting)
    async with desk.reporting.database.snapshot() as session:
        row = (
            await session.execute(sa.select(c.assemblies).where(c.report == "csdg_monthly", c.period == "2026-10"))
        ).one()
    assert row.assemblies == 1


async def test_a_draft_that_lacks_a_source_is_tried_again_a_quarter_of_an_hour_later(desk: Desk) -> None:
    desk.neighbours.feedback.mode = "error"
    await tick(desk.reporting)
    await work_off(desk.reporting)
    await tick(desk.reporting)
    assert await work_off(desk.reporting) == 0
    desk.neighbours.feedback.mode = "up"
    desk.reporting.clock.advance(timedelta(minutes=16))
    await tick(desk.reporting)
    assert await work_off(desk.reporting) > 0
    client = await desk.client("analyst")
    query = {"report": "csdg_monthly", "period": "2026-10"}
    found = (await client.get("/v1/reports", params=query)).json()["items"]
    assert (await desk.document(found[0]["id"]))["missing"] == []


async def test_the_days_of_the_change_of_clocks_and_of_the_year_s_end_make_one_occurrence_each(start: Start) -> None:
    for at in (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 3, 31, 23, 30, tzinfo=UTC),
    ):  # fmt: skip
        reporting = await start("reporting", clock=FixedClock(at))
        await FakeNeighbours().attach(reporting.app, reporting.stack)
        await tick(reporting)
        reporting.clock.advance(timedelta(days=1))
        await tick(reporting)
        async with reporting.database.snapshot() as session:
            count = sa.func.count()
            twice = sa.select(c.report).group_by(c.report, c.period).having(count > 1)
            assert (await session.execute(twice)).all() == []
            assert (await session.execute(sa.select(count).select_from(table))).scalar_one() > 50


async def test_the_running_service_ticks_and_drafts_by_itself(start: Start) -> None:
    reporting = await start("reporting", background=True)
    desk = Desk(reporting, FakeNeighbours())
    await desk.neighbours.attach(reporting.app, reporting.stack)
    for _ in range(100):
        if ("csdg_monthly", "2026-10") in [tuple(one) for one in await drafts(reporting)]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no draft was made")
