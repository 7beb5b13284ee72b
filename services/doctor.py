"""`qapf doctor`: looks at everything the services stand on and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from services.dangling import Dangling, find_dangling
from services.local import ROOT
from services.operations import reachable_settings
from services.postgres import PostgresError
from shared.auth.sources import build_verifier
from shared.database import Database, check_connections, open_database
from shared.database_errors import DATABASE_ERRORS
from shared.migrations import current_revision, head_revision
from shared.schemas.framework.tree import FrameworkError, read_tree
from shared.settings import SERVICES, ServiceName, Settings, SettingsError
from shared.tables import framework_item

_LEAST_FREE = 1_000_000_000
_MOST_SKEW_SECONDS = 2.0
_OLDEST_POSTGRES = 160000
_HELD = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'"
_SHARED_KINDS = ("units", "agencies", "themes")


@dataclass(frozen=True)
class Finding:
    good: bool
    what: str
    advice: str = ""

    def __str__(self) -> str:
        return f"ok   {self.what}" if self.good else f"FAIL {self.what}: {self.advice}"


def examine() -> bool:
    """Print every finding; returns whether all is well."""
    findings = list(_machine())
    try:
        with reachable_settings() as settings:
            findings += list(_keys(settings))
            findings += asyncio.run(_collect(settings))
    except (SettingsError, PostgresError) as error:
        findings.append(Finding(False, "settings", str(error)))
    for one in findings:
        print(one)
    return all(one.good for one in findings)


def _machine() -> Iterator[Finding]:
    version = sys.version_info[:2]
    yield Finding((3, 11) <= version < (3, 14), f"Python {version[0]}.{version[1]}", "use Python 3.11, 3.12 or 3.13")
    free = shutil.disk_usage(ROOT).free
    yield Finding(free > _LEAST_FREE, f"{free // 1_000_000} MB of disk free", "make room: writes will soon answer 507")
    yield _framework(ROOT / "framework" / "dorset")


def _framework(tree: Path) -> Finding:
    try:
        read_tree(tree)
    except FrameworkError as error:
        return Finding(False, "framework files", str(error))
    return Finding(True, "framework files are sound")


def _keys(settings: Settings) -> Iterator[Finding]:
    try:
        build_verifier(settings)
    except SettingsError as error:
        yield Finding(False, "identity provider", str(error))
        return
    yield Finding(True, f"tokens of {settings.oidc_issuer} are accepted")
    if settings.authorities_file is not None:
        yield Finding(True, "authorities of your own are trusted")


async def _collect(settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    hashes: dict[ServiceName, dict[tuple[str, str], bytes]] = {}
    migrated: dict[ServiceName, Database] = {}
    async with AsyncExitStack() as stack:
        for service in SERVICES:
            database = open_database(service, settings)
            stack.push_async_callback(database.close)
            try:
                findings += [one async for one in _database(service, database, settings)]
                hashes[service] = await _applied(database)
                if await current_revision(database) == head_revision(service):
                    migrated[service] = database
            except (*DATABASE_ERRORS, SettingsError) as error:
                mend = str(error) if isinstance(error, SettingsError) else "start it, or mend its address and password"
                findings.append(Finding(False, f"{service} database", mend))
        dangling = await find_dangling(migrated)
    return [*findings, *_drift(hashes), *map(_leads, dangling)]


def _leads(found: Dangling) -> Finding:
    one = found.reference
    some = f" ({', '.join(found.examples)})" if found.examples else ""
    advice = f"{found.count} lead nowhere{some}: was {one.target} restored to an earlier point than {one.service}?"
    return Finding(not found.count, f"{one.service}: {one.what} are found in {one.target}", advice)


async def _database(service: ServiceName, database: Database, settings: Settings) -> AsyncIterator[Finding]:
    async with database.snapshot() as session:
        number = int((await session.execute(sa.text("SHOW server_version_num"))).scalar_one())
        there: datetime = (await session.execute(sa.text("SELECT clock_timestamp()"))).scalar_one()
        waiting = (
            await session.execute(sa.text("SELECT CASE WHEN to_regclass('activity_pending') IS NULL THEN 0 ELSE 1 END"))
        ).scalar_one()
        held: bool = (await session.execute(sa.text(_HELD))).scalar_one()
    yield Finding(not held, f"{service}: changes are taken", "it is a standby, or default_transaction_read_only is on")
    yield Finding(number >= _OLDEST_POSTGRES, f"{service}: PostgreSQL {number // 10000}", "use PostgreSQL 16 or later")
    skew = abs((there - datetime.now(UTC)).total_seconds())
    yield Finding(skew < _MOST_SKEW_SECONDS, f"{service}: clocks agree", f"they differ by {skew:.1f} s: check NTP")
    revision, head = await current_revision(database), head_revision(service)
    yield Finding(revision == head, f"{service}: migration {revision}", f"run `qapf migrate` (newest is {head})")
    await check_connections(database, settings)
    if waiting:
        async with database.snapshot() as session:
            old = sa.text(
                "SELECT count(*) FROM activity_pending p JOIN activity a ON a.id = p.activity_id "
                "WHERE a.at < clock_timestamp() - interval '5 minutes'"
            )
            unsealed = (await session.execute(old)).scalar_one()
        yield Finding(
            unsealed == 0,
            f"{service}: activity is sealed",
            f"{unsealed} old rows wait: is a service running?",
        )


async def _applied(database: Database) -> dict[tuple[str, str], bytes]:
    if await current_revision(database) is None:
        return {}
    table = framework_item
    statement = sa.select(table.c.kind, table.c.code, table.c.hash).where(
        table.c.kind.in_(_SHARED_KINDS), ~table.c.retired
    )
    async with database.snapshot() as session:
        return {(row.kind, row.code): row.hash for row in await session.execute(statement)}


def _drift(hashes: dict[ServiceName, dict[tuple[str, str], bytes]]) -> Iterator[Finding]:
    everything = {key for applied in hashes.values() for key in applied}
    different = {key for key in everything if len({applied.get(key) for applied in hashes.values()}) > 1}
    examples = ", ".join(f"{kind}/{code}" for kind, code in sorted(different)[:5])
    yield Finding(
        not different,
        "the four services hold the same organisation, agencies and themes",
        f"{len(different)} differ ({examples}): run `qapf apply framework/dorset`",
    )
    yield Finding(bool(everything), "a framework is applied", "run `qapf apply framework/dorset`")
