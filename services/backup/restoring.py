"""`qapf restore`: the four databases brought back to the point of a backup, proved to be it, and marked as restored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.backup.errors import BackupError
from services.backup.manifest import DatabaseDump, Manifest, count_rows, read_manifest
from services.backup.programs import find_program, run
from shared.activity.record import record_activity
from shared.activity.verify import verify_chain
from shared.auth.caller import system_caller
from shared.database import Database, open_database
from shared.migrations import head_revision, migrate
from shared.settings import ServiceName, Settings
from shared.tables import activity_head

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'qapf-%'
"""


async def restore_backup(settings: Settings, folder: Path, *, replace: bool) -> Manifest:
    """Restore all four; raises BackupError before anything is touched where one of them cannot be."""
    manifest = read_manifest(folder)
    programs: dict[ServiceName, Path] = {}
    for service, dump in manifest.databases.items():
        if dump.revision > head_revision(service):
            raise BackupError(f"the backup of {service} is of a later release than this: restore it with that one")
        async with _opened(service, settings) as database:
            programs[service] = find_program("pg_restore", max(dump.server, await _check(service, database, replace)))
    for service, dump in manifest.databases.items():
        url = settings.database_url(service)
        async with _opened(service, settings) as database, database.transaction() as session:
            await session.execute(sa.text("DROP OWNED BY CURRENT_USER CASCADE"))
        await run(
            programs[service],
            "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
            f"--dbname={sa.make_url(url).database}", str(folder / dump.file),
            url=url, authorities=settings.authorities_file,
        )  # fmt: skip
        async with _opened(service, settings) as database:
            await _prove(service, database, dump)
        if dump.revision != head_revision(service):
            await asyncio.to_thread(migrate, service, url)
        async with _opened(service, settings) as database, database.transaction() as session:
            await _mark(session, service, dump, manifest)
    return manifest


@asynccontextmanager
async def _opened(service: ServiceName, settings: Settings) -> AsyncIterator[Database]:
    database = open_database(service, settings)
    try:
        yield database
    finally:
        await database.close()


async def _check(service: ServiceName, database: Database, replace: bool) -> int:
    """The server's major version, where the database may be written over."""
    async with database.snapshot() as session:
        if (await session.execute(sa.text(_OTHERS))).scalar_one():
            raise BackupError(f"something is connected to the database of {service}: stop the services first")
        if not replace and any((await count_rows(session)).values()):
            raise BackupError(f"the database of {service} holds data: give --replace to lose them")
        return int((await session.execute(sa.text("SHOW server_version_num"))).scalar_one()) // 10000


async def _prove(service: ServiceName, database: Database, dump: DatabaseDump) -> None:
    async with database.snapshot() as session:
        rows = await count_rows(session)
    different = sorted(name for name in rows.keys() | dump.rows.keys() if rows.get(name) != dump.rows.get(name))
    if different:
        raise BackupError(f"{service}: {', '.join(different)} has not the rows that were saved: restore again")
    verdict = await verify_chain(database)
    if verdict.faults or verdict.head != dump.head:
        faults = "; ".join(verdict.faults) or "it does not end at the head that was saved"
        raise BackupError(f"{service}: the activity log is not whole ({faults})")


async def _mark(session: AsyncSession, service: ServiceName, dump: DatabaseDump, manifest: Manifest) -> None:
    """By the new epoch readers of the feed know to begin anew: positions after the point are given twice."""
    await session.execute(sa.update(activity_head).values(epoch=sa.func.gen_random_uuid()))
    data = {"taken_at": manifest.taken_at.isoformat(), "position": dump.position, "epoch_before": dump.epoch}
    await record_activity(session, system_caller("restore"), "database.restored", "database", service, data=data)
