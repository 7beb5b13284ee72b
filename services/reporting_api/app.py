"""The reporting service's application."""

from __future__ import annotations

from fastapi import FastAPI

from services.reporting_api.assembly.history_routes import router as assembly_history
from services.reporting_api.assembly.jobs import run_assemblies
from services.reporting_api.assembly.routes import router as assembly
from services.reporting_api.boards.routes import router as boards
from services.reporting_api.calendar.address_routes import router as calendar_addresses
from services.reporting_api.calendar.routes import router as calendar
from services.reporting_api.comments.routes import router as comments
from services.reporting_api.compliance.routes import router as compliance
from services.reporting_api.contributions.clock import run_contributions
from services.reporting_api.contributions.routes import router as contributions
from services.reporting_api.decisions.routes import router as decisions
from services.reporting_api.definitions import check_references
from services.reporting_api.delegations.routes import router as delegations
from services.reporting_api.deliveries.feed import router as publications
from services.reporting_api.deliveries.jobs import run_deliveries
from services.reporting_api.deliveries.routes import router as deliveries
from services.reporting_api.deliveries.watching import watch_deliveries
from services.reporting_api.extracts.routes import router as extracts
from services.reporting_api.feeds.routes import router as feeds
from services.reporting_api.holdings import HOLDINGS
from services.reporting_api.impact.routes import router as impact
from services.reporting_api.lateness.routes import router as lateness
from services.reporting_api.meetings.routes import router as meetings
from services.reporting_api.neighbours import open_neighbours
from services.reporting_api.publication.routes import router as public
from services.reporting_api.reading import keep_published
from services.reporting_api.receipts.routes import router as receipts
from services.reporting_api.renders.routes import router as renders
from services.reporting_api.reports.routes import router as reports
from services.reporting_api.reports.sign_off_routes import router as sign_off
from services.reporting_api.reports.steps import router as steps
from services.reporting_api.returns.routes import router as returns
from services.reporting_api.returns.steps import router as return_steps
from services.reporting_api.schedule.clock import run_clock
from services.reporting_api.schedule.routes import router as schedule
from services.reporting_api.triangulation.routes import router as triangulation
from services.reporting_api.webhook_secrets import open_webhook_secrets
from services.reporting_api.webhooks.routes import router as webhooks
from shared.app import Service, build_app
from shared.clock import Clock
from shared.framework.units import project_units
from shared.settings import Settings

SERVICE = Service(
    name="reporting",
    title="Reporting service",
    summary="Every board gets the right report, on time, true and signed.",
    # What is read most is looked for first.
    routers=(
        reports,
        boards,
        schedule,
        assembly,
        assembly_history,
        steps,
        compliance,
        meetings,
        lateness,
        calendar,
        calendar_addresses,
        contributions,
        decisions,
        sign_off,
        comments,
        delegations,
        returns,
        return_steps,
        public,
        receipts,
        publications,
        webhooks,
        deliveries,
        triangulation,
        impact,
        extracts,
        feeds,
        renders,
    ),
    holdings=HOLDINGS,
    framework_kinds={
        "units": project_units,
        "agencies": None,
        "themes": None,
        "retention": None,
        "boards": check_references,
        "calendars": check_references,
        "reports": check_references,
        "returns": None,
    },
    background=(run_clock, run_assemblies, run_contributions, run_deliveries, watch_deliveries),
    lifespans=(open_neighbours, open_webhook_secrets, keep_published),
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    return build_app(SERVICE, settings, clock)
