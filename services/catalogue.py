"""The four services by name, each loaded only when asked for."""

from __future__ import annotations

import importlib

from fastapi import FastAPI

from shared.clock import Clock
from shared.settings import ServiceName, Settings


def create_service(name: ServiceName, settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """Build one service's application."""
    app: FastAPI = importlib.import_module(f"services.{name}_api.app").create_app(settings, clock)
    return app
