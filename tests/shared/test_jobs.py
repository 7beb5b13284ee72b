"""Jobs are done once by whoever holds the lease, and a job that cannot be done is given up."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from shared.jobs import Claim, LeaseLost, cancel, claim, do_job, enqueue, extend, fail, finish, give_back, queue_again
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


async def job(audit: Running) -> sa.Row[tuple[object, ...]]:
    async with audit.database.snapshot() as session:
        return (await session.execute(sa.text("SELECT * FROM job"))).one()


async def cancelled(audit: Running) -> bool:
    async with audit.database.transaction() as session:
        return await cancel(session, (await session.execute(sa.text("SELECT id FROM job"))).scalar_one())


async def test_a_waiting_job_is_called_off_at_once_and_once(audit: Running) -> None:
    await queue(audit)
    assert await cancelled(audit)
    assert not await cancelled(audit)
    assert await claim(audit.database, ["work"]) is None
    assert await status(audit) == "cancelled"


async def test_a_running_job_that_is_called_off_stops_within_a_beat_and_what_it_did_is_rolled_back(
    audit: Running,
) -> None:
    await queue(audit)
    held = await claim(audit.database, ["work"])
    assert held is not None
    begun, cleaned_up = asyncio.Event(), asyncio.Event()

    async def work(one: Claim) -> None:
        try:
            async with audit.database.transaction() as session:
                await session.execute(sa.text("INSERT INTO job (id, kind, key, created_by) "
                                              "VALUES (gen_random_uuid(), 'work', 'other', 'x')"))  # fmt: skip
                begun.set()
                await asyncio.sleep(60)
                await finish(session, one)
        finally:
            cleaned_up.set()

    doing = asyncio.create_task(do_job(audit.database, work, held, beat_seconds=0.05))
    await begun.wait()
    assert await cancelled(audit)
    await asyncio.wait_for(doing, 5)
    assert cleaned_up.is_set()
    assert (await job(audit)).status == "cancelled"


async def test_a_job_that_is_called_off_just_before_its_end_cannot_finish(audit: Running) -> None:
    await queue(audit)
    held = await claim(audit.database, ["work"])
    assert held is not None
    assert await cancelled(audit)
    with pytest.raises(LeaseLost):
        async with audit.database.transaction() as session:
            await finish(session, held)


async def test_progress_is_told_while_the_work_goes_on_and_whole_in_the_end(audit: Running) -> None:
    async with audit.database.transaction() as session:
        await enqueue(session, "work", "one", {}, "tester", total=100)
    held = await claim(audit.database, ["work"])
    assert held is not None
    seen: list[object] = []

    async def work(one: Claim) -> None:
        one.progress.measure = lambda: 40
        while not seen or seen[-1] == 0:
            await asyncio.sleep(0.02)
            seen.append((await job(audit)).done)
        async with audit.database.transaction() as session:
            await finish(session, one)

    await do_job(audit.database, work, held, beat_seconds=0.02)
    assert seen[-1] == 40
    assert ((await job(audit)).done, (await job(audit)).status) == (100, "succeeded")


async def test_a_failure_for_good_is_not_tried_again_unless_somebody_asks(audit: Running) -> None:
    await queue(audit)
    held = await claim(audit.database, ["work"])
    assert held is not None
    async with audit.database.transaction() as session:
        await fail(session, held, "refused", {"why": 1})
    assert await claim(audit.database, ["work"]) is None
    row = await job(audit)
    assert (row.status, row.last_fault, row.result) == ("failed", "refused", {"why": 1})
    async with audit.database.transaction() as session:
        assert await queue_again(session, held.id, {"n": 2}, "another")
        assert not await queue_again(session, held.id, {"n": 3}, "a third")
    again = await claim(audit.database, ["work"])
    assert again is not None
    assert (again.id, again.payload, again.attempt) == (held.id, {"n": 2}, 1)
    row = await job(audit)
    assert (row.created_by, row.result, row.last_fault, row.finished_at) == ("another", None, None, None)


async def test_a_worker_that_is_stopped_stops_its_work_too(audit: Running) -> None:
    await queue(audit)
    held = await claim(audit.database, ["work"])
    assert held is not None
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(_: Claim) -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            ended.set()

    doing = asyncio.create_task(do_job(audit.database, work, held))
    await begun.wait()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert ended.is_set()
