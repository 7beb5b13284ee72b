"""A backup holds all four databases at one point, and what is restored from it is proved to be that."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from services.backup import taking
from services.backup.errors import BackupError
from services.backup.manifest import Manifest, read_manifest
from services.backup.programs import run
from services.backup.restoring import restore_backup
from services.backup.taking import take_backup
from shared.activity.record import record_activity
from shared.activity.sealer import seal_all
from shared.activity.verify import verify_chain
from shared.auth.caller import system_caller
from shared.auth.local_issuer import LocalIssuer
from shared.database import Database, open_database
from shared.settings import SERVICES, ServiceName, Settings
from tests.conftest import Server, make_settings

QUOTED = "SELECT subject_id FROM activity WHERE subject_type = 'quoted'"


async def ask(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
    try:
        return [row[0] for row in await connection.fetch(statement)]
    finally:
        await connection.close()


@pytest.fixture
async def bare(server: Server, issuer: LocalIssuer) -> AsyncIterator[Settings]:
    """Four empty databases as in production: each owned by a role that can do nothing else."""
    mark, urls = secrets.token_hex(4), {}
    for service in SERVICES:
        name = f"qapf_{service}_{mark}"
        await server.run(f"CREATE ROLE {name} LOGIN PASSWORD 'invented'", f"CREATE DATABASE {name} OWNER {name}")
        address = make_url(server.url(name)).set(username=name, password="invented")
        urls[f"{service}_database_url"] = address.render_as_string(hide_password=False)
    yield make_settings(issuer, "audit", urls.pop("audit_database_url"), **urls)
    for service in SERVICES:
        name = f"qapf_{service}_{mark}"
        await server.run(f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[dict[ServiceName, Database]]:
    databases = {service: open_database(service, settings) for service in SERVICES}
    try:
        yield databases
    finally:
        for database in databases.values():
            await database.close()


async def quote(databases: dict[ServiceName, Database], number: int) -> None:
    """Something is stored in one service; when that is done, another quotes it."""
    for service in ("reporting", "audit"):
        async with databases[service].transaction() as session:  # type: ignore[index]
            await record_activity(session, system_caller("test"), "thing.made", "quoted", f"{number:06}")


async def saved_while_writing(settings: Settings, folder: Path) -> tuple[Path, Manifest, int]:
    async with opened(settings) as databases:
        written = 0

        async def write() -> None:
            nonlocal written
            while True:
                await quote(databases, written)
                written += 1

        for database in databases.values():
            await seal_all(database)
        writing = [asyncio.create_task(write())]
        while written < 20:
            await asyncio.sleep(0.01)
        before = written
        made, manifest = await take_backup(settings, folder)
        assert written > before, "writing goes on while the dumps are made"
        writing[0].cancel()
        await asyncio.gather(*writing, return_exceptions=True)
    return made, manifest, written


async def test_four_databases_are_wiped_and_come_back_as_they_were_at_one_point(
    embedded_settings: Callable[..., Settings], bare: Settings, server: Server, tmp_path: Path
) -> None:
    settings = await asyncio.to_thread(embedded_settings)
    made, manifest, written = await saved_while_writing(settings, tmp_path)
    assert manifest.writes_held_ms < 2000
    assert made.stat().st_mode & 0o077 == 0
    for service in SERVICES:
        await server.drop(str(make_url(settings.database_url(service)).database))

    await restore_backup(bare, made, replace=False)

    there = {service: set(await ask(bare.database_url(service), QUOTED)) for service in ("reporting", "audit")}
    assert there["audit"] <= there["reporting"]
    assert len(there["reporting"] - there["audit"]) <= 1
    assert 20 <= len(there["audit"]) < written
    async with opened(bare) as databases:
        for service, database in databases.items():
            dump = manifest.databases[service]
            assert dump.rows["framework_item"] > 0
            await seal_all(database)
            verdict = await verify_chain(database, dump.head if dump.position else None)
            assert verdict.faults == []
            assert verdict.epoch != dump.epoch
            assert verdict.sealed == dump.rows["activity"] + 1
    (told,) = await ask(bare.database_url("audit"), "SELECT data FROM activity WHERE action = 'database.restored'")
    assert json.loads(told)["epoch_before"] == manifest.databases["audit"].epoch

    await restoring_again(bare, made)


async def restoring_again(bare: Settings, made: Path) -> None:
    """What is there is not lost unawares, and is lost whole when that is asked for."""
    with pytest.raises(BackupError, match="the database of audit holds data: give --replace"):
        await restore_backup(bare, made, replace=False)
    async with opened(bare) as databases:
        await quote(databases, 999_999)
        with pytest.raises(BackupError, match="connected to the database of audit: stop the services"):
            await restore_backup(bare, made, replace=True)
    whole = (made / "feedback.dump").read_bytes()
    (made / "feedback.dump").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BackupError, match="the dump of feedback is not the one that was taken"):
        await restore_backup(bare, made, replace=True)
    text = (made / "manifest.json").read_text()
    (made / "feedback.dump").write_bytes(whole)
    (made / "manifest.json").write_text(text.replace('"activity": ', '"activity": 1', 1))
    with pytest.raises(BackupError, match="audit: activity has not the rows that were saved"):
        await restore_backup(bare, made, replace=True)
    assert "999999" not in await ask(bare.database_url("audit"), QUOTED)
    assert "999999" in await ask(bare.database_url("reporting"), QUOTED)
    (made / "manifest.json").unlink()
    with pytest.raises(BackupError, match="there is no backup in that folder"):
        read_manifest(made)


def test_only_backups_that_are_old_enough_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "_ALWAYS_KEPT", 1)
    for name in ("20261027T013000Z", "20261029T013000Z", "20261128T013000Z", "notes", "20269928T013000Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audit.dump").touch()
    now = datetime(2026, 11, 28, 1, 31, tzinfo=UTC)
    assert taking.remove_old(tmp_path, 30, now) == ["20261027T013000Z", "20261029T013000Z"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20261128T013000Z", "20269928T013000Z", "notes"]
    # By a clock that runs years ahead all are old.
    assert taking.remove_old(tmp_path, 30, now.replace(year=2036)) == []


async def test_a_backup_gives_way_to_a_long_change(
    embedded_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_HELD", ("SET LOCAL lock_timeout = '50ms'", "LOCK TABLE activity IN SHARE MODE"))
    monkeypatch.setattr(taking, "_ATTEMPTS", 1)
    settings = await asyncio.to_thread(embedded_settings)
    async with opened(settings) as databases, databases["feedback"].transaction() as session:
        await record_activity(session, system_caller("test"), "thing.made", "quoted", "1")
        with pytest.raises(BackupError, match="a long change"):
            await take_backup(settings, tmp_path)
        await quote(databases, 1)
    assert not list(tmp_path.rglob("manifest.json"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('pg_restore: error: COPY failed for table "x": ERROR:  invalid input syntax for type date: "canary-1"',
         'pg_restore: error: COPY failed for table "x": ERROR:  invalid input syntax for type date'),
        ('pg_dump: error: connection failed: FATAL:  password authentication failed for user "qapf"\nDETAIL: canary-1',
         'pg_dump: error: connection failed: FATAL:  password authentication failed for user "qapf"'),
        ("", "it said nothing"),
    ],
)  # fmt: skip
async def test_what_a_program_said_is_told_without_any_value_it_quoted(tmp_path: Path, said: str, told: str) -> None:
    (tmp_path / "said").write_text(said)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/said >&2\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(BackupError) as failure:
        await run(program, url="postgresql+asyncpg://x@localhost/x", authorities=None)
    assert str(failure.value) == f"program ended with 3: {told}"
