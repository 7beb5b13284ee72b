"""Making a data folder and starting a server on it, with the settings of production or of tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from services.cluster.errors import OWN_SERVER, PostgresError
from services.cluster.passwords import SUPERUSER, read_passwords, remember, write_private
from services.cluster.place import Place, private_folder
from services.cluster.processes import end_all, is_ready, launch_options
from services.cluster.wheel import Install

_LOG_LIMIT = 5_000_000
_RECOVERY_SECONDS = 300.0
_COMMON = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement and its message may hold what someone wrote about a child; the services report
    # their own errors without it. What the server says about itself (LOG, FATAL, PANIC) is all that is kept.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "shared_buffers": "128MB",
}
# A password that lives as long as a test run is worked out once, not 4096 times at every connection.
_HASTY = ["--no-sync", "--set=scram_iterations=1"]


def check_data(place: Place, version: int) -> None:
    """Refuse data that this server could not serve, before anything is touched."""
    if not place.data.exists():
        return
    found = (place.data / "PG_VERSION").read_text().strip()
    if found != str(version):
        raise PostgresError(
            f"{place.data} was made by PostgreSQL {found} and this is {version}: start that version, "
            f"or begin again with empty databases by `make reset`"
        )
    if place.data.stat().st_uid != place.owner:
        raise PostgresError(
            f"{place.data} belongs to another user than the one PostgreSQL is to run as: start as before, "
            f"or begin again with empty databases by `make reset`"
        )
    if SUPERUSER not in read_passwords(place.passwords):
        raise PostgresError(
            f"{place.passwords} is gone and with it the way into the databases: put it back, "
            f"or begin again with empty databases by `make reset`"
        )


def initialise(install: Install, place: Place, version: int, durable: bool) -> None:
    """Make the data folder whole or not at all: a half-made one looks finished to PostgreSQL."""
    fresh = place.folder / "data.new"
    end_all(fresh)
    shutil.rmtree(fresh, ignore_errors=True)
    private_folder(fresh, place)
    secret = place.folder / "initdb.password"
    write_private(secret, remember(place.passwords, [SUPERUSER])[SUPERUSER])
    if place.account is not None:
        os.chown(secret, place.account.uid, place.account.gid)
    options = [f"--pgdata={fresh}", f"--username={SUPERUSER}", f"--pwfile={secret}", "--auth=scram-sha-256"]
    options += ["--encoding=UTF8", "--data-checksums", "--no-instructions", "--no-locale", *_letters(version)]
    try:
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            [install.programs / "initdb", *options, *([] if durable else _HASTY)],
            **launch_options(place.folder, place.account),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    finally:
        secret.unlink()
    if done.returncode != 0:
        raise PostgresError(_failure("initdb made no databases", done.stdout.decode(errors="replace")))
    fresh.rename(place.data)


def _letters(version: int) -> list[str]:
    # Sorted by code point but with every alphabet's capitals known, alike on every machine.
    if version >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}"]


def launch(
    install: Install, place: Place, sockets: Path, durable: bool, max_connections: int
) -> subprocess.Popen[bytes]:
    """Start the server and return at once; its output goes to the log."""
    chosen = _COMMON | (_DURABLE if durable else _FAST)
    chosen |= {"unix_socket_directories": str(sockets), "max_connections": str(max_connections)}
    arguments = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    if place.log.exists() and place.log.stat().st_size > _LOG_LIMIT:
        place.log.replace(place.log.with_suffix(".log.1"))
    with os.fdopen(os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        return subprocess.Popen(  # noqa: S603 - the wheel's own program
            [install.programs / "postgres", "-D", place.data, *arguments],
            **launch_options(place.folder, place.account),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def wait_until_ready(process: subprocess.Popen[bytes], place: Place, log_start: int) -> None:
    """Wait for the server, through recovery if need be; raises PostgresError with the end of its log."""
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while not is_ready(place.data, process.pid):
        if process.poll() is not None:
            raise PostgresError(_failure("PostgreSQL did not start", _log_from(place.log, log_start)))
        if time.monotonic() > deadline:
            slow = f"PostgreSQL was not ready after {_RECOVERY_SECONDS:.0f} seconds"
            raise PostgresError(_failure(slow, _log_from(place.log, log_start)))
        time.sleep(0.01)


def _log_from(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start if start <= log.stat().st_size else 0)
        return file.read().decode(errors="replace")


def _failure(what: str, said: str) -> str:
    last = "\n".join(f"  {line}" for line in said.strip().splitlines()[-12:]) or "  (nothing)"
    return (
        f"{what}; it said at the last:\n{last}\n"
        f"Make room if memory or disk is short; `make reset` begins again with empty databases; {OWN_SERVER}."
    )
