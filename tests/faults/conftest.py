"""The programs of `faults` on the server of the tests, with databases cloned from its templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.running.place import Place
from shared.auth.local_issuer import LocalIssuer
from shared.settings import ServiceName
from tests.conftest import Server


class TestPlace(Place):
    """What takes a program seconds to prepare is a template here."""

    __test__ = False
    template: Callable[[ServiceName, bool], str]

    def database(self, service: ServiceName, more: str = "") -> str:
        return self.empty(f"TEMPLATE {self.template(service, True)} STRATEGY file_copy {more}")


@pytest.fixture
def place(
    server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer, tmp_path: Path
) -> Iterator[Place]:
    for name in ("jwks.json", "issuer.pem"):
        (tmp_path / name).write_bytes((issuer.directory / name).read_bytes())  # type: ignore[attr-defined]
    made = TestPlace(server.admin, tmp_path, LocalIssuer(tmp_path / "issuer.pem"))
    made.template = template
    yield made
    made.close()
