"""`make run` as a newcomer meets it: from nothing to a board report, stopped, started again, and its refusals."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.run import listening_socket

ROOT = Path(__file__).resolve().parents[2]
CURL = re.compile(r"""curl -s -H "Authorization: Bearer \$\(make -s token ROLE=(\w+)\)" \\?\s*'(http[^']+)'""")


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QAPF_")}
    return {**kept, "QAPF_HOME": str(home), "COLUMNS": "200", **more}


def qapf(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT, env=environment(home, **more), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def fetch(address: str, timeout: float = 30, **more: Any) -> httpx.Response:
    # Over plain HTTP nothing need be trusted, and to load the authorities takes longer than the call.
    return httpx.get(address, timeout=timeout, verify=False, **more)


class Run:
    """A running `qapf run`."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home = home
        self.address = f"http://127.0.0.1:{self.port}"
        self.tokens: dict[str, str] = {}
        self.log = (home.parent / f"run-{self.port}.log").open("w+")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "run", "--port", str(self.port)],
            cwd=ROOT, env=environment(home), stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def said(self) -> str:
        return Path(self.log.name).read_text()

    def ready(self, seconds: float = 110) -> float:
        """Wait for the start probe; how long it took."""
        while time.monotonic() - self.began < seconds:
            assert self.process.poll() is None, self.said()
            try:
                if fetch(f"{self.address}/startupz", timeout=2).status_code == 200:
                    return time.monotonic() - self.began
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready: {self.said()}")

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        status = self.process.wait(60)
        self.log.close()
        return status

    def token(self, role: str = "analyst") -> str:
        if role not in self.tokens:
            self.tokens[role] = qapf(self.home, "token", "--role", role).stdout.strip()
        return self.tokens[role]

    def get(self, path: str, role: str = "analyst") -> Any:
        answer = fetch(f"{self.address}{path}", headers={"Authorization": f"Bearer {self.token(role)}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "var"


@pytest.fixture(scope="module")
def first(home: Path) -> Iterator[Run]:
    run = Run(home)
    try:
        run.ready()
        yield run
    finally:
        if run.process.poll() is None:
            run.stop()
        qapf(home, "reset")


def test_a_newcomer_reads_the_board_report_from_the_printed_and_the_documented_commands(first: Run) -> None:
    printed = CURL.findall(first.said())
    documented = CURL.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(printed) == 3
    assert len(documented) == 3
    for role, address in [*printed, *documented]:
        address = address.replace("http://127.0.0.1:8000", first.address)
        answer = fetch(address, headers={"Authorization": f"Bearer {first.token(role)}"})
        assert answer.status_code == 200, answer.text
        assert answer.json()


def test_the_report_shows_looked_after_children_beside_england_and_the_neighbours(first: Run) -> None:
    listed = first.get("/reporting/v1/reports?board=csdg&status=published", "board_reader")["items"]
    report = first.get(f"/reporting/v1/reports/{listed[0]['id']}", "board_reader")
    figures = [one for section in report["sections"] for one in section["figures"]]
    rate = next(one for one in figures if one["indicator"] == "looked_after_rate")
    assert (rate["value"], rate["period"]) == (65.0, "RY2025")
    beside = {one["comparator_set"]: one for one in rate["comparisons"]}
    assert beside["england"]["value"] == 67.0
    neighbours = beside["dfe_neighbours_2025"]
    # LAIT: 55, 57, 119, 60, 86, 35, 66, 53, 54 and 48 per 10,000 at 31 March 2025.
    assert (neighbours["n_available"], neighbours["mean"], neighbours["median"]) == (10, 63.3, 56.0)
    assert report["missing"] == []
    assert report["status"] == "published"
    assert report["signatures"]


def test_who_asks_for_another_protocol_is_answered_in_this_one(first: Run) -> None:
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    assert fetch(f"{first.address}/livez", headers=asked).status_code == 200
    answer = httpx.post(f"{first.address}/audit/v1/audits", json={}, headers=asked, timeout=30, verify=False)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [b"/audit/v1/audits", b"/audit/nowhere"])
def test_the_body_of_who_asks_for_another_protocol_is_not_the_next_request(first: Run, path: bytes) -> None:
    inner = b"GET /audit/livez HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", first.port), timeout=20) as talk:
        talk.sendall(head % (path, len(inner)))
        heard = talk.recv(65_536)
        with contextlib.suppress(OSError):
            talk.sendall(inner)
            while more := talk.recv(65_536):
                heard += more
    assert re.findall(rb"HTTP/1.1 (\d+)", heard) == [b"400"]


def test_every_page_of_documentation_is_there(first: Run) -> None:
    assert fetch(first.address).status_code == 200
    for service in ("audit", "indicator", "feedback", "reporting"):
        page = fetch(f"{first.address}/{service}/docs")
        assert page.status_code == 200
        assert "https://" not in page.text
        assert fetch(f"{first.address}/{service}/openapi.json").json()["openapi"].startswith("3.1")


def test_a_second_run_on_the_same_port_says_so_and_touches_nothing(first: Run, tmp_path: Path) -> None:
    refused = qapf(tmp_path / "var", "run", "--port", str(first.port))
    assert refused.returncode == 2
    assert f"port {first.port}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "var").exists()


def test_the_doctor_and_the_verifier_find_all_well_beside_the_running_services(first: Run) -> None:
    doctor = qapf(first.home, "doctor")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    verified = qapf(first.home, "verify")
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("whole") == 4


def test_applying_the_framework_again_changes_nothing(first: Run) -> None:
    applied = qapf(first.home, "apply", "framework/dorset", "--url", first.address, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert "Nothing to change." in applied.stdout


def test_stopped_and_started_again_it_keeps_its_data_and_is_up_in_seconds(first: Run) -> None:
    before = first.get("/reporting/v1/reports?board=csdg&status=published")["items"]
    assert first.stop() == 0, first.said()
    assert "Traceback" not in first.said()
    again = Run(first.home)
    try:
        assert again.ready() < 30
        assert again.get("/reporting/v1/reports?board=csdg&status=published")["items"] == before
    finally:
        assert again.stop(signal.SIGTERM) == 0


async def test_an_answer_is_sent_at_once_without_waiting_for_the_next_packet() -> None:
    delayed: list[int] = []

    async def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        delayed.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listening_socket(0) as taken:
        server = await asyncio.start_server(look, sock=taken)
        reader, writer = await asyncio.open_connection(*taken.getsockname())
        await reader.read()
        writer.close()
        server.close()
    assert delayed == [1]


def test_an_unwritable_home_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    refused = qapf(tmp_path / "var", "run", "--port", "1")
    assert refused.returncode == 2
    refused = qapf(tmp_path / "var", "token")
    assert refused.returncode == 2
    assert "QAPF_HOME" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_half_the_database_addresses_is_one_clear_sentence(tmp_path: Path) -> None:
    refused = qapf(tmp_path / "var", "migrate", QAPF_AUDIT_DATABASE_URL="postgresql+asyncpg://a@127.0.0.1/a")
    assert refused.returncode == 2
    assert "QAPF_FEEDBACK_DATABASE_URL" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_unknown_key_in_the_framework_is_named_with_its_file_and_nothing_is_sent(tmp_path: Path) -> None:
    tree = tmp_path / "framework"
    tree.mkdir()
    (tree / "themes.yaml").write_text("themes:\n  - {code: a, name: A, scope: local, description: d, colour: red}\n")
    refused = qapf(tmp_path / "var", "apply", str(tree))
    assert refused.returncode == 2
    assert "themes.yaml" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_role_that_does_not_exist_gets_no_token(tmp_path: Path) -> None:
    refused = qapf(tmp_path / "var", "token", "--role", "emperor")
    assert refused.returncode == 2
    assert "analyst" in refused.stderr
    assert "emperor" not in refused.stderr
