"""What a backup holds: one manifest beside four dumps, written last, so that a folder without one is no backup."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.backup.errors import BackupError
from shared.settings import SERVICES, ServiceName

_NAME = "manifest.json"
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"


class DatabaseDump(BaseModel):
    """One database as it stood at the point: its dump, its schema, the head of its activity log, its rows."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(pattern=r"^[a-z]+\.dump$")
    bytes: int
    sha256: str
    server: int = Field(description="PostgreSQL's major version")
    revision: str
    epoch: str
    position: int
    head: str
    rows: dict[str, int]


class Manifest(BaseModel):
    """All four databases at one point."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    taken_at: datetime
    version: str
    writes_held_ms: int
    databases: dict[ServiceName, DatabaseDump]


async def count_rows(session: AsyncSession) -> dict[str, int]:
    """The rows of every table, as this session sees them."""
    names = (await session.execute(sa.text(_TABLES))).scalars().all()
    return {
        name: (await session.execute(sa.select(sa.func.count()).select_from(sa.table(name)))).scalar_one()
        for name in names
    }


def digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put it in its place whole, and on the disk, after the dumps."""
    partial = folder / f".{_NAME}"
    with partial.open("w", encoding="utf-8") as opened:
        opened.write(manifest.model_dump_json(indent=2) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    partial.rename(folder / _NAME)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup whose four files are whole; raises BackupError where one is not."""
    try:
        manifest = Manifest.model_validate_json((folder / _NAME).read_bytes())
    except OSError as error:
        raise BackupError(f"there is no backup in that folder ({_NAME}: {error.strerror})") from None
    except ValidationError:
        raise BackupError(f"{_NAME} was not written by this program, or was changed since") from None
    if missing := [name for name in SERVICES if name not in manifest.databases]:
        raise BackupError(f"the backup lacks {', '.join(missing)}")
    for service, dump in manifest.databases.items():
        try:
            same = digest(folder / dump.file) == dump.sha256
        except OSError as error:
            raise BackupError(f"the dump of {service} cannot be read ({error.strerror})") from None
        if not same:
            raise BackupError(f"the dump of {service} is not the one that was taken: use another backup")
    return manifest
