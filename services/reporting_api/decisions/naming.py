"""The identifier of a decision: made of what it is, so that it is the same wherever the same decision is recorded."""

from __future__ import annotations

import hashlib
from uuid import UUID


def numbered_id(number: int, *of: str) -> UUID:
    """A UUID of version 8 (RFC 9562, 5.8): 90 bits of the digest of what it belongs to, and between them its number.

    Those that belong together sort by number. The words of a decision are no part of it: copies hold them back, and
    from an identifier made of them they could be guessed.
    """
    digest = int.from_bytes(hashlib.sha256("\0".join(of).encode()).digest())
    value = (digest >> 208) << 80
    value |= 0x8 << 76
    value |= (number >> 20 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= (number & 0xF_FFFF) << 42
    value |= digest & (1 << 42) - 1
    return UUID(int=value)
