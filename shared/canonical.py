"""The one byte form of a content, for digests, hashes and cursors."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(content: Any) -> bytes:
    """The one byte form of a content: sorted keys, no spaces, UTF-8."""
    return _ENCODER.encode(content).encode()
