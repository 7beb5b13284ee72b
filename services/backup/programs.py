"""PostgreSQL's own pg_dump and pg_restore: which of those at hand suits a server, and how they are run."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from services.backup.errors import BackupError
from services.cluster.wheel import find_install
from services.postgres import PostgresError

_OURS = (16, 18)


def find_program(name: str, major: int) -> Path:
    """The program of the server's own major version, else of the next above it: an older one refuses to work."""
    found = {version: path for path in _at_hand(name) if (version := _version(path)) >= major}
    if not found:
        raise BackupError(
            f"there is no {name} {major} or later here: install the PostgreSQL client programs, "
            "or the project with [embedded]"
        )
    return found[min(found)]


def _at_hand(name: str) -> list[Path]:
    paths = []
    for major in _OURS:
        try:
            paths.append(find_install(major).programs / name)
        except PostgresError:
            continue
    installed = shutil.which(name)
    return [*paths, *([Path(installed)] if installed else [])]


def _version(path: Path) -> int:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return 0
    number = re.search(r"(\d+)(?:\.|devel|beta|rc|\s|$)", told.stdout)
    return int(number[1]) if number else 0


async def run(program: Path, *arguments: str, url: str, authorities: Path | None) -> None:
    """Run to the end against the database of `url`; raises BackupError with what the program said last."""
    process = await asyncio.create_subprocess_exec(
        program, *arguments, env=_environment(url, authorities),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        # After a colon and in quotes stands the value at fault, which may be somebody's; the lines below quote more.
        told = lines[0].partition(': "')[0]
        raise BackupError(f"{program.name} ended with {process.returncode}: {told}")


def _usual() -> dict[str, str]:
    """Where this machine keeps the authorities it trusts; the programs' own library would look elsewhere."""
    found = ssl.get_default_verify_paths()
    kept = {"SSL_CERT_FILE": found.cafile, "SSL_CERT_DIR": found.capath}
    return {name: place for name, place in kept.items() if place}


def _environment(url: str, authorities: Path | None) -> dict[str, str]:
    """The address as libpq wants it; nothing of it stands on a command line, where every process could read it."""
    address = make_url(url)
    host, port = address.query.get("host", address.host), address.query.get("port", address.port)
    given = {
        "PGHOST": host, "PGPORT": port, "PGUSER": address.username, "PGPASSWORD": address.password,
        "PGDATABASE": address.database, "PGSSLMODE": address.query.get("ssl"), "PGAPPNAME": "qapf-backup",
    }  # fmt: skip
    ours = {name: str(value) for name, value in given.items() if value}
    if ours.get("PGSSLMODE", "").startswith("verify"):
        # As with the driver: by what the system trusts and by authorities of one's own, or by what is named for all.
        ours |= {"PGSSLROOTCERT": os.environ.get("PGSSLROOTCERT", "system"), **_usual()}
        ours |= {"SSL_CERT_FILE": str(authorities)} if authorities else {}
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | ours
