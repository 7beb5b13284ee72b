"""Running a service's migrations: one at a time, whoever starts first, and giving up rather than blocking traffic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from shared.database import Database
from shared.settings import ServiceName

ROOT = Path(__file__).resolve().parents[1]
LOCK = 0x51415047


def alembic_config(service: ServiceName, url: str | None = None) -> Config:
    config = Config(str(ROOT / "alembic.ini"), ini_section=service)
    config.set_section_option(service, "script_location", str(ROOT / "migrations"))
    config.set_section_option(service, "version_locations", str(ROOT / "migrations" / service))
    if url is not None:
        config.attributes["url"] = url
    return config


@cache
def head_revision(service: ServiceName) -> str:
    """The newest migration this code knows."""
    head = ScriptDirectory.from_config(alembic_config(service)).get_current_head()
    assert head is not None
    return head


def migrate(service: ServiceName, url: str, revision: str = "head") -> None:
    """Bring one database to a revision. Blocking: call it from a thread where a loop runs."""
    config = alembic_config(service, url)
    if revision == "head" or not revision.startswith("-"):
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)


async def current_revision(database: Database) -> str | None:
    """The revision the database is at; None where it was never migrated."""
    async with database.snapshot() as session:
        exists = await session.execute(sa.text("SELECT to_regclass('alembic_version') IS NOT NULL"))
        if not exists.scalar_one():
            return None
        found: str | None = (
            await session.execute(sa.text("SELECT version_num FROM alembic_version"))
        ).scalar_one_or_none()
        return found
