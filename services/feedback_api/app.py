"""The feedback service's application."""

from __future__ import annotations

from fastapi import FastAPI

from services.feedback_api.challenges import routes as challenges
from services.feedback_api.complaint_reports import routes as complaint_reports
from services.feedback_api.complaint_reports import update_routes as complaint_report_updates
from services.feedback_api.complaint_reports.jobs import keep_reports
from services.feedback_api.complaints import (
    calendar_routes,
    handling_routes,
    merging_routes,
    progress_routes,
    worklist_routes,
)
from services.feedback_api.complaints import routes as complaints
from services.feedback_api.complaints.days_off import project_procedures
from services.feedback_api.compliments import merging_routes as compliment_merging
from services.feedback_api.compliments import routes as compliments
from services.feedback_api.coverage import routes as coverage
from services.feedback_api.coverage import statement_routes
from services.feedback_api.coverage.jobs import keep_told
from services.feedback_api.holdings import HOLDINGS
from services.feedback_api.learning_feed import routes as learning_feed
from services.feedback_api.limits import public_limits
from services.feedback_api.models import AgencyLearning, Complaint, Compliment, View
from services.feedback_api.participation import change_routes
from services.feedback_api.participation import routes as participation
from services.feedback_api.public import batch_routes
from services.feedback_api.public import routes as public
from services.feedback_api.quarantine import routes as quarantine
from services.feedback_api.reconciliation import month_routes as reconciled_months
from services.feedback_api.reconciliation import routes as reconciliation
from services.feedback_api.registry import table_of
from services.feedback_api.remedies import compliance_routes, enquiry_routes, recommendation_routes, remedy_routes
from services.feedback_api.review_codes import routes as review_codes
from services.feedback_api.safeguarding import routes as safeguarding
from services.feedback_api.safeguarding.jobs import keep_flags
from services.feedback_api.sharing import reading_routes
from services.feedback_api.sharing import routes as sharing
from services.feedback_api.strategy import routes as strategy
from services.feedback_api.summary import analysis_routes
from services.feedback_api.summary import routes as summary
from services.feedback_api.summary.jobs import keep_tallies
from services.feedback_api.surveys import (
    duty_routes,
    indicator_routes,
    public_routes,
    response_routes,
    result_routes,
    transfer_routes,
    wave_routes,
    words_routes,
)
from services.feedback_api.surveys import routes as surveys
from services.feedback_api.surveys.editions import project_surveys
from services.feedback_api.themes import accuracy_routes
from services.feedback_api.themes import routes as themes
from services.feedback_api.views import history_routes as view_history
from services.feedback_api.views import routes as views
from services.feedback_api.weaknesses import routes as weaknesses
from shared.app import Service, build_app
from shared.clock import Clock
from shared.framework.units import project_units
from shared.settings import Settings
from shared.stored import Referenced

_VIEWS, _COMPLAINTS, _COMPLIMENTS, _LEARNING = (
    table_of(model).c for model in (View, Complaint, Compliment, AgencyLearning)
)

SERVICE = Service(
    name="feedback",
    title="Feedback service",
    summary="What children, families, staff and partners say, and what changed because of it.",
    routers=(
        views.router,
        view_history.router,
        worklist_routes.router,
        # Before complaints, whose references would else take their paths.
        complaint_reports.router,
        complaint_report_updates.router,
        complaints.router,
        progress_routes.router,
        handling_routes.router,
        merging_routes.router,
        calendar_routes.router,
        compliments.router,
        compliment_merging.router,
        enquiry_routes.router,
        compliance_routes.router,
        remedy_routes.router,
        recommendation_routes.router,
        reconciliation.router,
        public.router,
        batch_routes.router,
        quarantine.router,
        review_codes.router,
        summary.router,
        safeguarding.router,
        sharing.router,
        reading_routes.router,
        surveys.router,
        wave_routes.router,
        response_routes.router,
        result_routes.router,
        transfer_routes.router,
        indicator_routes.router,
        duty_routes.router,
        public_routes.router,
        words_routes.router,
        reconciled_months.router,
        weaknesses.router,
        learning_feed.router,
        challenges.router,
        participation.router,
        change_routes.router,
        strategy.router,
        coverage.router,
        statement_routes.router,
        analysis_routes.router,
        themes.router,
        accuracy_routes.router,
    ),
    lifespans=(public_limits, review_codes.open_pseudonym_key),
    holdings=HOLDINGS,
    framework_kinds={
        "units": project_units,
        "agencies": None,
        "themes": None,
        "retention": None,
        "channels": None,
        "respondent_groups": None,
        "complaint_procedures": project_procedures,
        "contacts": None,
        "duty_policies": None,
        "sharing_rules": None,
        "surveys": project_surveys,
        "survey_duties": None,
        "participation_methods": None,
        "commissioning_stages": None,
        "participation_commitments": None,
        "boards": None,
    },
    background=(keep_flags, keep_reports, keep_tallies, keep_told),
    referenced=(
        Referenced("view", _VIEWS.source_ref, _VIEWS.id, _VIEWS.recorded_by, _VIEWS.recorded_at),
        *(
            Referenced(kind, its.respond_ref, its.id, its.recorded_by, its.recorded_at)
            for kind, its in (("complaint", _COMPLAINTS), ("compliment", _COMPLIMENTS))
        ),
        Referenced("agency_learning", _LEARNING.source_ref, _LEARNING.id, _LEARNING.shared_by, _LEARNING.shared_at),
    ),
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    return build_app(SERVICE, settings, clock)
