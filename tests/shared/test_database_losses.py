"""A connection that is cut at the wrong moment is a 503 for whom it meets, and nobody finds it afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from shared.database import Database
from shared.database_errors import problem_from_database
from shared.problems import Unavailable
from shared.readers import Readers
from tests.conftest import Running, Server, Start


@pytest.fixture
async def audit(start: Start) -> Running:
    return await start("audit", dorset=False)


async def test_a_database_that_cannot_be_entered_is_503_for_a_writer_too(audit: Running, server: Server) -> None:
    gone = Database(server.url("no_such_database"), audit.app.state.settings, "audit")
    with pytest.raises(asyncpg.InvalidCatalogNameError) as refused:
        async with gone.writing():
            pass
    assert isinstance(problem_from_database(refused.value), Unavailable)
    assert gone.pool_figures()["in_use"] == 0
    await gone.close()


async def test_what_the_driver_says_of_a_connection_cut_while_it_writes_is_503_and_the_connection_gone(
    audit: Running,
) -> None:
    assert isinstance(problem_from_database(asyncpg.InternalClientError("cannot switch to state")), Unavailable)
    with pytest.raises(asyncpg.InternalClientError):
        async with audit.database.writing() as work:
            pid = (await work.fetchrow("SELECT pg_backend_pid()"))[0]
            raise asyncpg.InternalClientError("cannot switch to state")
    async with audit.database.writing() as work:
        assert (await work.fetchrow("SELECT pg_backend_pid()"))[0] != pid


class Cut:
    """A connection of the driver that is cut while it asks."""

    closed = False

    async def fetch(self, text: str, *values: Any) -> list[asyncpg.Record]:
        raise asyncpg.InternalClientError("cannot switch to state")

    def terminate(self) -> None:
        self.closed = True

    def is_closed(self) -> bool:
        return self.closed


async def test_a_reader_asks_again_where_its_connection_was_cut_while_it_asked(audit: Running) -> None:
    cut = Cut()

    async def connect() -> asyncpg.Connection:
        return cut if not cut.closed else await audit.database._connect()

    readers = Readers(connect, 1, 1)
    assert [tuple(row) for row in await readers.fetch("SELECT 7", ())] == [(7,)]
    assert (cut.closed, readers.in_use, readers.at_rest) == (True, 0, 1)
    await readers.close()


async def test_who_hangs_up_before_the_first_statement_leaves_no_connection_in_use(audit: Running) -> None:
    async def work() -> None:
        async with audit.database.transaction():
            await asyncio.sleep(60)

    for pause in range(30):
        task = asyncio.create_task(work())
        await asyncio.sleep(pause / 5000)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert audit.database.pool_figures()["in_use"] == 0
