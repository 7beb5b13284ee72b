"""Identifiers that sort by the time they were made."""

import os
import threading
import time
from uuid import UUID

_COUNTER_BITS = 42
_COUNTER_LIMIT = 1 << _COUNTER_BITS

_lock = threading.Lock()
_last_millisecond = 0
_counter = 0


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562, 6.2 method 1), later than every one this process made before."""
    noise = int.from_bytes(os.urandom(10))
    millisecond, counter = _next_tick(time.time_ns() // 1_000_000, noise >> 80 - _COUNTER_BITS + 1)
    value = (millisecond & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (counter >> 30) << 64
    value |= 0b10 << 62
    value |= (counter & 0x3FFF_FFFF) << 32
    value |= noise & 0xFFFF_FFFF
    return UUID(int=value)


def _next_tick(now: int, fresh: int) -> tuple[int, int]:
    """The pair that orders this identifier after the last, even when the clock stands still or steps back.

    With a new millisecond the counter begins at `fresh`, whose top bit is nought, so that the millisecond has room for
    2^41 identifiers at the least.
    """
    global _last_millisecond, _counter
    with _lock:
        if now > _last_millisecond:
            _last_millisecond = now
            _counter = fresh
        else:
            _counter += 1
            if _counter >= _COUNTER_LIMIT:
                _last_millisecond += 1
                _counter = fresh
        return _last_millisecond, _counter
