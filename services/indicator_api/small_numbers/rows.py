"""Stored figures as rows, as callers without `indicator:figures` get them: lists, exports and feeds start here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.small_numbers.shown import Shown, read_shown
from shared.schemas.figures import WITHOUT_VALUE, ValueStatus

# Indicator, area, period, breakdown, value, value_status, numerator, denominator, and what else was read of it.
Row = Mapping[str, Any]

_NUMBERS = ("value", "numerator", "denominator")
# Whether a hidden figure changed when it was sent again with 1, 2, 3 … in turn would tell what it is.
_OF_ITS_CHANGES = {"revised": False, "import_id": None, "recorded_at": None, "recorded_by": None}


async def protected(session: AsyncSession, rows: Sequence[Row], threshold: int) -> list[dict[str, Any]]:
    """The rows with the numbers hidden that others of the same indicator and period, stored anywhere, call for.

    No figure whose small numbers are hidden says how often it was changed, not even while it is shown.
    """
    definitions = await read_definitions(session, {row["indicator"] for row in rows}, retired=True)
    touched = ((row["indicator"], row["area"], row["period"]) for row in rows)
    shown = await read_shown(session, definitions, touched, threshold)
    return [_protected(row, definitions[row["indicator"]], shown) for row in rows]


def _protected(row: Row, definition: Definition, shown: Shown) -> dict[str, Any]:
    if not definition.protects(row["area"]):
        return dict(row)
    figure = {**row, "revision": None} if "revision" in row else dict(row)
    numbers = tuple(None if row[name] is None else float(row[name]) for name in _NUMBERS)
    standing = shown.get((row["indicator"], row["period"]), {}).get((row["area"], row["breakdown"]))
    if standing == numbers or not any(number is not None for number in numbers):
        return figure
    status = row["value_status"] if row["value_status"] in WITHOUT_VALUE else ValueStatus.c
    hidden = {name: value for name, value in _OF_ITS_CHANGES.items() if name in row}
    return {**figure, **hidden, **dict.fromkeys(_NUMBERS), "value_status": status}
