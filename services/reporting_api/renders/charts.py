"""Every chart a report has: the course of each measure, team by team, and grades by domain."""

from __future__ import annotations

from collections.abc import Iterator

from services.reporting_api.renders.bar_charts import grades_chart, teams_chart
from services.reporting_api.renders.drawing import Chart
from services.reporting_api.renders.errors import UnknownChart
from services.reporting_api.renders.trend_chart import trend_chart
from shared.schemas.board_report import BoardReport


def charts_of(report: BoardReport) -> list[Chart]:
    """In the order of the report."""
    return list(_charts(report))


def chart_of(report: BoardReport, code: str) -> Chart:
    """One chart by its name; raises UnknownChart."""
    found = next((one for one in _charts(report) if one.code == code), None)
    if found is None:
        raise UnknownChart()
    return found


def _charts(report: BoardReport) -> Iterator[Chart]:
    for section in report.sections:
        for figure in section.figures:
            for drawn in (trend_chart(section.code, figure), teams_chart(section.code, figure)):
                if drawn is not None:
                    yield drawn
        grades = grades_chart(section)
        if grades is not None:
            yield grades
