"""What a form of a report is refused for."""

from __future__ import annotations

from shared.problems import NotFound


class UnknownTable(NotFound):
    """Use one of the tables named in `detail`; a table without rows is not there."""

    slug, title = "unknown-report-table", "The report has no table of this name"


class UnknownChart(NotFound):
    """`GET /v1/reports/{report}/charts` lists the charts of a report."""

    slug, title = "unknown-report-chart", "The report has no chart of this name"
