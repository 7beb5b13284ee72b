"""Reading the parts of a total and what their values are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.series.queries import Figures, read_figures
from shared.framework.store import read_items


async def read_parts(
    session: AsyncSession, indicator: str, areas: Collection[str], breakdowns: Sequence[str], as_at: datetime | None
) -> dict[str, Figures]:
    """The figures of each breakdown, by its text."""
    return {
        breakdown: await read_figures(session, [indicator], areas, breakdown=breakdown, as_at=as_at)
        for breakdown in breakdowns
    }


async def read_labels(session: AsyncSession, dimension: dict[str, Any]) -> dict[str, str]:
    """The values of a dimension in their order, with the words for each."""
    if dimension["values_from"] is not None:
        return {item["code"]: item["name"] for item in await read_items(session, dimension["values_from"])}
    return {code: code.replace("_", " ").capitalize() for code in dimension["values"]}
