"""All tables of the reporting service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.reporting_api.delivery_models import Delivery, DeliveryAttempt, Webhook
from services.reporting_api.publication_models import Acknowledgement
from services.reporting_api.reading_models import SourceReading
from services.reporting_api.registry import metadata
from services.reporting_api.report_models import Report, ReportRevision, ReportSignature, ReportSnapshot
from services.reporting_api.schedule_models import STAGES, DueChange, Occurrence
from services.reporting_api.telling_models import ToldCounts

__all__ = [
    "STAGES",
    "Acknowledgement",
    "Delivery",
    "DeliveryAttempt",
    "DueChange",
    "Occurrence",
    "Report",
    "ReportRevision",
    "ReportSignature",
    "ReportSnapshot",
    "SourceReading",
    "ToldCounts",
    "Webhook",
    "metadata",
]
