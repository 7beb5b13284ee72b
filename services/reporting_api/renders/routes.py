"""A report in the forms people and programs read: page, PDF, workbook, CSV tables and charts, all of one copy."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.reporting_api.renders.answering import Form, ToolsOf, answer
from services.reporting_api.renders.charts import chart_of, charts_of
from services.reporting_api.renders.csv_files import as_csv, as_zip
from services.reporting_api.renders.page import POLICY, as_page
from services.reporting_api.renders.schemas import ChartOut, ChartsOut
from services.reporting_api.renders.typesetting.paper import as_pdf
from services.reporting_api.renders.workbook import as_workbook
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.schemas.base import Code
from shared.schemas.board_report import BoardReport
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports/{report}", tags=["forms of a report"], route_class=StrictRoute)
Reader = Annotated[Caller, may("reporting:read")]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHART = r"^[a-z0-9_]+(\.[a-z0-9_]+){1,2}$"
Responses = dict[int | str, dict[str, Any]]


def _gives(media_type: str, what: str) -> Responses:
    return {200: {"content": {media_type: {}}, "description": what}}


@router.get("/html", response_class=Response, responses=_gives("text/html", "the page"))
async def get_report_page(report: UUID, caller: Reader, tools: ToolsOf) -> Response:
    """The report as a page to read and print, without scripts, its charts with their figures in words and tables."""
    return await answer(tools, caller, report, Form("html", "text/html", as_page, shown=True, policy=POLICY))


@router.get("/pdf", response_class=Response, responses=_gives("application/pdf", "the document"))
async def get_report_pdf(report: UUID, caller: Reader, tools: ToolsOf) -> Response:
    """The report on paper: tagged for screen readers, its content hash and page numbers at each foot.

    A draft bears DRAFT across each page, an edition that another has replaced SUPERSEDED.
    """
    return await answer(tools, caller, report, Form("pdf", "application/pdf", as_pdf, shown=True))


@router.get("/xlsx", response_class=Response, responses=_gives(_XLSX, "the workbook"))
async def get_report_workbook(report: UUID, caller: Reader, tools: ToolsOf) -> Response:
    """The report as a workbook: a cover, the table councils use, and each other table on its own sheet; values only."""
    return await answer(tools, caller, report, Form("xlsx", _XLSX, as_workbook))


@router.get("/csv", response_class=Response, responses=_gives("application/zip", "one CSV file a table"))
async def get_report_tables(report: UUID, caller: Reader, tools: ToolsOf) -> Response:
    """Every table of the report as CSV in one ZIP file; a hidden or missing number is its symbol."""
    return await answer(tools, caller, report, Form("zip", "application/zip", as_zip))


@router.get("/csv/{table}", response_class=Response, responses=_gives("text/csv", "the table"))
async def get_report_table(
    report: UUID, table: Annotated[Code, Path(examples=["figures", "trend"])], caller: Reader, tools: ToolsOf
) -> Response:
    """One table as CSV: `figures`, `trend`, `comparisons`, `teams`, `totals`, `texts`, `sources` and one for each type
    of row."""
    form = Form(f"{table}.csv", "text/csv", partial(as_csv, table=table))
    return await answer(tools, caller, report, form)


@router.get("/charts", response_model=ChartsOut)
async def list_report_charts(report: UUID, caller: Reader, tools: ToolsOf) -> Response:
    """The charts of the report, each with what it shows in words."""
    form = Form("charts.json", "application/json", partial(_listed, at=report), shown=True)
    return await answer(tools, caller, report, form)


@router.get("/charts/{chart}", response_class=Response, responses=_gives("image/svg+xml", "the drawing"))
async def get_report_chart(
    report: UUID,
    chart: Annotated[str, Path(pattern=_CHART, max_length=200, description="as `code` in the list of charts")],
    caller: Reader,
    tools: ToolsOf,
) -> Response:
    """One chart as SVG that scales to any size, prints in grey and says in words what it shows."""
    form = Form(f"{chart}.svg", "image/svg+xml", partial(_drawn, code=chart), shown=True)
    return await answer(tools, caller, report, form)


def _drawn(report: BoardReport, code: str) -> bytes:
    return chart_of(report, code).svg.encode()


def _listed(report: BoardReport, at: UUID) -> bytes:
    items = [
        ChartOut(
            code=one.code, section=one.section, kind=one.kind, title=one.title, description=one.description,
            svg=f"/v1/reports/{at}/charts/{one.code}",
        )
        for one in charts_of(report)
    ]  # fmt: skip
    return ChartsOut(items=items).model_dump_json().encode()
