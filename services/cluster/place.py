"""The folders of a local PostgreSQL: where they are, whose, and that only one supervisor uses them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.cluster.errors import OWN_SERVER, PostgresError

if sys.platform != "win32":
    import fcntl
    import pwd

ROOT_FOLDER = Path("/var/lib/qapf")
SOCKET_NAME = ".s.PGSQL.5432"
# A socket's path has room for 103 bytes on macOS and 107 on Linux; a colon, comma or space would need quoting
# that URLs, PostgreSQL's settings and the driver each do differently.
_SOCKET_ROOM = 103
# A supervisor that was just killed or told to stop is given this long to be gone, in seconds.
_LAST_BREATH = 2.0
_MEMORY = Path("/dev/shm")  # noqa: S108 - made for what need not last
_ENOUGH_MEMORY = 2_000_000_000
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True)
class Account:
    """The unprivileged user that the server runs as when the supervisor is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """Where one home's server lives: inside the home, or for root where its unprivileged user can reach."""

    home: Path
    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def passwords(self) -> Path:
        return self.folder / "passwords.json"

    @property
    def note(self) -> Path:
        return self.home / "postgres.path"

    @property
    def owner(self) -> int:
        return os.getuid() if self.account is None else self.account.uid


def find_place(home: Path, run_as: str, root_folder: Path) -> Place:
    """Decide where the server of `home` lives; nothing is made yet."""
    if sys.platform == "win32":
        raise PostgresError(f"the project's own PostgreSQL needs Linux or macOS: use WSL, {OWN_SERVER}")
    home = home.resolve()
    if os.geteuid() != 0:
        return Place(home, home / "postgres", None)
    try:
        found = pwd.getpwnam(run_as)
    except KeyError:
        found = None
    if found is None or found.pw_uid == 0:
        raise PostgresError(
            f"PostgreSQL does not run as root and there is no unprivileged user {run_as!r} here: "
            f"start as an ordinary user, {OWN_SERVER}"
        )
    return Place(home, root_folder / _digest(home), Account(found.pw_name, found.pw_uid, found.pw_gid))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def claim(place: Place) -> IO[str]:
    """Make the folder and hold it: the lock is given up when the file is closed or the process dies."""
    if place.home.exists() and not place.home.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place.home))
    place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (place.folder.parent, place.folder):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if place.account is not None:
                # The unprivileged user must pass through to the data, which nobody else reads.
                folder.chmod(0o755)
    lock = (place.folder / "lock").open("a+")
    deadline = time.monotonic() + _LAST_BREATH
    while not _locked(lock):
        if time.monotonic() > deadline:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise PostgresError(
                f"the PostgreSQL of {place.home} is already in use (process {holder}): stop that one first"
            )
        time.sleep(0.05)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def set_aside_strangers(place: Place) -> None:
    """For root, whose data lie outside the home: data that this home did not note are an earlier checkout's.

    A checkout made anew where another was deleted starts empty, as it does for any other user; the data found
    are kept once, as `previous`, in case the note alone was lost.
    """
    if place.account is None:
        return
    noted = place.note.read_text().strip() if place.note.exists() else None
    if noted != str(place.folder):
        if place.data.exists():
            kept = place.folder / "previous"
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(mode=0o700)
            for found in (place.data, place.passwords):
                if found.exists():
                    found.rename(kept / found.name)
        place.note.write_text(f"{place.folder}\n")


def private_folder(folder: Path, place: Place) -> Path:
    """A folder that only the server's user enters; refused when it is a link or someone else's."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), place.owner):
        raise PostgresError(f"{folder} belongs to someone else: remove it, or set TMPDIR to a folder of your own")
    if place.account is not None:
        os.chown(folder, place.account.uid, place.account.gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def socket_folder(place: Place) -> Path:
    """The folder of the socket: beside the data, or a short one where that path would be too long."""
    beside = place.folder / "run"
    if _fits(beside):
        return beside
    for base in dict.fromkeys((Path(tempfile.gettempdir()).resolve(), Path("/tmp").resolve())):  # noqa: S108
        short = base / f"qapf-{place.owner}-{_digest(place.folder)}"
        if _fits(short) and base.is_dir() and (place.account is None or open_to_all(base)):
            return short
    raise PostgresError("no folder is short enough for PostgreSQL's socket: set TMPDIR to a short one")


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= _SOCKET_ROOM and _PLAIN.fullmatch(str(folder)) is not None


def open_to_all(folder: Path) -> bool:
    """Whether every user may pass through this folder and all above it."""
    return all(one.stat().st_mode & stat.S_IXOTH for one in (folder, *folder.parents))


def roomy_memory() -> Path | None:
    """The machine's folder in memory, if programs may run from it and it holds a suite's databases."""
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK) or not open_to_all(_MEMORY):
        return None
    found = os.statvfs(_MEMORY)
    roomy = found.f_bavail * found.f_frsize > _ENOUGH_MEMORY
    return _MEMORY if roomy and not found.f_flag & os.ST_NOEXEC else None
