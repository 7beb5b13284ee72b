"""`qapf backup`: the four databases dumped as they stood at one point.

Every change writes to `activity` in its own transaction. For as long as that table is locked in all four databases no
change is half done and none begins; in that moment, mostly some milliseconds, each database names its snapshot. Then
writing goes on, and the dumps are made of the snapshots. So what one service quotes of another is in the backup too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.backup.errors import BackupError
from services.backup.manifest import DatabaseDump, Manifest, count_rows, digest, write_manifest
from services.backup.programs import find_program, run
from shared.activity.sealer import read_head
from shared.app import VERSION
from shared.database import Database, open_database
from shared.settings import SERVICES, ServiceName, Settings

# Behind a lock that waits every writer waits, so it waits no longer than a caller would notice.
_HELD = ("SET LOCAL lock_timeout = '2s'", "LOCK TABLE activity IN SHARE MODE")
_KEPT = ("SET LOCAL idle_in_transaction_session_timeout = 0", "SET LOCAL statement_timeout = 0")
_ATTEMPTS = 10
_NAMED = "%Y%m%dT%H%M%SZ"
_ALWAYS_KEPT = 7
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True)
class _Point:
    """One database's snapshot, by the name under which others may share it."""

    session: AsyncSession
    name: str


async def take_backup(settings: Settings, folder: Path) -> tuple[Path, Manifest]:
    """Make a new folder in `folder` with the backup; returns it with what the manifest says."""
    made = _new_folder(folder)
    async with AsyncExitStack() as stack:
        databases = {service: open_database(service, settings) for service in SERVICES}
        for database in databases.values():
            stack.push_async_callback(database.close)
        points, taken_at, held_ms = await _one_point(databases, stack)
        dumps = {service: await _dump(service, settings, point, made) for service, point in points.items()}
    manifest = Manifest(taken_at=taken_at, version=VERSION, writes_held_ms=held_ms, databases=dumps)
    write_manifest(made, manifest)
    return made, manifest


def remove_old(folder: Path, days: int, now: datetime) -> list[str]:
    """Remove what was saved more than so many days ago, whole or not; returns the names. Nothing else is touched.

    The newest few stay whatever their age: a clock that runs ahead must not cost the last backup.
    """
    saved = []
    for path in folder.iterdir():
        with suppress(ValueError):
            made = datetime.strptime(path.name, _NAMED).replace(tzinfo=UTC)
            if path.is_dir() and not path.is_symlink():
                saved.append((made, path))
    old = [path for made, path in sorted(saved)[:-_ALWAYS_KEPT] if made < now - timedelta(days=days)]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def _new_folder(folder: Path) -> Path:
    made = folder / datetime.now(UTC).strftime(_NAMED)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made.mkdir(mode=0o700)
    except OSError as error:
        raise BackupError(f"no backup can be written in that folder ({error.strerror})") from None
    return made


async def _one_point(
    databases: Mapping[ServiceName, Database], stack: AsyncExitStack
) -> tuple[dict[ServiceName, _Point], datetime, int]:
    for _ in range(_ATTEMPTS):
        attempt = AsyncExitStack()
        try:
            found = await _hold_and_name(databases, attempt)
        except DBAPIError as error:
            await attempt.aclose()
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            await asyncio.sleep(1)
            continue
        except BaseException:
            await attempt.aclose()
            raise
        stack.push_async_callback(attempt.aclose)
        return found
    raise BackupError("a long change, such as an import, is under way: take the backup when it has ended")


async def _hold_and_name(
    databases: Mapping[ServiceName, Database], kept: AsyncExitStack
) -> tuple[dict[ServiceName, _Point], datetime, int]:
    # All connections are opened first. A snapshot is not taken before a session's first question, which is its name.
    keepers = {service: await kept.enter_async_context(one.snapshot()) for service, one in databases.items()}
    for keeper in keepers.values():
        for statement in _KEPT:
            await keeper.execute(sa.text(statement))
    async with AsyncExitStack() as still:
        holders = [await still.enter_async_context(one.transaction()) for one in databases.values()]
        began = time.monotonic()
        for holder in holders:
            for statement in _HELD:
                await holder.execute(sa.text(statement))
        taken_at = datetime.now(UTC)
        points = {service: _Point(keeper, await _name(keeper)) for service, keeper in keepers.items()}
    return points, taken_at, round((time.monotonic() - began) * 1000)


async def _name(session: AsyncSession) -> str:
    found: str = (await session.execute(sa.text("SELECT pg_export_snapshot()"))).scalar_one()
    return found


async def _dump(service: ServiceName, settings: Settings, point: _Point, folder: Path) -> DatabaseDump:
    session = point.session
    server = int((await session.execute(sa.text("SHOW server_version_num"))).scalar_one()) // 10000
    revision = (await session.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one()
    head, rows = await read_head(session), await count_rows(session)
    path = folder / f"{service}.dump"
    path.touch(mode=0o600)
    await run(
        find_program("pg_dump", server),
        "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={point.name}", f"--file={path}",
        url=settings.database_url(service), authorities=settings.authorities_file,
    )  # fmt: skip
    with path.open("rb") as opened:
        os.fsync(opened.fileno())
    return DatabaseDump(
        file=path.name, bytes=path.stat().st_size, sha256=digest(path), server=server, revision=revision,
        epoch=str(head.epoch), position=head.position, head=head.hash.hex(), rows=rows,
    )  # fmt: skip
