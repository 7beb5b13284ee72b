"""All tables of the reporting service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.reporting_api.contribution_models import Contribution, ContributionEvent, ContributionSubmission
from services.reporting_api.decision_models import Decision, DecisionUpdate
from services.reporting_api.meeting_models import BoardMeeting, MeetingChange
from services.reporting_api.reading_models import SourceReading
from services.reporting_api.registry import metadata
from services.reporting_api.report_models import Report, ReportRevision, ReportSignature, ReportSnapshot
from services.reporting_api.schedule_models import LATENESS_CAUSES, STAGES, DueChange, LatenessReason, Occurrence

__all__ = [
    "LATENESS_CAUSES",
    "STAGES",
    "BoardMeeting",
    "Contribution",
    "ContributionEvent",
    "ContributionSubmission",
    "Decision",
    "DecisionUpdate",
    "DueChange",
    "LatenessReason",
    "MeetingChange",
    "Occurrence",
    "Report",
    "ReportRevision",
    "ReportSignature",
    "ReportSnapshot",
    "SourceReading",
    "metadata",
]
