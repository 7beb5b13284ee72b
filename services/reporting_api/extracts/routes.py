"""The flat tables over HTTP, as CSV or as NDJSON: whole, or what came since."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic_core import to_json
from starlette.responses import StreamingResponse

from services.reporting_api.extracts.marks import Mark, check_mark, mark_now, since
from services.reporting_api.extracts.schemas import ExtractOut, ExtractsOut
from services.reporting_api.flat_tables import TABLES, read_block, rows_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.database import Database
from shared.extracts import csv_text
from shared.extracts.odata import entity
from shared.extracts.tables import Table
from shared.resources import DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/extracts", tags=["extracts"], route_class=StrictRoute)
Reader = Annotated[Caller, may("reporting:read")]
TableFile = Literal["published-figures.csv", "published-figures.ndjson", "occurrences.csv", "occurrences.ndjson"]
_BLOCK = 2_000
_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
_TEXT = {"schema": {"type": "string"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows: in CSV after a header, in NDJSON one object a line.",
        "content": {"text/csv": _TEXT, "application/x-ndjson": _TEXT},
        "headers": {"Extract-Next": {"description": "Give this as `after` next time.", "schema": {"type": "string"}}},
    }
}
Lines = Callable[[Table, Sequence[Mapping[str, Any]]], str]


@router.get("", response_model=ExtractsOut)
async def list_extracts(caller: Reader) -> Response:
    """The flat tables with their keys and columns, and where they are."""
    answer = ExtractsOut(items=[ExtractOut.of(table) for table in TABLES.values()])
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/{file}", response_class=Response, responses=_FILE)
async def read_extract(
    file: Annotated[TableFile, Path(examples=["published-figures.csv"])],
    caller: Reader,
    database: DatabaseOf,
    after: Annotated[
        str | None, Query(max_length=500, description="`Extract-Next` of the reading before; the whole table if none")
    ] = None,
) -> Response:
    """A whole table, or the rows that came or changed since, of the reports and copies this caller may read.

    A row may come twice where something was written meanwhile: put each in the place of the one with its key.
    """
    name, _, form = file.rpartition(".")
    table = TABLES[name]
    mark = Mark.read(after) if after else None
    async with database.snapshot() as session:
        now = await mark_now(session, table)
    if mark is not None:
        check_mark(mark, now)
    head, lines = (csv_text.header(table), csv_text.lines) if form == "csv" else ("", _json_lines)
    headers = {"Extract-Next": now.written(), "Content-Disposition": f'attachment; filename="{file}"'}
    return StreamingResponse(
        _text(database, caller, table, (mark, now), head, lines), media_type=_TYPES[form], headers=headers
    )


def _json_lines(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"{to_json(entity(table, row, table.names)).decode()}\n" for row in rows)


async def _text(
    database: Database, caller: Caller, table: Table, span: tuple[Mark | None, Mark], head: str, lines: Lines
) -> AsyncIterator[str]:
    """Block by block; nothing is held open while one is on its way to a slow client."""
    yield head
    place: tuple[Any, ...] | None = None
    while True:
        async with database.snapshot() as session:
            source = await rows_for(session, caller, table)
            rows = await read_block(session, source, since(source, table, *span), place, _BLOCK)
        yield lines(table, rows)
        if len(rows) < _BLOCK:
            return
        place = (rows[-1]["at"], rows[-1]["key"])
