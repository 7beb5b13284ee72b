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
from services.feedback_api.flag_models import SafeguardingEvent, SafeguardingFlag
from services.feedback_api.public_models import PublicSubmission
from services.feedback_api.registry import Table, metadata, table_of
from services.feedback_api.review_models import ReviewParticipation
from services.feedback_api.sharing_models import Quotation, QuotationEvent
from services.feedback_api.survey_models import (
    SurveyAnswer,
    SurveyPopulation,
    SurveyResponse,
    SurveyVersion,
    SurveyWave,
    SurveyWords,
)
from services.feedback_api.token_models import SubmissionToken, TokenBatch
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
    "PublicSubmission",
    "Quotation",
    "QuotationEvent",
    "ReviewParticipation",
    "SafeguardingEvent",
    "SafeguardingFlag",
    "SubmissionToken",
    "SurveyAnswer",
    "SurveyPopulation",
    "SurveyResponse",
    "SurveyVersion",
    "SurveyWave",
    "SurveyWords",
    "Table",
    "TokenBatch",
    "View",
    "ViewHistory",
    "ViewLink",
    "metadata",
    "table_of",
]
