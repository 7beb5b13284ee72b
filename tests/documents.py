"""What each service says of itself: to work it out takes a second, so that it is done once in a process."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from services.documentation import documented_app
from shared.settings import ServiceName


@cache
def _text(service: ServiceName) -> str:
    return json.dumps(documented_app(service).openapi())


def document_of(service: ServiceName) -> dict[str, Any]:
    """The OpenAPI document of a service as it serves it, a copy for each who asks."""
    found: dict[str, Any] = json.loads(_text(service))
    return found
