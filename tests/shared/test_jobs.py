"""Jobs are done once by whoever holds the lease, and a job that cannot be done is given up."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from shared.jobs import LeaseLost, claim, do_job, enqueue, extend, finish, give_back
from tests.conftest import Running, Start


@pytest.fixture
async def audit(start: Start) -> Running:
    return await start("audit", dorset=False)


async def queue(audit: Running, key: str = "one") -> bool:
    async with audit.database.transaction() as session:
        return await enqueue(session, "work", key, {"n": 1}, "tester") is not None


async def status(audit: Running, key: str = "one") -> str:
    async with audit.database.snapshot() as session:
        found = await session.execute(sa.text("SELECT status FROM job WHERE key = :key"), {"key": key})
        return str(found.scalar_one())


async def expire(audit: Running) -> None:
    async with audit.database.transaction() as session:
        await session.execute(sa.text("UPDATE job SET lease_until = now() - interval '1 second', not_before = now()"))


async def test_the_same_work_is_queued_once(audit: Running) -> None:
    assert await queue(audit)
    assert not await queue(audit)


async def test_ten_workers_take_each_job_once(audit: Running) -> None:
    for number in range(20):
        await queue(audit, str(number))
    taken = await asyncio.gather(*(claim(audit.database, ["work"]) for _ in range(30)))
    keys = [one.key for one in taken if one is not None]
    assert len(keys) == len(set(keys)) == 20


async def test_who_lost_the_lease_can_neither_finish_nor_extend(audit: Running) -> None:
    await queue(audit)
    stalled = await claim(audit.database, ["work"])
    assert stalled is not None
    await expire(audit)
    second = await claim(audit.database, ["work"])
    assert second is not None
    assert second.attempt == 2
    with pytest.raises(LeaseLost):
        async with audit.database.transaction() as session:
            await finish(session, stalled)
    with pytest.raises(LeaseLost):
        await extend(audit.database, stalled)
    async with audit.database.transaction() as session:
        await finish(session, second, {"done": True})
    assert await status(audit) == "succeeded"


async def test_a_failing_job_comes_back_until_its_attempts_are_used_up(audit: Running) -> None:
    await queue(audit)
    for attempt in range(1, 6):
        held = await claim(audit.database, ["work"])
        assert held is not None
        assert held.attempt == attempt
        await give_back(audit.database, held, "Fault", wait_seconds=0)
    assert await claim(audit.database, ["work"]) is None
    assert await status(audit) == "failed"


async def test_a_job_that_kills_its_worker_each_time_is_given_up(audit: Running) -> None:
    await queue(audit)
    for _ in range(5):
        assert await claim(audit.database, ["work"]) is not None
        await expire(audit)
    assert await claim(audit.database, ["work"]) is None
    assert await status(audit) == "failed"


async def test_work_that_raises_is_given_back_and_its_words_are_not_kept(audit: Running) -> None:
    await queue(audit)
    held = await claim(audit.database, ["work"])
    assert held is not None

    async def work(_: object) -> None:
        raise RuntimeError("Zebedee-Canary")

    await do_job(audit.database, work, held)
    async with audit.database.snapshot() as session:
        row = (await session.execute(sa.text("SELECT status, last_fault FROM job"))).one()
    assert tuple(row) == ("queued", "RuntimeError")
