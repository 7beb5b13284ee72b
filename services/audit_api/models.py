"""All tables of the audit service, so that whoever wants the whole finds it registered."""

from __future__ import annotations

from services.audit_api import checkpoint_models, escalation_models, moderation_models, scrutiny_models
from services.audit_api.action_models import (
    Action,
    ActionDueDate,
    ActionEvidence,
    ActionNote,
    ActionOwner,
    ActionVerification,
    ReAudit,
)
from services.audit_api.analysis_models import AuditEpoch, AuditTally
from services.audit_api.attachment_models import AttachmentContent, AuditAttachment
from services.audit_api.audit_models import (
    Audit,
    AuditAnswer,
    AuditFinding,
    AuditParticipant,
    AuditView,
    ToolVersion,
)
from services.audit_api.edition_models import AuditCorrection, AuditEdition, AuditImported, AuditStep
from services.audit_api.learning_models import (
    LearningAcknowledgement,
    LearningItem,
    LearningSource,
    LearningTraining,
)
from services.audit_api.plan_models import ActionPlan, ActionPlanItem
from services.audit_api.programme_models import AuditRound, AuditSlot
from services.audit_api.recurrence_models import RecurrenceResponse
from services.audit_api.registry import metadata
from services.audit_api.reminder_models import Reminder
from services.audit_api.selection_models import Auditor, CaseDraw, DrawnCase, DrawSource, OpenCase, OpenCaseList

__all__ = [
    "Action",
    "ActionDueDate",
    "ActionEvidence",
    "ActionNote",
    "ActionOwner",
    "ActionPlan",
    "ActionPlanItem",
    "ActionVerification",
    "AttachmentContent",
    "Audit",
    "AuditAnswer",
    "AuditAttachment",
    "AuditCorrection",
    "AuditEdition",
    "AuditEpoch",
    "AuditFinding",
    "AuditImported",
    "AuditParticipant",
    "AuditRound",
    "AuditSlot",
    "AuditStep",
    "AuditTally",
    "AuditView",
    "Auditor",
    "CaseDraw",
    "DrawSource",
    "DrawnCase",
    "LearningAcknowledgement",
    "LearningItem",
    "LearningSource",
    "LearningTraining",
    "OpenCase",
    "OpenCaseList",
    "ReAudit",
    "RecurrenceResponse",
    "Reminder",
    "ToolVersion",
    "checkpoint_models",
    "escalation_models",
    "metadata",
    "moderation_models",
    "scrutiny_models",
]
