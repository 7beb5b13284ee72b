"""All tables of the reporting service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.reporting_api.extract_models import OccurrenceChange, PublishedFigure
from services.reporting_api.reading_models import SourceReading
from services.reporting_api.registry import metadata
from services.reporting_api.report_models import Report, ReportRevision, ReportSignature, ReportSnapshot
from services.reporting_api.schedule_models import STAGES, DueChange, Occurrence

__all__ = [
    "STAGES",
    "DueChange",
    "Occurrence",
    "OccurrenceChange",
    "PublishedFigure",
    "Report",
    "ReportRevision",
    "ReportSignature",
    "ReportSnapshot",
    "SourceReading",
    "metadata",
]
