"""What an operator does to the databases: migrate, save and restore them, and verify that their logs are whole."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from alembic import command

from services.backup.errors import BackupError
from services.backup.restoring import restore_backup
from services.backup.taking import remove_old, take_backup
from services.local import local_home, local_settings, urls_are_given
from services.postgres import LocalPostgres
from shared.activity.sealer import seal_all
from shared.activity.verify import Verdict, verify_chain
from shared.database import Database, open_database
from shared.database_errors import DATABASE_ERRORS, sqlstate, takes_nothing
from shared.migrations import alembic_config, migrate
from shared.settings import SERVICES, ServiceName, Settings, load_settings

T = TypeVar("T")


@contextlib.contextmanager
def reachable_settings() -> Iterator[Settings]:
    """Settings whose databases answer: the environment's, the local server of a running `make run`, or that server
    started for as long as this takes."""
    if urls_are_given():
        yield load_settings(environment="local")
        return
    server = LocalPostgres(local_home())
    if server.status().pid is not None:
        yield local_settings(server)
        return
    with server:
        server.ensure_roles_and_databases(SERVICES)
        yield local_settings(server)


def migrate_all(services: Sequence[ServiceName], revision: str) -> None:
    with reachable_settings() as settings:
        for service in services:
            migrate(service, settings.database_url(service), revision)
            print(f"{service}: migrated")


def new_migration(service: ServiceName, message: str) -> None:
    """Write migrations/<service>/<next>_<message>.py from what the models have and the database lacks."""
    with reachable_settings() as settings:
        url = settings.database_url(service)
        migrate(service, url)
        config = alembic_config(service, url)
        from shared.migrations import ROOT, head_revision

        following = f"{int(head_revision(service)) + 1:04}"
        command.revision(
            config,
            message,
            autogenerate=True,
            rev_id=following,
            version_path=str(ROOT / "migrations" / service),
        )


def verify_all(services: Sequence[ServiceName], anchor: str | None) -> bool:
    """Print a verdict for each service; returns whether all are whole."""
    with reachable_settings() as settings:
        return _done(_verify(settings, services, anchor))


def back_up(folder: Path, keep_days: int | None) -> None:
    """Print where the backup is and the heads it holds, which are anchors for `qapf verify`; then let old ones go."""
    with reachable_settings() as settings:
        made, manifest = _done(take_backup(settings, folder))
    for service, dump in manifest.databases.items():
        print(
            f"{service}: {sum(dump.rows.values())} rows, {dump.bytes} bytes, position {dump.position}, head {dump.head}"
        )
    print(f"saved in {made}; writing was held for {manifest.writes_held_ms} ms")
    if keep_days is not None:
        for name in remove_old(folder, keep_days, manifest.taken_at):
            print(f"removed {name}")


def restore_from(folder: Path, replace: bool) -> None:
    with reachable_settings() as settings:
        manifest = _done(restore_backup(settings, folder, replace=replace))
    for service, dump in manifest.databases.items():
        print(f"{service}: restored and whole, {sum(dump.rows.values())} rows, position {dump.position}")
    print(f"all four are as of {manifest.taken_at.isoformat(timespec='seconds')}; the activity feeds have new epochs")


def _done(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except DATABASE_ERRORS as error:
        state = sqlstate(error) or "no connection"
        raise BackupError(
            f"a database refused ({state}): `qapf doctor` says whether each is reached and migrated; "
            "its role must own everything in it"
        ) from error


async def _seal(database: Database) -> None:
    try:
        await seal_all(database)
    except DATABASE_ERRORS as error:
        # On a standby, or with the disk full, what is sealed already is verified all the same.
        if not takes_nothing(error):
            raise


async def _verify(settings: Settings, services: Sequence[ServiceName], anchor: str | None) -> bool:
    whole = True
    for service in services:
        database = open_database(service, settings)
        try:
            # What is to be evidence is not written to.
            if not settings.read_only:
                await _seal(database)
            verdict = await verify_chain(database, anchor)
        except DATABASE_ERRORS as error:
            whole = False
            print(f"{service}: NOT READ, its database refused ({sqlstate(error) or 'no connection'})")
            continue
        finally:
            await database.close()
        whole = whole and not verdict.faults
        print(f"{service}: {_said(verdict)}")
        for fault in verdict.faults:
            print(f"  {fault}")
    return whole


def _said(verdict: Verdict) -> str:
    later = f", {verdict.unsealed} not sealed yet" if verdict.unsealed else ""
    return f"{'NOT WHOLE' if verdict.faults else 'whole'}, {verdict.sealed} sealed, head {verdict.head}{later}"
