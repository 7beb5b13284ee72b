"""What `make run` has loaded before it says that it is ready, in the process of a test."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import httpx

from services.examples import load_examples
from shared.auth.local_issuer import LocalIssuer
from shared.settings import SERVICES
from tests.conftest import ROOT


async def load_into(root: Any, issuer: LocalIssuer) -> None:
    """The examples through the public API, up to the published report; the framework is applied already."""

    def client(service: str, role: str, subject: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(root, raise_app_exceptions=False),
            base_url=f"http://qapf/{service}",
            headers={"Authorization": f"Bearer {issuer.token(subject, [role])}"},
            timeout=60,
        )

    async with AsyncExitStack() as stack:
        clients = {name: await stack.enter_async_context(client(name, "admin", "local-admin")) for name in SERVICES}
        await load_examples(ROOT / "examples", clients, lambda role, subject: client("reporting", role, subject))
