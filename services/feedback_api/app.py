"""The feedback service's application."""

from __future__ import annotations

from fastapi import FastAPI

from services.feedback_api.complaint_reports import routes as complaint_reports
from services.feedback_api.complaint_reports import update_routes as complaint_report_updates
from services.feedback_api.complaint_reports.jobs import keep_reports
from services.feedback_api.complaints import calendar_routes, progress_routes
from services.feedback_api.complaints import routes as complaints
from services.feedback_api.complaints.days_off import project_procedures
from services.feedback_api.compliments import routes as compliments
from services.feedback_api.learning_feed import routes as learning_feed
from services.feedback_api.reconciliation import month_routes as reconciled_months
from services.feedback_api.reconciliation import routes as reconciliation
from services.feedback_api.summary import routes as summary
from services.feedback_api.views import routes as views
from services.feedback_api.weaknesses import routes as weaknesses
from shared.app import Service, build_app
from shared.clock import Clock
from shared.framework.units import project_units
from shared.settings import Settings

SERVICE = Service(
    name="feedback",
    title="Feedback service",
    summary="What children, families, staff and partners say, and what changed because of it.",
    routers=(
        views.router,
        # Before complaints, whose references would else take their paths.
        complaint_reports.router,
        complaint_report_updates.router,
        complaints.router,
        progress_routes.router,
        calendar_routes.router,
        compliments.router,
        reconciliation.router,
        reconciled_months.router,
        summary.router,
        weaknesses.router,
        learning_feed.router,
    ),
    framework_kinds={
        "units": project_units,
        "agencies": None,
        "themes": None,
        "channels": None,
        "respondent_groups": None,
        "complaint_procedures": project_procedures,
    },
    background=(keep_reports,),
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    return build_app(SERVICE, settings, clock)
