"""The same answers by Litestar, msgspec and asyncpg, as one would write them there: typed and validated by it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Litestar, get
from litestar.params import Parameter

from benchmarks.floors.observation_reading import cursor, page_statement, pool, series


class Figure(msgspec.Struct):
    indicator: str
    area: str
    period: str
    breakdown: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    value_status: str | None
    provisional: bool
    revised: bool
    source_ref: str | None
    definition_version: int
    revision: int
    import_id: UUID
    recorded_at: datetime


class Page(msgspec.Struct):
    items: list[Figure]
    next: str | None


_NAMES = Figure.__struct_fields__
Named = Annotated[list[str] | None, Parameter(max_items=200)]


@get("/v1/observations")
async def list_observations(
    indicator: Named = None, area: Named = None, period: Named = None, after: str | None = None, limit: int = 50
) -> Page:
    given = {"indicator": indicator, "area": area, "period": period, "after": [after] if after else None}
    asked = {name: values for name, values in given.items() if values} | {"limit": [str(limit)]}
    statement, values, most = page_statement(asked, ", ".join(_NAMES))
    rows = await (await pool()).fetch(statement, *values)
    figures = [Figure(*row) for row in rows]
    for figure in figures:
        figure.breakdown = figure.breakdown or None
    following = cursor(rows[most - 1][:4]) if len(rows) > most else None
    return Page(figures[:most], following)


@get("/v1/indicators/{code:str}/series")
async def read_series(code: str, area: Annotated[list[str], Parameter(max_items=200)]) -> dict[str, Any]:
    return await series(code, area)


@get("/livez")
async def live() -> dict[str, str]:
    return {}


app = Litestar([list_observations, read_series, live], openapi_config=None)
