"""The indicator service as a process of its own on a port, to be killed and started anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn

from services.indicator_api.app import create_app
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from tests.forks import FORKS

ROOT = Path(__file__).resolve().parents[2]


def start(url: str, issuer: LocalIssuer, port: int) -> BaseProcess:
    keys: Path = issuer.directory  # type: ignore[attr-defined]
    settings = {
        "QAPF_ENVIRONMENT": "local",
        "QAPF_INDICATOR_DATABASE_URL": url,
        "QAPF_OIDC_ISSUER": LOCAL_ISSUER,
        "QAPF_OIDC_JWKS_FILE": str(keys / "jwks.json"),
        "QAPF_ROLES_FILE": str(ROOT / "framework" / "dorset" / "roles.yaml"),
        "QAPF_LOG_LEVEL": "error",
    }
    process = FORKS.Process(target=_serve, args=(settings, port), daemon=True)
    process.start()
    return process


def _serve(settings: Mapping[str, str], port: int) -> None:
    os.environ.update(settings)
    uvicorn.run(create_app, factory=True, port=port, log_level="error", access_log=False)
