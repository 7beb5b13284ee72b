"""What a page of another origin may send to a service, and read of its answer."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_SENT = ["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Prefer"]
_READ = [
    "ETag",
    "Extract-Next",
    "Link",
    "Location",
    "Idempotency-Replayed",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-ID",
    "Retry-After",
]
_ASKED_AGAIN_AFTER_SECONDS = 600


def cross_origin(origins: Sequence[str]) -> Middleware:
    """The answers to what a browser asks before it lets a page of these origins call."""
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=_METHODS,
        allow_headers=_SENT,
        expose_headers=_READ,
        max_age=_ASKED_AGAIN_AFTER_SECONDS,
    )
