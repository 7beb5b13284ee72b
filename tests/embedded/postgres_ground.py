"""A place where tests of the local PostgreSQL start servers of their own and leave nothing behind."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from services.cluster.place import roomy_memory
from services.postgres import LocalPostgres

ROOT = Path(__file__).resolve().parents[2]
VERSION = int(os.environ.get("QAPF_TEST_PG", "18"))
SERVICES = ("audit", "indicator", "feedback", "reporting")
_SUPERVISOR = """
import signal, sys, threading, time
from pathlib import Path
from services.postgres import LocalPostgres, PostgresError
# A shell that runs the tests in the background has them, and us, ignore an interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
server = LocalPostgres(Path(sys.argv[1]), version=int(sys.argv[2]), root_folder=Path(sys.argv[3]))
"""


@dataclass
class Ground:
    """A short folder that every user may pass through, and the servers started in it."""

    folder: Path
    made: list[LocalPostgres] = field(default_factory=list)
    others: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def server(self, home: Path | str = "home", **more: Any) -> LocalPostgres:
        chosen: dict[str, Any] = {"version": VERSION, "durable": False, "root_folder": self.root_folder}
        server = LocalPostgres(self.folder / home, **(chosen | more))
        self.made.append(server)
        return server

    @property
    def root_folder(self) -> Path:
        return self.folder / "root"

    def supervisor(self, deeds: str, home: str = "home", **more: Any) -> "subprocess.Popen[str]":
        """Another process with a LocalPostgres called `server` that does `deeds`."""
        script = _SUPERVISOR + textwrap.dedent(deeds)
        other = subprocess.Popen(
            [sys.executable, "-B", "-c", script, self.folder / home, str(VERSION), self.root_folder],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **more,
        )
        self.others.append(other)
        return other


@contextmanager
def standing() -> Iterator[Ground]:
    ground = Ground(Path(tempfile.mkdtemp(prefix="qapf-", dir=roomy_memory())))
    ground.folder.chmod(0o755)
    try:
        yield ground
    finally:
        for other in ground.others:
            with other:
                other.kill()
        for server in reversed(ground.made):
            server.stop()
        for server in ground.made:
            server.remove()
        shutil.rmtree(ground.folder)


def ask(url: str, question: str) -> Any:
    """The first value that a statement gives."""

    async def run() -> Any:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(run())


def pid_of(server: LocalPostgres) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)
