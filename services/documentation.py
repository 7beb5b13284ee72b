"""Writes the documents that follow from the code: problems, each service's OpenAPI, the registration in Entra ID."""

from __future__ import annotations

import importlib
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from services.entra import entra_registration
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from shared.problems import all_problems
from shared.settings import SERVICES, ServiceName, Settings

ROOT = Path(__file__).resolve().parents[1]
ENTRA = ROOT / "deploy" / "entra" / "api.json"
PROBLEMS = ROOT / "docs" / "problems.md"
_HEAD = """# Problems

Every error is a problem document (RFC 9457, `application/problem+json`) whose `type` ends in one of the names below.
`errors` points at each fault with a JSON pointer, a code and a sentence; what was sent is never repeated. `request_id`
finds the request in the logs. This page is written by `make docs`.
"""


def openapi_path(service: ServiceName) -> Path:
    return ROOT / "docs" / "openapi" / f"{service}.json"


@cache
def documented_app(service: ServiceName) -> Any:
    """A service's application with throwaway settings: nothing is connected."""
    with tempfile.TemporaryDirectory() as folder:
        LocalIssuer.create(Path(folder))
        settings = Settings.model_validate(
            {
                "environment": "local",
                f"{service}_database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/none",
                "oidc_issuer": LOCAL_ISSUER,
                "oidc_jwks_file": Path(folder) / "jwks.json",
                "roles_file": ROOT / "framework" / "dorset" / "roles.yaml",
            }
        )
        return importlib.import_module(f"services.{service}_api.app").create_app(settings)


def problems_page() -> str:
    for service in SERVICES:
        importlib.import_module(f"services.{service}_api.app")
    found = [_HEAD]
    for slug, kinds in sorted(all_problems().items()):
        found.append(f"## {slug}\n")
        for kind in kinds:
            words = " ".join((kind.__doc__ or "").split())
            found.append(f"**{kind.status}** {kind.title}.\n" + (f"\n{words}\n" if words else ""))
    return "\n".join(found)


def openapi_text(service: ServiceName) -> str:
    return json.dumps(documented_app(service).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write() -> None:
    ENTRA.write_text(entra_registration(ROOT / "framework" / "dorset" / "roles.yaml"), encoding="utf-8")
    PROBLEMS.write_text(problems_page(), encoding="utf-8")
    for service in SERVICES:
        openapi_path(service).parent.mkdir(parents=True, exist_ok=True)
        openapi_path(service).write_text(openapi_text(service), encoding="utf-8")


if __name__ == "__main__":
    write()
