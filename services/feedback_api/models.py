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
from services.feedback_api.compliment_models import Compliment, ComplimentHistory
from services.feedback_api.registry import Table, metadata, table_of
from services.feedback_api.release_models import ProtectedRelease
from services.feedback_api.tally_models import ThemeTally
from services.feedback_api.theme_models import ThemeClassifier, ThemeDecision, ThemeLesson
from services.feedback_api.view_models import View, ViewHistory, ViewLink

__all__ = [
    "BankHoliday",
    "Complaint",
    "ComplaintExtension",
    "ComplaintFreeze",
    "ComplaintHistory",
    "ComplaintStage",
    "Compliment",
    "ComplimentHistory",
    "ProtectedRelease",
    "Table",
    "ThemeClassifier",
    "ThemeDecision",
    "ThemeLesson",
    "ThemeTally",
    "View",
    "ViewHistory",
    "ViewLink",
    "metadata",
    "table_of",
]
