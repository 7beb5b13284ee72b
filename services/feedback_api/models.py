"""All tables of the feedback service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.feedback_api.complaint_models import (
    BankHoliday,
    Complaint,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintHistory,
    ComplaintStage,
)
from services.feedback_api.complaint_report_models import (
    ComplaintReport,
    ComplaintReportUpdate,
    ComplaintReportUpdateHistory,
)
from services.feedback_api.compliment_models import Compliment, ComplimentHistory
from services.feedback_api.learning_models import AgencyLearning, LearningEvaluation, LearningEvaluationHistory
from services.feedback_api.reconciliation_models import Reconciliation, ReconciliationDifference
from services.feedback_api.registry import Table, metadata, table_of
from services.feedback_api.view_models import View, ViewHistory, ViewLink
from services.feedback_api.weakness_models import WeaknessLink

__all__ = [
    "AgencyLearning",
    "BankHoliday",
    "Complaint",
    "ComplaintExtension",
    "ComplaintFreeze",
    "ComplaintHistory",
    "ComplaintReport",
    "ComplaintReportUpdate",
    "ComplaintReportUpdateHistory",
    "ComplaintStage",
    "Compliment",
    "ComplimentHistory",
    "LearningEvaluation",
    "LearningEvaluationHistory",
    "Reconciliation",
    "ReconciliationDifference",
    "Table",
    "View",
    "ViewHistory",
    "ViewLink",
    "WeaknessLink",
    "metadata",
    "table_of",
]
