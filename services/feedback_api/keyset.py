"""Lists of dated records, newest first: where a page starts and what its last row is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.paging import Cursor
from shared.problems import Fault, Malformed


def before(at: Cursor, day: Any, key: Any) -> sa.ColumnElement[bool]:
    """The rows after the cursor in order of day and id, both falling."""
    if at.after is None:
        return sa.true()
    try:
        place = (date.fromisoformat(at.after[0]), UUID(at.after[1]))
    except ValueError:
        fault = Fault("/query/after", "cursor", "use the `next` of an earlier page of this same list")
        raise Malformed("The cursor is not one of this list's.", errors=[fault]) from None
    return sa.tuple_(day, key) < sa.tuple_(*(sa.literal(part) for part in place))


def place_of(day: date, key: UUID) -> Sequence[str]:
    return (day.isoformat(), str(key))
