"""Where faults are done: a PostgreSQL that keeps what it acknowledges, databases on it, and services as processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from services.catalogue import create_service
from services.postgres import LocalPostgres, throwaway_postgres
from shared.activity.sealer import seal_all
from shared.activity.verify import verify_chain
from shared.auth.caller import system_caller
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from shared.database import Database
from shared.framework.store import Item, apply_framework
from shared.migrations import migrate
from shared.schemas.framework.tree import read_tree
from shared.settings import ServiceName, Settings

ROOT = Path(__file__).resolve().parents[2]
_STARTED_SECONDS = 180.0


def ask(url: str, statement: str, *values: Any, **settings: str) -> list[tuple[Any, ...]]:
    """The rows of a statement, on a connection of its own."""

    async def run() -> list[tuple[Any, ...]]:
        address = make_url(url).set(drivername="postgresql").render_as_string(False)
        connection = await asyncpg.connect(address, server_settings=settings)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return asyncio.run(run())


def wait_for(what: Callable[[], bool], seconds: float, called: str) -> float:
    """Wait until something holds; how long it took."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{called}: not within {seconds:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - began


@dataclass
class Process:
    """One service as a process of its own on a port that stays the same from start to start."""

    service: ServiceName
    url: str
    place: Place
    settings: dict[str, str]
    port: int = 0
    running: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        self.log = self.place.keys / f"{self.service}-{self.port}.log"
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        given = {
            "QAPF_ENVIRONMENT": "local", f"QAPF_{self.service.upper()}_DATABASE_URL": self.url,
            "QAPF_OIDC_ISSUER": LOCAL_ISSUER, "QAPF_OIDC_JWKS_FILE": str(self.place.keys / "jwks.json"),
            "QAPF_LOCAL_ISSUER_KEY_FILE": str(self.place.keys / "issuer.pem"),
            "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"), "QAPF_LOG_LEVEL": "error",
        }  # fmt: skip
        app = f"services.{self.service}_api.app:create_app"
        command = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(self.port), "--no-access-log"]
        # As the image runs it: what is in flight has 20 s, and idle connections outlive the gateway's.
        command += ["--http", "shared.protocol:HeadersFirst"]
        command += ["--timeout-graceful-shutdown", "20", "--timeout-keep-alive", "75", "--log-level", "error"]
        with self.log.open("ab") as log:
            environment = {**os.environ, **given, **self.settings}
            # As in the image its bytecode is at hand: to make it anew takes a third of a start.
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            self.running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def answers(self) -> bool:
        """Whether somebody listens; asked of the kernel, which costs a process that starts nothing."""
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def get(self, path: str) -> httpx.Response:
        # Over plain HTTP nothing need be trusted, and to load the authorities takes longer than the call.
        return httpx.get(f"{self.address}{path}", timeout=10, verify=False)

    def ready(self) -> bool:
        if not self.answers():
            return False
        try:
            return self.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def wait_ready(self) -> Process:
        wait_for(self.ready, _STARTED_SECONDS, f"{self.service} is ready")
        return self

    def end(self, how: signal.Signals = signal.SIGKILL, seconds: float = 30) -> None:
        if self.running is not None:
            self.running.send_signal(how)
            self.running.wait(seconds)
            self.running = None

    def metric(self, name: str) -> float:
        """The value of one line of the metrics."""
        text = self.get("/metrics").text
        return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))

    def uncaught(self) -> int:
        """How many exceptions reached the log because nothing had an answer for them."""
        written = self.log.read_bytes()
        return written.count(b"Traceback") + written.count(b'"unhandled exception"')


@dataclass
class Place:
    """A server, an issuer, and what was started in it."""

    admin: str
    keys: Path
    issuer: LocalIssuer
    server: LocalPostgres | None = None
    _started: list[Process] = field(default_factory=list)
    _made: list[str] = field(default_factory=list)

    def token(self, role: str = "admin") -> str:
        return self.issuer.token(f"ledger-{role}", [role])

    def address_of(self, database: str) -> str:
        return make_url(self.admin).set(database=database).render_as_string(hide_password=False)

    def empty(self, more: str = "") -> str:
        """The address of a new database with nothing in it."""
        name = f"fault_{secrets.token_hex(6)}"
        ask(self.admin, f"CREATE DATABASE {name} {more}")
        self._made.append(name)
        return self.address_of(name)

    def database(self, service: ServiceName, more: str = "") -> str:
        """The address of a new database of a service, at the newest migration and with Dorset's framework."""
        url = self.empty(more)
        migrate(service, url)
        entries = read_tree(ROOT / "framework" / "dorset").entries_for(service)
        self.apply(service, url, [Item(one["kind"], one["code"], one["content"]) for one in entries])
        return url

    def apply(self, service: ServiceName, url: str, items: list[Item]) -> None:
        asyncio.run(self._apply(service, url, items))

    async def _apply(self, service: ServiceName, url: str, items: list[Item]) -> None:
        settings = Settings(
            **{"environment": "local", f"{service}_database_url": url, "log_level": "error"},  # type: ignore[arg-type]
            oidc_issuer=LOCAL_ISSUER,
            oidc_jwks_file=self.keys / "jwks.json",
            roles_file=ROOT / "framework" / "dorset" / "roles.yaml",
        )  # fmt: skip
        app, database = create_service(service, settings), Database(url, settings, service)
        async with database.transaction() as session:
            await apply_framework(session, system_caller("faults"), app.state.framework_kinds, items)
        await database.close()
        await app.state.database.close()

    def drop(self, url: str) -> None:
        name = make_url(url).database
        assert name is not None
        ask(self.admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.remove(name)

    def serve(self, service: ServiceName, url: str, port: int = 0, **settings: str) -> Process:
        process = Process(service, url, self, settings, port)
        self._started.append(process)
        return process

    def close(self) -> None:
        for process in self._started:
            process.end()
        for name in list(self._made):
            self.drop(self.address_of(name))


def chain_faults(service: ServiceName, url: str) -> list[str]:
    """What is wrong with the activity chain once everything is sealed."""

    async def look() -> list[str]:
        database = Database(url, Settings(environment="local"), service)
        await seal_all(database)
        verdict = await verify_chain(database)
        await database.close()
        return verdict.faults

    return asyncio.run(look())


@contextlib.contextmanager
def own_place() -> Iterator[Place]:
    """A durable server on the disk, for as long as a program runs."""
    with TemporaryDirectory(prefix="qapf-faults-") as folder:
        keys = Path(folder)
        issuer = LocalIssuer.create(keys)
        with throwaway_postgres(version=18, durable=True, max_connections=200) as server:
            place = Place(server.admin_url(), keys, issuer, server)
            try:
                yield place
            finally:
                with contextlib.suppress(OSError, asyncpg.PostgresError):
                    place.close()
