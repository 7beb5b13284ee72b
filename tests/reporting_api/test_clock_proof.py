"""What could make the clock wrong: other replicas' clocks, nights of the change of clocks, long work, a month down."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.reporting_api.assembly.jobs import assemble
from services.reporting_api.occurrences import c
from services.reporting_api.schedule.clock import Ticker
from shared.clock import FixedClock, local_date
from shared.jobs import claim, do_job
from shared.tables import activity, job
from tests.conftest import TODAY, Running, Start
from tests.reporting_api.conftest import CLOSING, Desk
from tests.reporting_api.fake_neighbours import FakeNeighbours
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import occurrences
from tests.reporting_api.test_clock import drafts, stages, tick, work_off

HOUR = timedelta(hours=1)


async def told(reporting: Running, action: str) -> list[tuple[str, str]]:
    """Of which report and period the activity log tells an action, once for each time."""
    async with reporting.database.snapshot() as session:
        rows = await session.execute(sa.select(activity.c.data).where(activity.c.action == action))
        return [(row.data["report"], row.data["period"]) for row in rows.all()]


@pytest.mark.parametrize("apart", [HOUR, timedelta(days=1)])
async def test_replicas_whose_clocks_differ_draft_each_report_once(desk: Desk, apart: timedelta) -> None:
    clocks = [FixedClock(TODAY + number * apart) for number in (-1, 0, 1)]
    for _ in range(2):
        await asyncio.gather(*(Ticker(desk.reporting.database, clock).tick() for clock in clocks))
    await work_off(desk.reporting)
    made = Counter((one.report, one.period) for one in await drafts(desk.reporting))
    assert made["csdg_monthly", "2026-10"] == 1
    assert set(made.values()) == {1}
    async with desk.reporting.database.snapshot() as session:
        assert (await session.execute(sa.select(sa.func.max(c.assemblies)))).scalar_one() == 1


async def test_a_replica_whose_clock_is_wrong_does_not_tick(desk: Desk) -> None:
    most = timedelta(minutes=5)
    for wrong in (-HOUR, HOUR, timedelta(days=1)):
        assert not await Ticker(desk.reporting.database, FixedClock(datetime.now(UTC) + wrong), most).tick()
        assert await occurrences(await desk.client("analyst")) == []
    assert await Ticker(desk.reporting.database, FixedClock(datetime.now(UTC) + timedelta(minutes=4)), most).tick()
    assert await occurrences(await desk.client("analyst")) != []


async def test_a_lease_is_the_database_s_and_no_replica_s_clock_ends_it(desk: Desk) -> None:
    await tick(desk.reporting)
    held = await claim(desk.reporting.database, ["assemble"])
    assert held is not None
    desk.reporting.clock.advance(timedelta(days=30))
    others = []
    while (other := await claim(desk.reporting.database, ["assemble"])) is not None:
        others.append(other.id)
    assert held.id not in others


async def test_an_assembly_longer_than_its_lease_keeps_it_by_its_heartbeat(reporting: Running) -> None:
    neighbours = FakeNeighbours()
    await neighbours.attach(reporting.app, reporting.stack, deadline=2.5)
    await tick(reporting)
    neighbours.feedback.mode = "slow"  # answers after the deadline, which is longer than the lease

    async def next_of_csdg() -> Any:
        while True:
            found = await claim(reporting.database, ["assemble"], lease=1)
            assert found is not None
            async with reporting.database.snapshot() as session:
                wanted = sa.select(c.report).where(c.id == sa.cast(found.payload["occurrence"], sa.Uuid))
                if (await session.execute(wanted)).scalar_one() == "csdg_monthly":
                    return found

    held = await next_of_csdg()

    async def steal() -> list[Any]:
        stolen = []
        for _ in range(10):
            await asyncio.sleep(0.2)
            other = await claim(reporting.database, ["assemble"])
            stolen += [other.id] if other else []
        return stolen

    stolen, _ = await asyncio.gather(
        steal(), do_job(reporting.database, lambda one: assemble(reporting.app, one), held, 0.2, 1)
    )
    assert held.id not in stolen
    assert ("csdg_monthly", "2026-10") in [tuple(one) for one in await drafts(reporting)]
    async with reporting.database.snapshot() as session:
        one = (await session.execute(sa.select(job.c.status, job.c.attempt).where(job.c.id == held.id))).one()
    assert tuple(one) == ("succeeded", 1)


@pytest.mark.parametrize(
    "night", [date(2026, 10, 25), date(2027, 3, 28), date(2028, 2, 29), date(2027, 3, 31), date(2026, 12, 31)]
)
async def test_hour_by_hour_through_a_strange_night_everything_happens_once_and_on_its_london_day(
    start: Start, night: date
) -> None:
    begin = datetime(night.year, night.month, night.day, tzinfo=UTC) - timedelta(hours=26)
    reporting = await start("reporting", clock=FixedClock(begin))
    await FakeNeighbours().attach(reporting.app, reporting.stack)
    ticker = Ticker(reporting.database, reporting.clock)
    for _ in range(54):
        await ticker.tick()
        async with reporting.database.snapshot() as session:
            today = local_date(reporting.clock.now())
            unopened = sa.select(sa.func.count()).where(c.stage == "planned", c.opens_on <= today)
            unmarked = sa.select(sa.func.count()).where(c.late_on.is_(None), c.due_on < today)
            early = sa.select(sa.func.count()).where(
                sa.or_(c.late_on > today, c.due_on >= today), c.late_on.is_not(None)
            )
            assert [(await session.execute(one)).scalar_one() for one in (unopened, unmarked, early)] == [0, 0, 0]
        reporting.clock.advance(HOUR)
    for action in ("occurrence.due", "occurrence.late", "occurrence.missed"):
        assert max(Counter(await told(reporting, action)).values(), default=1) == 1
    async with reporting.database.snapshot() as session:
        twice = sa.select(c.report).group_by(c.report, c.period).having(sa.func.count() > 1)
        assert (await session.execute(twice)).all() == []
        asked = Counter(
            (row.payload["occurrence"], row.key[-10:])
            for row in (await session.execute(sa.select(job).where(job.c.kind == "assemble"))).all()
        )
    # Asked for once a London day, whatever the hour does.
    assert set(asked.values()) == {1}
    assert {day for _, day in asked} <= {(night + timedelta(days=number)).isoformat() for number in (-2, -1, 0, 1)}


@pytest.mark.parametrize(
    ("rule", "drafted"),
    [
        ("all", ["2026-11", "2026-12", "2027-01"]),
        ("latest", ["2027-01"]),
        ("none", ["2027-01"]),  # the only one whose due date has not passed
    ],
)
async def test_after_seventy_days_down_a_report_is_caught_up_by_its_rule(
    desk: Desk, rule: str, drafted: list[str]
) -> None:
    client = await desk.client("admin")
    await apply_change(client, "reports", {**framework_item("reports", "csdg_monthly"), "catch_up": rule})
    await tick(desk.reporting)
    await work_off(desk.reporting)
    desk.reporting.clock.advance(timedelta(days=70))
    await tick(desk.reporting, replicas=3)
    await work_off(desk.reporting)
    found = await stages(desk.reporting, "csdg_monthly")
    assert [period for period, stage in sorted(found.items()) if stage == "draft"] == ["2026-10", *drafted]


async def test_after_thirty_days_down_lateness_is_counted_from_the_days_it_happened(desk: Desk) -> None:
    await tick(desk.reporting)
    desk.reporting.clock.advance(timedelta(days=30))
    await tick(desk.reporting, replicas=3)
    found = (await occurrences(await desk.client("analyst"), report="csdg_monthly", period="2026-10"))[0]
    assert (found["status"], found["late_on"]) == ("late", "2026-11-28")
    late = await told(desk.reporting, "occurrence.late")
    assert len(late) == len(set(late)) > 0


async def test_a_report_is_published_once_however_many_publish_it_at_once(desk: Desk) -> None:
    draft = await desk.draft()
    report = draft["id"]
    await desk.step(report, "edit", CLOSING)
    await desk.step(report, "submissions")
    while role := (await desk.state(report))["next_signature"]:
        await desk.sign(report, role)
    state = await desk.state(report)
    client = await desk.client("admin")
    headers = {"If-Match": f'"{state["version"]}"'}
    answers = await asyncio.gather(
        *(client.post(f"/v1/reports/{report}/publications", headers=headers) for _ in range(5))
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412]
    assert await told(desk.reporting, "report.published") == [("csdg_monthly", "2026-10")]
