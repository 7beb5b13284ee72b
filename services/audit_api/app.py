"""The audit service's application."""

from __future__ import annotations

from fastapi import FastAPI

from services.audit_api.actions import re_audit_routes
from services.audit_api.actions import routes as actions
from services.audit_api.actions import step_routes as action_steps
from services.audit_api.analysis import routes as analysis
from services.audit_api.analysis.jobs import keep_tallies
from services.audit_api.attachments import routes as attachments
from services.audit_api.auditors import routes as auditors
from services.audit_api.audits import earlier as earlier_findings
from services.audit_api.audits import import_routes as audit_imports
from services.audit_api.audits import life_routes as audit_life
from services.audit_api.audits import routes as audits
from services.audit_api.checkpoints import routes as checkpoints
from services.audit_api.commitments import routes as commitments
from services.audit_api.escalations import routes as escalations
from services.audit_api.escalations.jobs import keep_escalations
from services.audit_api.holdings import HOLDINGS
from services.audit_api.learning import loop_routes
from services.audit_api.learning import routes as learning
from services.audit_api.models import Audit
from services.audit_api.moderation import routes as moderation
from services.audit_api.moderation import sample_routes as moderation_samples
from services.audit_api.open_cases import routes as open_cases
from services.audit_api.plans import routes as plans
from services.audit_api.programmes import coverage_routes as coverage
from services.audit_api.programmes import everyday_routes as everyday
from services.audit_api.programmes import routes as programmes
from services.audit_api.programmes.catching_up import make_passed_rounds
from services.audit_api.programmes.service import project_programmes
from services.audit_api.reach import deeds_told, items_shown
from services.audit_api.recurrence import routes as recurrence
from services.audit_api.registry import table_of
from services.audit_api.scrutiny import recommendation_routes as recommendations
from services.audit_api.scrutiny import routes as scrutiny
from services.audit_api.selection import routes as selection
from services.audit_api.tools import routes as tools
from services.audit_api.tools.service import project_tools
from services.audit_api.worklists import routes as worklists
from services.audit_api.worklists.jobs import keep_reminding
from shared.app import Service, build_app
from shared.clock import Clock
from shared.framework.units import project_units
from shared.settings import Settings
from shared.stored import Referenced
from shared.withholding import Withholding

_AUDITS = table_of(Audit).c

SERVICE = Service(
    name="audit",
    title="Audit service",
    summary="From one child's file to what the organisation learned.",
    routers=(
        tools.router,
        programmes.router,
        coverage.router,
        everyday.router,
        commitments.router,
        open_cases.router,
        auditors.router,
        selection.router,
        audits.router,
        earlier_findings.router,
        audit_imports.router,
        audit_life.router,
        attachments.router,
        moderation.router,
        moderation_samples.router,
        actions.router,
        action_steps.router,
        re_audit_routes.router,
        plans.router,
        recurrence.router,
        loop_routes.router,
        learning.router,
        escalations.router,
        scrutiny.router,
        recommendations.router,
        checkpoints.router,
        analysis.router,
        worklists.router,
    ),
    # In this order: a programme names a tool that was published just before it, and units already there.
    holdings=HOLDINGS,
    framework_kinds={
        "units": project_units,
        "agencies": None,
        "themes": None,
        "retention": None,
        "tools": project_tools,
        "programmes": project_programmes,
        "escalation_policies": None,
        "scrutiny_frameworks": None,
        "commitments": None,
        "recurrence_rules": None,
    },
    background=(keep_escalations, keep_tallies, keep_reminding),
    withholding=Withholding(deeds=deeds_told, items=items_shown),
    before_applying=make_passed_rounds,
    referenced=(Referenced("audit", _AUDITS.source_ref, _AUDITS.id, _AUDITS.allocated_by, _AUDITS.allocated_at),),
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    return build_app(SERVICE, settings, clock)
