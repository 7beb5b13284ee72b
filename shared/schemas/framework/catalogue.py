"""The kinds of framework item: the model of each, which service keeps it, and how content becomes an item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.schemas.framework.access import Retention, Role
from shared.schemas.framework.areas import Area, ComparatorSet
from shared.schemas.framework.audit import Tool
from shared.schemas.framework.audit_programmes import Commitment, Programme
from shared.schemas.framework.calendars import Calendar
from shared.schemas.framework.escalation import EscalationPolicy
from shared.schemas.framework.feedback import Channel, ComplaintProcedure, Contact, RespondentGroup
from shared.schemas.framework.fields import Item
from shared.schemas.framework.indicators import FocusArea, Indicator, SourceSystem
from shared.schemas.framework.organisation import Agency, Theme, Unit
from shared.schemas.framework.participation import CommissioningStage, ParticipationCommitment, ParticipationMethod
from shared.schemas.framework.providers import ProviderRegister
from shared.schemas.framework.recurrences import RecurrenceRule
from shared.schemas.framework.reporting import Board, Report
from shared.schemas.framework.returns import Return
from shared.schemas.framework.safeguarding import DutyPolicy, SharingRules
from shared.schemas.framework.scrutiny import ScrutinyFramework
from shared.schemas.framework.surveys import Survey, SurveyDuty
from shared.schemas.framework.workforce import RegistrationBody, RoleFamily

KINDS: dict[str, type[Item]] = {
    "units": Unit,
    "agencies": Agency,
    "themes": Theme,
    "tools": Tool,
    "programmes": Programme,
    "commitments": Commitment,
    "escalation_policies": EscalationPolicy,
    "scrutiny_frameworks": ScrutinyFramework,
    "recurrence_rules": RecurrenceRule,
    "areas": Area,
    "comparator_sets": ComparatorSet,
    "focus_areas": FocusArea,
    "source_systems": SourceSystem,
    "registration_bodies": RegistrationBody,
    "role_families": RoleFamily,
    "indicators": Indicator,
    "provider_registers": ProviderRegister,
    "channels": Channel,
    "respondent_groups": RespondentGroup,
    "complaint_procedures": ComplaintProcedure,
    "surveys": Survey,
    "survey_duties": SurveyDuty,
    "contacts": Contact,
    "duty_policies": DutyPolicy,
    "sharing_rules": SharingRules,
    "participation_methods": ParticipationMethod,
    "commissioning_stages": CommissioningStage,
    "participation_commitments": ParticipationCommitment,
    "boards": Board,
    "calendars": Calendar,
    "reports": Report,
    "returns": Return,
    "roles": Role,
    "retention": Retention,
}

_EVERYWHERE = ("units", "agencies", "themes", "retention")
# Which kinds each service keeps. Roles are read from the file by all and applied to none.
APPLIED_TO: dict[str, tuple[str, ...]] = {
    "audit": (
        *_EVERYWHERE,
        "tools",
        "programmes",
        "commitments",
        "escalation_policies",
        "scrutiny_frameworks",
        "recurrence_rules",
    ),
    "indicator": (
        *_EVERYWHERE,
        "areas",
        "comparator_sets",
        "focus_areas",
        "source_systems",
        "registration_bodies",
        "role_families",
        "indicators",
        "provider_registers",
    ),
    "feedback": (
        *_EVERYWHERE,
        "channels",
        "respondent_groups",
        "complaint_procedures",
        "surveys",
        "survey_duties",
        "contacts",
        "duty_policies",
        "sharing_rules",
        "participation_methods",
        "commissioning_stages",
        "participation_commitments",
        "boards",
    ),
    "reporting": (*_EVERYWHERE, "boards", "calendars", "reports", "returns"),
}


def parse_item(kind: str, content: Mapping[str, Any]) -> Item:
    """Content as JSON or YAML gave it, checked against the model of its kind.

    Raises KeyError for an unknown kind and pydantic's ValidationError for content that does not fit.
    Validated as JSON, because strict Python validation would refuse the words and dates JSON writes as text.
    """
    return KINDS[kind].model_validate_json(json.dumps(content, allow_nan=False))


def content_of(item: Item) -> dict[str, Any]:
    """The canonical content of an item: defaults left out, so a new optional field changes no stored hash."""
    return item.model_dump(mode="json", exclude_defaults=True)
