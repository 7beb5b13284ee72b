"""Times as a query option or a cursor holds them."""

from __future__ import annotations

from datetime import datetime


def read_instant(text: str) -> datetime:
    """A time with its offset; raises ValueError for anything else, and for one PostgreSQL cannot be asked about."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 1900 <= found.year <= 2200:
        raise ValueError
    return found
