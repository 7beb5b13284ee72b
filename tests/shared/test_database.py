"""Transactions keep their promise: all or nothing, COPY included, and trouble is a 503."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
import sqlalchemy as sa

from shared import lender
from shared.database import check_connections, driver_connection
from shared.database_errors import problem_from_database
from shared.problems import Unavailable
from shared.settings import SettingsError
from shared.statements import Statement
from tests.conftest import Running, Start


@pytest.fixture
async def audit(start: Start) -> Running:
    return await start("audit", dorset=False)


async def themes(audit: Running) -> int:
    async with audit.database.snapshot() as session:
        return int((await session.execute(sa.text("SELECT count(*) FROM read_log"))).scalar_one())


ROW = "INSERT INTO read_log (id, actor, operation, subject_type) VALUES (gen_random_uuid(), 'a', 'o', 's')"


async def test_what_ends_well_is_committed(audit: Running) -> None:
    async with audit.database.transaction() as session:
        await session.execute(sa.text(ROW))
    assert await themes(audit) == 1


async def test_what_fails_leaves_nothing(audit: Running) -> None:
    with pytest.raises(ZeroDivisionError):
        async with audit.database.transaction() as session:
            await session.execute(sa.text(ROW))
            raise ZeroDivisionError
    assert await themes(audit) == 0


async def test_a_copy_is_rolled_back_with_the_rest(audit: Running) -> None:
    with pytest.raises(ZeroDivisionError):
        async with audit.database.transaction() as session:
            connection = await driver_connection(session)
            records = [("a", "o", "s")]
            await connection.execute("ALTER TABLE read_log ALTER id SET DEFAULT gen_random_uuid()")
            await connection.copy_records_to_table(
                "read_log", records=records, columns=["actor", "operation", "subject_type"]
            )
            raise ZeroDivisionError
    assert await themes(audit) == 0


async def test_a_caller_who_hangs_up_leaves_nothing_and_no_connection(audit: Running) -> None:
    entered = asyncio.Event()

    async def work() -> None:
        async with audit.database.transaction() as session:
            await session.execute(sa.text(ROW))
            entered.set()
            await asyncio.sleep(60)

    for _ in range(30):
        entered.clear()
        task = asyncio.create_task(work())
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await themes(audit) == 0
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_snapshot_cannot_write_and_sees_one_moment(audit: Running) -> None:
    async with audit.database.snapshot() as session:
        before = (await session.execute(sa.text("SELECT count(*) FROM read_log"))).scalar_one()
        async with audit.database.transaction() as other:
            await other.execute(sa.text(ROW))
        assert (await session.execute(sa.text("SELECT count(*) FROM read_log"))).scalar_one() == before
        with pytest.raises(sa.exc.DBAPIError) as refused:
            await session.execute(sa.text(ROW))
    assert isinstance(problem_from_database(refused.value), Unavailable)


async def test_a_terminated_connection_costs_one_request_at_most_and_is_replaced(audit: Running, server) -> None:  # type: ignore[no-untyped-def]
    client = await audit.client()
    assert (await client.get("/v1/framework/units")).status_code == 200
    await server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qapf-audit'")
    answers = [(await client.get("/v1/framework/units")).status_code for _ in range(6)]
    assert set(answers) <= {200, 503}
    assert answers[-1] == 200


async def test_an_exhausted_pool_is_503_with_retry_after(start: Start) -> None:
    audit = await start("audit", dorset=False, pool_size=1, pool_overflow=0, pool_timeout_seconds=0.2)
    client = await audit.client()
    async with audit.database.transaction():
        answer = await client.get("/v1/framework/units")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.get("/v1/framework/units")).status_code == 200


async def test_a_lock_held_too_long_is_503(start: Start) -> None:
    audit = await start("audit", dorset=False, lock_timeout_seconds=0.2)
    client = await audit.client()
    async with audit.database.transaction() as session:
        await session.execute(sa.text("LOCK TABLE framework_item"))
        answer = await client.get("/v1/framework/units")
    assert answer.status_code == 503


async def test_pools_larger_than_the_server_gives_are_refused_at_start(audit: Running) -> None:
    greedy = audit.app.state.settings.model_copy(update={"pool_size": 100, "workers": 64})
    with pytest.raises(SettingsError, match="QAPF_POOL_SIZE"):
        await check_connections(audit.database, greedy)


_SELF = Statement(sa.select(sa.func.pg_backend_pid(), sa.bindparam("told", type_=sa.Text()), sa.literal(7)))


async def test_one_statement_is_answered_without_a_transaction_and_its_connection_given_back(audit: Running) -> None:
    for told in ("one", "two"):
        assert [row[1:] for row in await audit.database.fetch(_SELF, {"told": told})] == [(told, 7)]
    failing = Statement(sa.select(sa.literal_column("1/0")))
    with pytest.raises(asyncpg.DivisionByZeroError):
        await audit.database.fetch(failing, {})
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_connection_that_died_at_rest_costs_a_reader_nothing(audit: Running, server) -> None:  # type: ignore[no-untyped-def]
    ((pid, *_),) = await audit.database.fetch(_SELF, {"told": "x"})
    await server.run(f"SELECT pg_terminate_backend({pid})")
    await asyncio.sleep(0.1)
    ((other, *_),) = await audit.database.fetch(_SELF, {"told": "x"})
    assert other != pid
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_crowd_of_writers_waits_its_turn_and_opens_no_more_connections_than_allowed(audit: Running) -> None:
    before = audit.database.pool_figures()["open"]

    async def slow() -> None:
        async with audit.database.writing() as work:
            await work.fetchrow("SELECT pg_sleep(0.05)")

    await asyncio.gather(*(slow() for _ in range(10)))
    assert audit.database.pool_figures() == {"open": before + audit.app.state.settings.writers, "in_use": 0}


async def test_a_session_that_was_rolled_back_leaves_its_connection_fit_for_the_next(audit: Running) -> None:
    insert = "INSERT INTO read_log (id, actor, operation, subject_type) VALUES (gen_random_uuid(), 'x', 'y', 'z')"
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with audit.database.writing() as work:
                await (await work.session()).execute(sa.text(insert))
                raise ZeroDivisionError
        async with audit.database.writing() as work:
            await work.write(insert)
    async with audit.database.snapshot() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM read_log"))).scalar_one() == 2


async def test_a_commit_that_fails_leaves_nothing_and_nobody_finds_its_transaction(audit: Running) -> None:
    orphan = "INSERT INTO org_unit (code, name, kind, parent, valid_from) VALUES ('x', 'X', 'team', 'no_such', now())"
    for _ in range(audit.app.state.settings.writers + 1):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with audit.database.writing() as work:
                await work.begin()
                await work.write(orphan)
        with pytest.raises(sa.exc.IntegrityError):
            async with audit.database.writing() as work:
                session = await work.session()
                await session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
                await session.execute(sa.text(orphan))
    async with audit.database.writing() as work:
        found = await work.fetchrow("SELECT count(*), pg_current_xact_id_if_assigned() FROM org_unit WHERE code = 'x'")
    assert tuple(found) == (0, None)
    assert audit.database.pool_figures()["in_use"] == 0


async def test_what_is_written_on_the_driver_is_there_whole_or_not_at_all(audit: Running) -> None:
    insert = "INSERT INTO read_log (id, actor, operation, subject_type) VALUES (gen_random_uuid(), 'x', 'y', 'z')"

    async def stored() -> int:
        async with audit.database.snapshot() as session:
            return int((await session.execute(sa.text("SELECT count(*) FROM read_log"))).scalar_one())

    async with audit.database.writing() as work:
        await work.write(insert)
    assert await stored() == 1
    async with audit.database.writing() as work:
        await (await work.session()).execute(sa.text(insert))
        await work.write(insert)
    assert await stored() == 3
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with audit.database.writing() as work:
            await (await work.session()).execute(sa.text(insert))
            await work.write(insert)
            await work.fetchrow("SELECT 1/0")
    assert await stored() == 3

    async def hung_up() -> None:
        async with audit.database.writing() as work:
            await work.begin()
            await work.write(insert)
            await asyncio.sleep(60)

    task = asyncio.create_task(hung_up())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await stored() == 3
    assert audit.database.pool_figures()["in_use"] == 0


async def test_nothing_follows_what_was_written_outside_a_transaction(audit: Running) -> None:
    async with audit.database.writing() as work:
        await work.write("SELECT 1")
        with pytest.raises(AssertionError):
            await work.session()


async def test_a_connection_that_died_at_rest_costs_a_writer_nothing(audit: Running, server) -> None:  # type: ignore[no-untyped-def]
    async with audit.database.writing() as work:
        pid = (await work.fetchrow("SELECT pg_backend_pid()"))[0]
    await server.run(f"SELECT pg_terminate_backend({pid})")
    await asyncio.sleep(0.1)
    async with audit.database.writing() as work:
        assert (await work.fetchrow("SELECT pg_backend_pid()"))[0] != pid
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_crowd_of_readers_waits_its_turn_and_opens_no_more_connections_than_allowed(audit: Running) -> None:
    slow = Statement(sa.select(sa.func.pg_backend_pid(), sa.literal_column("pg_sleep(0.05)::text").label("slept")))
    answers = await asyncio.gather(*(audit.database.fetch(slow, {}) for _ in range(20)))
    assert len({pid for ((pid, _),) in answers}) == audit.app.state.settings.readers
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_reader_who_waits_too_long_for_a_connection_is_told_that_all_are_in_use(start: Start) -> None:
    audit = await start("audit", dorset=False, readers=1, pool_timeout_seconds=0.2)
    slow = asyncio.create_task(audit.database.fetch(Statement(sa.select(sa.literal_column("pg_sleep(1)::text"))), {}))
    await asyncio.sleep(0.05)
    with pytest.raises(sa.exc.TimeoutError) as late:
        await audit.database.fetch(_SELF, {"told": "x"})
    problem = problem_from_database(late.value)
    assert isinstance(problem, Unavailable)
    await slow
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_reader_who_hangs_up_leaves_his_connection_to_the_next(audit: Running) -> None:
    slow = Statement(sa.select(sa.func.pg_backend_pid(), sa.literal_column("pg_sleep(60)::text").label("slept")))
    for _ in range(2 * audit.app.state.settings.readers):
        task = asyncio.create_task(audit.database.fetch(slow, {}))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [row[1:] for row in await audit.database.fetch(_SELF, {"told": "x"})] == [("x", 7)]
    assert audit.database.pool_figures()["in_use"] == 0


async def test_a_reading_connection_that_lay_too_long_is_opened_anew(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((pid, *_),) = await audit.database.fetch(_SELF, {"told": "x"})
    assert (await audit.database.fetch(_SELF, {"told": "x"}))[0][0] == pid
    monkeypatch.setattr(lender, "_LONGEST_REST_SECONDS", 0.0)
    assert (await audit.database.fetch(_SELF, {"told": "x"}))[0][0] != pid
