"""The flat tables over HTTP, as CSV files of any length."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Response
from starlette.responses import StreamingResponse

from services.indicator_api.exports.dimensions import dimension_rows
from services.indicator_api.exports.facts import Extract, all_blocks
from services.indicator_api.exports.schemas import TableOut, TablesOut
from services.indicator_api.exports.tables import FIGURES, TABLES
from services.indicator_api.series import asked
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.extracts import csv_text
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/exports", tags=["exports"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Codes = Annotated[str, Query(max_length=4_000)]
TableFile = Literal["indicators.csv", "places.csv", "periods.csv", "dates.csv"]
_CSV = "text/csv; charset=utf-8"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The table, its header first."}
}


@router.get("", response_model=TablesOut)
async def list_export_tables(caller: Reader) -> Response:
    """The flat tables with their columns: one of figures, the others to look its codes up in."""
    answer = TablesOut(items=[TableOut.of(table) for table in TABLES.values()])
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/figures.csv", response_class=Response, responses=_FILE)
async def export_figures(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    indicator: Annotated[list[Code], Query(max_length=300, description="one or several; all if none")] = [],  # noqa: B006
    area: Annotated[list[Codes], Query(max_length=200, description="ONS codes or units; all if none")] = [],  # noqa: B006
    period: Annotated[list[PeriodCode], Query(max_length=200, description="one or several; all if none")] = [],  # noqa: B006
    as_at: Annotated[str | None, Query(max_length=40, description="as they stood then; now if none")] = None,
) -> Response:
    """Every figure the caller may see, as one CSV file that stands still while it is written.

    Small numbers are hidden from callers without `indicator:figures`, as everywhere.
    """
    moment = asked.read_moment(as_at) or clock.now()
    wanted = {"indicator": indicator, "area": asked.area_codes(area), "period": period}

    def extract_of(source: sa.FromClause) -> Extract:
        narrowed = [source.c[name].in_(codes) for name, codes in wanted.items() if codes]
        return Extract(source, settings.small_number_threshold, sa.and_(sa.true(), *narrowed))

    async def text() -> AsyncIterator[str]:
        yield csv_text.header(FIGURES)
        async for block in all_blocks(database, caller, moment, extract_of):
            yield csv_text.lines(FIGURES, block)

    return StreamingResponse(text(), media_type=_CSV, headers=_named("figures"))


@router.get("/{file}", response_class=Response, responses=_FILE)
async def export_table(
    file: Annotated[TableFile, Path(examples=["indicators.csv"])], caller: Reader, database: DatabaseOf, clock: ClockOf
) -> Response:
    """One of the tables that codes are looked up in."""
    chosen = TABLES[file.removesuffix(".csv")]
    async with database.snapshot() as session:
        rows = await dimension_rows(session, caller, chosen, clock.today())
    body = csv_text.header(chosen) + csv_text.lines(chosen, rows)
    return Response(body.encode(), media_type=_CSV, headers=_named(chosen.name))


def _named(table: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{table}.csv"'}
