"""The feedback service's application."""

from __future__ import annotations

from fastapi import FastAPI

from services.feedback_api.complaints import calendar_routes, progress_routes
from services.feedback_api.complaints import routes as complaints
from services.feedback_api.complaints.days_off import project_procedures
from services.feedback_api.compliments import routes as compliments
from services.feedback_api.reconciliation import routes as reconciliation
from services.feedback_api.summary import analysis_routes
from services.feedback_api.summary import routes as summary
from services.feedback_api.summary.jobs import keep_tallies
from services.feedback_api.themes import accuracy_routes
from services.feedback_api.themes import routes as themes
from services.feedback_api.views import routes as views
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
        complaints.router,
        progress_routes.router,
        calendar_routes.router,
        compliments.router,
        reconciliation.router,
        summary.router,
        analysis_routes.router,
        themes.router,
        accuracy_routes.router,
    ),
    framework_kinds={
        "units": project_units,
        "agencies": None,
        "themes": None,
        "channels": None,
        "respondent_groups": None,
        "complaint_procedures": project_procedures,
    },
    background=(keep_tallies,),
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    return build_app(SERVICE, settings, clock)
