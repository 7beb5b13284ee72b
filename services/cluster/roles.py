"""One role and one database for each service, none of which reaches another's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import asyncpg

from services.cluster.errors import PostgresError

T = TypeVar("T")
Connect = Callable[[str], Awaitable[Any]]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end from synchronous code, also where this thread already has a running loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def ensure(connect: Connect, names: Sequence[str], passwords: Mapping[str, str]) -> None:
    """Make what is missing and set right what is there; run again, it changes nothing."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise PostgresError(f"{name!r} cannot name a role: use small letters, digits and underscores")
    connection = await connect("postgres")
    try:
        # A role needs no way into the maintenance databases either: what it cannot enter it cannot fill.
        await connection.execute("REVOKE ALL ON DATABASE postgres FROM PUBLIC")
        await connection.execute("REVOKE ALL ON DATABASE template1 FROM PUBLIC")
        for name in names:
            await _ensure_one(connection, name, passwords[name])
    finally:
        await connection.close()
    for name in names:
        connection = await connect(f"qapf_{name}")
        try:
            await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        finally:
            await connection.close()


async def _ensure_one(connection: Any, name: str, password: str) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if known else "CREATE"
    await connection.execute(f"{verb} ROLE \"{name}\" LOGIN PASSWORD '{password}'")
    database = f"qapf_{name}"
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        await connection.execute(f'CREATE DATABASE "{database}" OWNER "{name}"')
    await connection.execute(f'ALTER DATABASE "{database}" OWNER TO "{name}"')
    await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')


async def connect(folder: str, user: str, password: str, database: str) -> Any:
    """A connection through the socket in `folder`, whatever PG* variables say."""
    return await asyncpg.connect(
        host=folder, port=5432, user=user, password=password, database=database, ssl=False, timeout=30
    )
