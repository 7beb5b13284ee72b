"""All tables of the feedback service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.feedback_api.challenge_models import Challenge, ChallengeHistory
from services.feedback_api.complaint_models import (
    BankHoliday,
    Complaint,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintHistory,
    ComplaintStage,
)
from services.feedback_api.compliment_models import Compliment, ComplimentHistory
from services.feedback_api.participation_models import (
    ParticipationActivity,
    ParticipationActivityHistory,
    ParticipationChange,
    ParticipationChangeHistory,
    ParticipationGroup,
)
from services.feedback_api.registry import Table, metadata, table_of
from services.feedback_api.strategy_models import CommitmentStatus
from services.feedback_api.view_models import View, ViewHistory, ViewLink

__all__ = [
    "BankHoliday",
    "Challenge",
    "ChallengeHistory",
    "CommitmentStatus",
    "Complaint",
    "ComplaintExtension",
    "ComplaintFreeze",
    "ComplaintHistory",
    "ComplaintStage",
    "Compliment",
    "ComplimentHistory",
    "ParticipationActivity",
    "ParticipationActivityHistory",
    "ParticipationChange",
    "ParticipationChangeHistory",
    "ParticipationGroup",
    "Table",
    "View",
    "ViewHistory",
    "ViewLink",
    "metadata",
    "table_of",
]
