"""Lists of dated records, newest first: where a page starts and what its last row is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.paging import Cursor, cursor_key


def before(at: Cursor, day: Any, key: Any) -> sa.ColumnElement[bool]:
    """The rows after the cursor in order of day and id, both falling."""
    if at.after is None:
        return sa.true()
    place = cursor_key(at.after, date.fromisoformat, UUID)
    return sa.tuple_(day, key) < sa.tuple_(*(sa.literal(part) for part in place))


def place_of(day: date, key: UUID) -> Sequence[str]:
    return (day.isoformat(), str(key))
