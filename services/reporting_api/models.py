"""All tables of the reporting service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.reporting_api.calendar_models import CalendarAddress
from services.reporting_api.contribution_models import Contribution, ContributionEvent, ContributionSubmission
from services.reporting_api.decision_models import Decision, DecisionUpdate
from services.reporting_api.delivery_models import Delivery, DeliveryAttempt, Webhook
from services.reporting_api.extract_models import OccurrenceChange, PublishedFigure
from services.reporting_api.meeting_models import BoardMeeting, MeetingChange
from services.reporting_api.publication_models import Acknowledgement
from services.reporting_api.reading_models import SourceReading
from services.reporting_api.registry import metadata
from services.reporting_api.report_models import Report, ReportRevision, ReportSignature, ReportSnapshot
from services.reporting_api.return_models import RETURN_STATUSES, DfeReturn, DfeReturnStep
from services.reporting_api.schedule_models import LATENESS_CAUSES, STAGES, DueChange, LatenessReason, Occurrence
from services.reporting_api.sign_off_models import MOST_DAYS, Delegation, ReportComment, ReportStep
from services.reporting_api.telling_models import ToldCounts

__all__ = [
    "LATENESS_CAUSES",
    "MOST_DAYS",
    "RETURN_STATUSES",
    "STAGES",
    "Acknowledgement",
    "BoardMeeting",
    "CalendarAddress",
    "Contribution",
    "ContributionEvent",
    "ContributionSubmission",
    "Decision",
    "DecisionUpdate",
    "Delegation",
    "Delivery",
    "DeliveryAttempt",
    "DfeReturn",
    "DfeReturnStep",
    "DueChange",
    "LatenessReason",
    "MeetingChange",
    "Occurrence",
    "OccurrenceChange",
    "PublishedFigure",
    "Report",
    "ReportComment",
    "ReportRevision",
    "ReportSignature",
    "ReportSnapshot",
    "ReportStep",
    "SourceReading",
    "ToldCounts",
    "Webhook",
    "metadata",
]
