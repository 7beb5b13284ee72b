"""What the dry run counts is what the purge that follows takes, whatever rests on what and whatever is on hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import system_caller
from shared.clock import FixedClock
from shared.ids import new_id
from shared.privacy.holdings import Holdings
from shared.privacy.purging import purge_batch
from shared.privacy.retention import read_standing
from shared.tables import legal_hold
from tests.conftest import Running
from tests.doses import dose

TODAY = date(2060, 3, 1)
AT = datetime(2060, 3, 1, 9, tzinfo=UTC)


class Made:
    """Rows with what is said of them, and anything in the columns of which nothing is."""

    def __init__(self, session: AsyncSession, holdings: Holdings, random: Random) -> None:
        self.session, self.tables, self.random = session, holdings.metadata.tables, random

    async def row(self, name: str, **given: Any) -> dict[str, Any]:
        table = self.tables[name]
        for column in table.columns:
            if column.name not in given and not column.nullable and column.server_default is None:
                given[column.name] = self._anything(column)
        await self.session.execute(sa.insert(table).values(given))
        return given

    async def some(self, most: int, name: str, **given: Any) -> list[dict[str, Any]]:
        return [await self.row(name, **given) for _ in range(self.random.randrange(most + 1))]

    async def hold(self, scope: str, **named: str) -> None:
        given = {"id": new_id(), "scope": scope, "reason": "Inquiry", "placed_by": "x", "version": 1} | named
        await self.session.execute(sa.insert(legal_hold).values(given))

    def day(self, *years: int) -> date:
        """Near the day on which so many years are over, or far from it."""
        first = date(TODAY.year - self.random.choice(years), 2, 27)
        return first + timedelta(days=self.random.choice([-400, -400, 0, 1, 2, 3, 4, 400]))

    def moments(self, most: int, years: int) -> list[datetime]:
        days = sorted(self.day(years) for _ in range(self.random.randrange(most + 1)))
        return [datetime.combine(day, AT.timetz()) for day in days]

    def _anything(self, column: sa.Column[Any]) -> Any:
        kind = column.type
        if isinstance(kind, sa.ARRAY):
            return []
        if isinstance(kind, sa.JSON):
            return {}
        if isinstance(kind, sa.LargeBinary):
            return b""
        if isinstance(kind, sa.Date):
            return date(2020, 1, 1)
        if isinstance(kind, sa.DateTime):
            return datetime(2020, 1, 1, tzinfo=UTC)
        if isinstance(kind, sa.Boolean):
            return False
        if isinstance(kind, sa.Integer):
            return 1
        return new_id() if isinstance(kind, sa.Uuid) else str(new_id())


async def audits(made: Made) -> None:
    cases = [f"CMS-{number}" for number in range(6)]
    for _ in range(4):
        listed = await made.row("open_case_list", as_at=made.day(2))
        for case in made.random.sample(cases, made.random.randrange(4)):
            await made.row("open_case", list_id=listed["id"], case_reference=case)
        draw = await made.row("case_draw", drawn_on=made.day(7))
        for place, case in enumerate(made.random.sample(cases, made.random.randrange(3))):
            closed = made.random.choice([made.day(7), made.day(7), None])
            audit = await made.row("audit", case_reference=case, closed_on=closed, status="closed")
            await made.row("drawn_case", draw_id=draw["id"], position=place, case_reference=case, audit_id=audit["id"])
    for case in made.random.sample(cases, made.random.randrange(3)):
        await made.hold("case", reference=case)


async def reports(made: Made) -> None:
    signers = [(await made.row("delegation", ends_on=made.day(25)))["id"] for _ in range(4)]
    for _ in range(4):
        before = None
        for published in made.moments(3, 25):
            last = made.random.random() < 0.1
            edition = await made.row("report", supersedes=before, published_at=None if last else published)
            before = edition["id"]
            await made.some(2, "report_signature", report=before, delegation=made.random.choice(signers), voided_at=AT)
            if made.random.random() < 0.1:
                await made.hold("record", kind="report", reference=str(before))


async def editions(made: Made) -> None:
    for _ in range(4):
        before = None
        for produced in made.moments(3, 10):
            before = (await made.row("complaint_report", supersedes=before, produced_at=produced))["id"]
            if made.random.random() < 0.1:
                await made.hold("record", kind="complaint_report", reference=str(before))


WORLDS = {"audit": audits, "reporting": reports, "feedback": editions}


@pytest.mark.parametrize("service", WORLDS)
async def test_a_purge_takes_what_the_dry_run_counted_and_leaves_nothing_due(start: Any, service: str) -> None:
    running: Running = await start(service, clock=FixedClock(AT))
    holdings: Holdings = running.app.state.holdings
    # Rows here have what their periods go by and nothing else: what more a record must have is tested with it.
    loose = "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname FROM pg_constraint"
    async with running.database.transaction() as session:
        for one in (await session.execute(sa.text(f"{loose} WHERE contype = 'c' AND conrelid <> 0"))).scalars().all():
            await session.execute(sa.text(one))
    taken = 0
    for seed in range(dose(5, 500)):
        async with running.database.transaction() as session:
            await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
            await WORLDS[service](Made(session, holdings, Random(seed)))
            before = await read_standing(session, holdings, TODAY)
            foreseen = {one.kind.name: one.due - one.stopped for one in before if one.due > one.stopped}
            done = await purge_batch(session, holdings, system_caller("retention"), TODAY, 2000)
            assert (dict(done.records), done.more) == (foreseen, False), seed
            after = await read_standing(session, holdings, TODAY)
            assert [one.kind.name for one in after if one.due > one.stopped] == [], seed
            taken += sum(foreseen.values())
            await session.rollback()
    assert taken > 5


async def test_what_was_made_on_29_february_is_kept_until_1_march(feedback: Running) -> None:
    holdings: Holdings = feedback.app.state.holdings
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        made = Made(session, holdings, Random(1))
        for day in (date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1)):
            await made.row("view", given_on=day, respondent_group="child", channel="survey", consent="internal_only")
        found = []
        for today in (date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)):
            (views,) = [one for one in await read_standing(session, holdings, today) if one.kind.name == "view"]
            found.append((views.due, views.next_due))
        await session.rollback()
    assert found == [
        (0, date(2027, 3, 1)), (1, date(2028, 2, 28)), (2, date(2028, 3, 1)), (2, date(2028, 3, 1)), (3, None),
    ]  # fmt: skip
