"""A database whose address says `?ssl=verify-full`: reached by authorities that are trusted, and by no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shared.auth.local_issuer import LocalIssuer
from shared.database import open_database
from shared.database_errors import DATABASE_ERRORS
from shared.migrations import current_revision, head_revision, migrate
from tests.conftest import Server, make_settings
from tests.shared.certificates import ANOTHERS, OURS, Authority


@asynccontextmanager
async def behind_tls(server: Server, name: str, authority: Authority, names: object) -> AsyncIterator[str]:
    """The address of a database behind a door that speaks PostgreSQL's TLS and passes on what it hears."""
    inside = make_url(server.url(name))
    tls = authority.server(names)  # type: ignore[arg-type]

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while heard := await reader.read(65_536):
            writer.write(heard)
            await writer.drain()
        writer.close()

    async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        try:
            await writer.start_tls(tls)
            if inside.host:
                behind = await asyncio.open_connection(inside.host, inside.port or 5432)
            else:
                behind = await asyncio.open_unix_connection(f"{inside.query['host']}/.s.PGSQL.5432")
            await asyncio.gather(pump(reader, behind[1]), pump(behind[0], writer))
        except OSError:
            writer.close()

    listener = await asyncio.start_server(door, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    address = inside.set(host="127.0.0.1", port=port, query={"ssl": "verify-full"})
    yield address.render_as_string(hide_password=False)
    listener.close()


@pytest.mark.parametrize(
    ("trusts", "names", "reached"), [(True, OURS, True), (False, OURS, False), (True, ANOTHERS, False)],
    ids=["named", "not named", "another's name"],
)  # fmt: skip
async def test_a_database_is_reached_where_its_authority_is_named(
    server: Server, issuer: LocalIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    trusts: bool, names: object, reached: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    authority, file = Authority(tmp_path), None
    if trusts:
        file = authority.kept()
        monkeypatch.setenv("QAPF_AUTHORITIES_FILE", str(file))
    name = await server.clone(None)
    async with behind_tls(server, name, authority, names) as url:
        database = open_database("audit", make_settings(issuer, "audit", url, authorities_file=file))
        if reached:
            await asyncio.to_thread(migrate, "audit", url)
            assert await current_revision(database) == head_revision("audit")
            async with database.writing() as work:
                assert list((await work.fetch("SELECT 1"))[0]) == [1]
            assert await database.readers.fetch("SELECT 1", []) == [(1,)]
        else:
            with pytest.raises(DATABASE_ERRORS):
                async with database.snapshot() as session:
                    await session.execute(sa.text("SELECT 1"))
            with pytest.raises((OSError, *DATABASE_ERRORS)):
                await asyncio.to_thread(migrate, "audit", url)
        await database.close()
    await server.drop(name)
