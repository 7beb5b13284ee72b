"""The processes of one data folder: how they are started, recognised and ended, and never anyone else's."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.cluster.errors import PostgresError
from services.cluster.place import Account

_PR_SET_PDEATHSIG = 1
_READY_LINE = 7


def launch_options(folder: Path, account: Account | None) -> dict[str, Any]:
    """Arguments of Popen for the server's programs: own session, own user, nothing of our environment."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "cwd": folder,
        "env": {**kept, "LC_ALL": "C", "TZ": "UTC"},
        "umask": 0o077,
        # The terminal's Ctrl-C is for the supervisor alone, which then stops the server in order.
        "start_new_session": True,
    }
    if account is not None:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    # The kernel sends the signal when the *thread* that started the child ends, and code between fork and
    # exec is only safe without other threads: this is for a program that starts its database first.
    if sys.platform == "linux" and threading.active_count() == 1:
        options["preexec_fn"] = _end_with_parent()
    return options


def _end_with_parent() -> Callable[[], None]:
    control = ctypes.CDLL(None).prctl

    def ask_for_signal() -> None:
        control(_PR_SET_PDEATHSIG, int(signal.SIGINT))

    return ask_for_signal


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except OSError:
        return []


def noted_pid(data: Path) -> int | None:
    """The process that the data folder's own note names, alive or not."""
    first = next(iter(_lines(data)), "").strip()
    return int(first) if first.isdigit() and int(first) > 1 else None


def is_ready(data: Path, pid: int) -> bool:
    lines = _lines(data)
    return noted_pid(data) == pid and len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready"


def members(data: Path) -> list[int]:
    """Every live PostgreSQL process at work in this data folder, also one that a dead server left."""
    if not data.is_dir():
        return []
    if not Path("/proc/self/cwd").exists():
        pid = noted_pid(data)
        return [pid] if pid is not None and _commands_name(pid, data) else []
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _works_in(name, data)]


def _works_in(pid: str, data: Path) -> bool:
    try:
        program = Path(os.readlink(f"/proc/{pid}/exe")).name
        return program.split(" ")[0] == "postgres" and os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        return False


def _commands_name(pid: int, data: Path) -> bool:
    listed = subprocess.run(  # noqa: S603 - a number of ours
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return f"postgres -D {data} " in listed.stdout


def postmaster(data: Path) -> int | None:
    """The live server of this data folder, whoever started it."""
    pid = noted_pid(data)
    return pid if pid in members(data) else None


def end_all(data: Path, patience: float = 60.0) -> None:
    """Leave no process at work in the folder: a server ends in order, what a dead one left at once."""
    head = postmaster(data)
    if head is not None:
        _send([head], signal.SIGINT, data)
        _wait_until_gone(lambda: head in members(data), patience)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        if left := members(data):
            _send(left, number, data)
            _wait_until_gone(lambda: members(data), 5.0)
    if left := members(data):
        named = ", ".join(map(str, left))
        raise PostgresError(f"processes of an earlier PostgreSQL on {data} do not end: end them by hand ({named})")


def _send(pids: list[int], number: signal.Signals, data: Path) -> None:
    for pid in pids:
        # Asked again at the last moment: a number may have passed to a stranger meanwhile.
        if pid in members(data):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
            except PermissionError:
                raise PostgresError(
                    f"another user's PostgreSQL (process {pid}) works in {data}: stop it first"
                ) from None


def _wait_until_gone(remain: Callable[[], object], patience: float) -> None:
    deadline = time.monotonic() + patience
    while remain() and time.monotonic() < deadline:
        time.sleep(0.02)


def clear_stale_notes(data: Path, sockets: Path) -> None:
    """Remove what a killed server left lying, once `end_all` has made sure that none lives.

    PostgreSQL judges these notes by process number alone, and after a restart of the machine or container
    that number may be anyone's: it would refuse to start. A number that is nobody's it handles better itself.
    """
    pid = noted_pid(data)
    if pid is not None and _exists(pid):
        (data / "postmaster.pid").unlink(missing_ok=True)
    for left in sockets.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
