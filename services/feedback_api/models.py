"""All tables of the feedback service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.feedback_api.challenge_models import Challenge, ChallengeHistory
from services.feedback_api.complaint_models import (
    BankHoliday,
    CalendarState,
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
from services.feedback_api.flag_models import SafeguardingEvent, SafeguardingFlag
from services.feedback_api.handling_models import ComplaintAdvocacy, ComplaintPerson, Recategorisation
from services.feedback_api.learning_models import AgencyLearning, LearningEvaluation, LearningEvaluationHistory
from services.feedback_api.participation_models import (
    ParticipationActivity,
    ParticipationActivityHistory,
    ParticipationChange,
    ParticipationChangeHistory,
    ParticipationGroup,
)
from services.feedback_api.public_models import PublicSubmission
from services.feedback_api.reconciliation_models import Reconciliation, ReconciliationDifference
from services.feedback_api.registry import Table, metadata, table_of
from services.feedback_api.release_models import ParticipationTold, ProtectedRelease
from services.feedback_api.remedy_models import FollowedHistory, OmbudsmanEnquiry, Recommendation, Remedy
from services.feedback_api.review_models import ReviewParticipation
from services.feedback_api.sharing_models import Quotation, QuotationEvent
from services.feedback_api.strategy_models import CommitmentStatus
from services.feedback_api.survey_models import (
    SurveyAnswer,
    SurveyPopulation,
    SurveyResponse,
    SurveyVersion,
    SurveyWave,
    SurveyWords,
)
from services.feedback_api.tally_models import KeptMonth, KeptTally
from services.feedback_api.theme_models import ThemeClassifier, ThemeDecision, ThemeLesson
from services.feedback_api.token_models import SubmissionToken, TokenBatch
from services.feedback_api.view_models import View, ViewHistory, ViewLink
from services.feedback_api.weakness_models import WeaknessLink

__all__ = [
    "AgencyLearning",
    "BankHoliday",
    "CalendarState",
    "Challenge",
    "ChallengeHistory",
    "CommitmentStatus",
    "Complaint",
    "ComplaintAdvocacy",
    "ComplaintExtension",
    "ComplaintFreeze",
    "ComplaintHistory",
    "ComplaintPerson",
    "ComplaintReport",
    "ComplaintReportUpdate",
    "ComplaintReportUpdateHistory",
    "ComplaintStage",
    "Compliment",
    "ComplimentHistory",
    "FollowedHistory",
    "KeptMonth",
    "KeptTally",
    "LearningEvaluation",
    "LearningEvaluationHistory",
    "OmbudsmanEnquiry",
    "ParticipationActivity",
    "ParticipationActivityHistory",
    "ParticipationChange",
    "ParticipationChangeHistory",
    "ParticipationGroup",
    "ParticipationTold",
    "ProtectedRelease",
    "PublicSubmission",
    "Quotation",
    "QuotationEvent",
    "Recategorisation",
    "Recommendation",
    "Reconciliation",
    "ReconciliationDifference",
    "Remedy",
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
    "ThemeClassifier",
    "ThemeDecision",
    "ThemeLesson",
    "TokenBatch",
    "View",
    "ViewHistory",
    "ViewLink",
    "WeaknessLink",
    "metadata",
    "table_of",
]
