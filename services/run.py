"""`make run`: everything on one port, from nothing to a finished board report, and again in seconds."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import uvicorn
from rich.console import Console
from starlette.applications import Starlette

from services.apply import plan_and_apply
from services.embedded import create_app
from services.examples import FirstReport, load_examples
from services.local import ROOT, local_home, local_issuer, local_settings, urls_are_given
from services.postgres import LocalPostgres
from shared.auth.local_issuer import LocalIssuer
from shared.migrations import migrate
from shared.protocol import HeadersFirst
from shared.settings import SERVICES, ServiceName, Settings, SettingsError

HOST = "127.0.0.1"
_BESIDE = "?area=E06000059&comparators=england,dfe_neighbours_2025"
_CONSOLE = Console(stderr=True, highlight=False)


def listening_socket(port: int) -> socket.socket:
    """Take the port before anything else is started; raises SettingsError when it is in use."""
    # Only where the protocol is named does asyncio send small answers at once: else each waits 40 ms for the next.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        # Bound but not listening, two could share the port unnoticed until the first connection.
        opened.listen(512)
    except OSError as error:
        opened.close()
        raise SettingsError(
            f"port {port} cannot be used ({error.strerror}): stop what uses it, or choose another with PORT="
        ) from None
    opened.set_inheritable(False)
    return opened


@contextlib.contextmanager
def databases() -> Iterator[LocalPostgres | None]:
    """The project's own PostgreSQL, unless the environment names the databases."""
    if urls_are_given():
        yield None
        return
    server = LocalPostgres(local_home(), durable=True)
    with server:
        server.ensure_roles_and_databases(SERVICES)
        yield server


def run(port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; raises SettingsError or PostgresError with what to do."""
    with listening_socket(port) as taken:
        local_home()
        with databases() as server:
            settings = local_settings(server, port)
            for service in SERVICES:
                migrate(service, settings.database_url(service))
            asyncio.run(_serve(settings, taken, port))


class _Server(uvicorn.Server):
    """Stops cleanly on a signal and does not raise it anew, which would end us before the database is stopped."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, number)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _stop(self, number: int) -> None:
        self.handle_exit(number, None)
        self.stopping.set()


async def _serve(settings: Settings, taken: socket.socket, port: int) -> None:
    root = create_app(SERVICES, settings, started=False)
    config = uvicorn.Config(
        root,
        log_config=None,
        access_log=False,
        # Where it is spoken, a POST that asks for a WebSocket and has a body is never answered.
        ws="none",
        http=HeadersFirst,
        timeout_graceful_shutdown=int(settings.drain_seconds),
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[taken]))
    preparing = asyncio.create_task(_prepare(root, server, port))
    await asyncio.wait({serving, preparing}, return_when=asyncio.FIRST_COMPLETED)
    if preparing.done() and preparing.exception() is not None:
        server.should_exit = True
    await serving
    if not preparing.done():
        preparing.cancel()
    failed = (await asyncio.gather(preparing, return_exceptions=True))[0]
    if isinstance(failed, Exception):
        raise failed


async def _prepare(root: Starlette, server: _Server, port: int) -> None:
    while not server.started and not server.stopping.is_set():  # noqa: ASYNC110 - uvicorn has only the flag
        await asyncio.sleep(0.05)
    first = await _load(local_issuer(), lambda: httpx.ASGITransport(root, raise_app_exceptions=False))
    if not server.stopping.is_set():
        root.state.started = True
        _announce(first, f"http://{HOST}:{port}", "make -s token ROLE=analyst")
        _CONSOLE.print("\nCtrl-C stops it; `make reset` forgets everything.")


async def prepare_over_http(url: str, issuer: LocalIssuer, shown: str, token_command: str) -> None:
    """Do for services that run elsewhere what `run` does for its own; a reader finds them at `shown`."""
    first = await _load(issuer, httpx.AsyncHTTPTransport, url)
    _announce(first, shown, token_command)


async def _load(
    issuer: LocalIssuer, transport: Callable[[], httpx.AsyncBaseTransport], url: str = f"http://{HOST}"
) -> FirstReport:
    def client(service: ServiceName, role: str, subject: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=transport(),
            base_url=f"{url}/{service}",
            headers={"Authorization": f"Bearer {issuer.token(subject, [role])}"},
            timeout=120,
        )

    async with AsyncExitStack() as stack:
        clients = {name: await stack.enter_async_context(client(name, "admin", "local-admin")) for name in SERVICES}
        await plan_and_apply(ROOT / "framework" / "dorset", clients)
        return await load_examples(ROOT / "examples", clients, lambda role, subject: client("reporting", role, subject))


def _announce(first: FirstReport, address: str, token_command: str) -> None:
    head = f'curl -s -H "Authorization: Bearer $({token_command})"'
    report = f"{address}/reporting/v1/reports/{first.id}"
    _CONSOLE.print(f"\nDocumentation:      {address}/")
    _CONSOLE.print(f"A finished report:  {report}  ({first.title})", soft_wrap=True)
    _CONSOLE.print(f"  as a page:        {report}/html  (both need a token, as below)", soft_wrap=True)
    _CONSOLE.print("\nTry:")
    for path in (
        report,
        f"{address}/indicator/v1/indicators/looked_after_rate/series{_BESIDE}",
        f"{address}/indicator/v1/exceptions?period={first.period}",
    ):
        _CONSOLE.print(f"  {head} '{path}'", soft_wrap=True, markup=False)


def reset(home: Path) -> None:
    """Remove local state; raises PostgresError while another process is using it."""
    LocalPostgres(home).remove()
    shutil.rmtree(home, ignore_errors=True)
