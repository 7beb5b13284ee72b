"""The project's own PostgreSQL, run from a wheel's programs: for `make run`, the tests and `qapf doctor`."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

from services.cluster import roles
from services.cluster.errors import OWN_SERVER, PostgresError
from services.cluster.launch import check_data, initialise, launch, wait_until_ready
from services.cluster.passwords import SUPERUSER, read_passwords, remember
from services.cluster.place import (
    ROOT_FOLDER,
    claim,
    find_place,
    open_to_all,
    private_folder,
    roomy_memory,
    set_aside_strangers,
    socket_folder,
)
from services.cluster.processes import clear_stale_notes, end_all, postmaster
from services.cluster.wheel import Install, copy_install, find_install

__all__ = ["LocalPostgres", "PostgresError", "Status", "throwaway_postgres"]

T = TypeVar("T")
_THROWN_AWAY = "qapf-throwaway-"
_LEFT_FOR_DEAD = 600.0


@dataclass(frozen=True)
class Status:
    """What is known of a home's server without touching it."""

    pid: int | None
    version: str | None
    data: Path
    log: Path


class LocalPostgres:
    """A server of our own on a Unix socket; its data live in `home`, for root where a lesser user can be.

    `durable=False` is for tests: fast, unsafe against a power cut, and thrown away on leaving the context.
    """

    def __init__(
        self,
        home: Path,
        *,
        version: int = 18,
        durable: bool = True,
        max_connections: int = 100,
        run_as: str = "nobody",
        root_folder: Path = ROOT_FOLDER,
    ) -> None:
        self.version, self.durable, self.max_connections = version, durable, max_connections
        self.place = find_place(home, run_as, root_folder)
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor = os.getpid()

    def __enter__(self) -> LocalPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.durable:
            self.stop()
        else:
            self.remove()

    def start(self) -> None:
        """Start, or recover what a killed supervisor left and start; raises PostgresError with what to do."""
        if self._process is not None:
            return
        install = find_install(self.version)
        try:
            self._lock = self._explained(lambda: claim(self.place))
            written = self.place.log.stat().st_size if self.place.log.exists() else 0
            self._process = self._explained(lambda: self._prepare_and_launch(install))
            atexit.register(self.stop)
            wait_until_ready(self._process, self.place, written)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in order (open transactions are rolled back) and wait; harmless when not started."""
        if os.getpid() != self._supervisor:
            return  # a forked child leaves by the same door and must not take its parent's server along
        atexit.unregister(self.stop)
        if self._process is not None:
            self._process.poll()
            end_all(self.place.data)
            # Not yet at work in its folder when a start is interrupted, it was not found there.
            self._process.kill()
            self._process.wait()
            self._process = None
            with contextlib.suppress(OSError):
                outside = self._sockets()
                if outside.parent != self.place.folder:
                    outside.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def remove(self) -> None:
        """Stop and delete the server with all its data, as `make reset` does."""
        self.stop()
        if not self.place.folder.exists():
            return
        with self._explained(lambda: claim(self.place)):
            end_all(self.place.data)
            self._explained(lambda: shutil.rmtree(self.place.folder))
            self.place.note.unlink(missing_ok=True)

    def admin_url(self) -> str:
        return self.url("postgres", SUPERUSER)

    def url(self, database: str, user: str) -> str:
        """An address for SQLAlchemy over asyncpg, with the password in it."""
        known = self._explained(lambda: read_passwords(self.place.passwords))
        if user not in known:
            raise PostgresError(f"the PostgreSQL of {self.place.home} has no role {user!r} yet: start it first")
        # The port is said although it is the usual one: without it the driver would heed PGPORT.
        place = f"host={self._sockets()}&port=5432"
        return f"postgresql+asyncpg://{user}:{known[user]}@/{database}?{place}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each on its own."""

        async def run() -> None:
            connection = await self._connect(database)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        roles.finish(run())

    def ensure_roles_and_databases(self, names: Sequence[str]) -> dict[str, str]:
        """A role for each name and a database `qapf_<name>` that only it may enter; the addresses by name."""
        passwords = self._explained(lambda: remember(self.place.passwords, names))
        roles.finish(roles.ensure(self._connect, names, passwords))
        return {name: self.url(f"qapf_{name}", name) for name in names}

    def status(self) -> Status:
        mark = self.place.data / "PG_VERSION"
        try:
            version = mark.read_text().strip()
        except OSError:
            version = None
        return Status(postmaster(self.place.data), version, self.place.data, self.place.log)

    async def _connect(self, database: str) -> Any:
        password = read_passwords(self.place.passwords)[SUPERUSER]
        return await roles.connect(str(self._sockets()), SUPERUSER, password, database)

    def _explained(self, deed: Callable[[], T]) -> T:
        try:
            return deed()
        except (OSError, subprocess.SubprocessError) as error:
            what = getattr(error, "filename", None) or self.place.folder
            why = getattr(error, "strerror", None) or str(error)
            raise PostgresError(
                f"PostgreSQL cannot use {what} ({why}): make it usable for this user, {OWN_SERVER}"
            ) from error

    def _sockets(self) -> Path:
        return socket_folder(self.place)

    def _prepare_and_launch(self, install: Install) -> subprocess.Popen[bytes]:
        place, sockets = self.place, self._sockets()
        end_all(place.data)
        set_aside_strangers(place)
        check_data(place, self.version)
        if place.account is not None:
            install = copy_install(install, place.folder / "install")
        private_folder(sockets, place)
        if not place.data.exists():
            initialise(install, place, self.version, self.durable)
        clear_stale_notes(place.data, sockets)
        return launch(install, place, sockets, self.durable, self.max_connections)


@contextlib.contextmanager
def throwaway_postgres(
    *, version: int = 18, max_connections: int = 100, durable: bool = False
) -> Iterator[LocalPostgres]:
    """A fast, empty server for tests and benchmarks, gone with its data afterwards.

    In memory where there is room: to clone a database there takes 8 ms, on a busy disk twenty times as long.
    A durable one lies on the disk and waits for it at each commit.
    """
    base = None if durable else roomy_memory()
    if base is not None:
        _sweep(base)
    with tempfile.TemporaryDirectory(prefix=_THROWN_AWAY, dir=base) as made:
        folder = Path(made)
        folder.chmod(0o755)  # root's lesser user passes; what lies inside is private
        root_folder = folder / "root" if open_to_all(folder) else ROOT_FOLDER
        server = LocalPostgres(
            folder / "home",
            version=version,
            durable=durable,
            max_connections=max_connections,
            root_folder=root_folder,
        )
        with server:
            yield server


def _sweep(base: Path) -> None:
    """Free the memory that killed test runs left taken."""
    for left in base.glob(f"{_THROWN_AWAY}*"):
        with contextlib.suppress(OSError, PostgresError):
            found = left.lstat()
            if found.st_uid == os.getuid() and time.time() - found.st_mtime > _LEFT_FOR_DEAD:
                LocalPostgres(left / "home", root_folder=left / "root").remove()
                shutil.rmtree(left)
