"""The indicator service's application."""

from __future__ import annotations

from fastapi import FastAPI

from services.indicator_api.calculations.routes import router as calculations
from services.indicator_api.charts.routes import router as charts
from services.indicator_api.commentary.request_routes import router as commentary_requests
from services.indicator_api.commentary.routes import router as commentary
from services.indicator_api.comparators.routes import router as comparators
from services.indicator_api.distribution.routes import router as distribution
from services.indicator_api.exceptions.jobs import keep_exceptions, keep_protected_exceptions
from services.indicator_api.exceptions.routes import router as exceptions
from services.indicator_api.exports.changes_routes import router as changes
from services.indicator_api.exports.odata_routes import router as odata
from services.indicator_api.exports.routes import router as exports
from services.indicator_api.focus.routes import router as focus
from services.indicator_api.holdings import HOLDINGS
from services.indicator_api.indicators import projection
from services.indicator_api.indicators.routes import router as indicators
from services.indicator_api.mappings.routes import router as mappings
from services.indicator_api.observations.comparisons.routes import router as comparisons
from services.indicator_api.observations.import_jobs.jobs import forget_bodies, run_imports
from services.indicator_api.observations.import_jobs.routes import router as import_jobs
from services.indicator_api.observations.imports.routes import router as imports
from services.indicator_api.observations.routes import router as observations
from services.indicator_api.observations.rows.rulebook import rulebook_of
from services.indicator_api.observations.withdrawals.routes import router as withdrawals
from services.indicator_api.providers.concern_routes import router as concerns
from services.indicator_api.providers.routes import router as providers
from services.indicator_api.quality.routes import router as quality
from services.indicator_api.registrations.routes import router as registrations
from services.indicator_api.restatements.routes import router as restatements
from services.indicator_api.series.routes import router as series
from services.indicator_api.series.written import writer_of
from services.indicator_api.standing.routes import router as standing
from shared.app import Service, build_app
from shared.clock import Clock
from shared.framework.units import project_units
from shared.settings import Settings

SERVICE = Service(
    name="indicator",
    title="Indicator service",
    summary="Figures a director can act on.",
    # Imports stand before observations: `/observations/imports` is not the figure of an indicator named so.
    routers=(
        imports,
        import_jobs,
        withdrawals,
        comparisons,
        observations,
        series,
        indicators,
        mappings,
        comparators,
        exceptions,
        calculations,
        providers,
        concerns,
        focus,
        distribution,
        registrations,
        quality,
        restatements,
        commentary,
        commentary_requests,
        charts,
        standing,
        exports,
        changes,
        odata,
    ),
    holdings=HOLDINGS,
    framework_kinds={
        "units": project_units,
        "agencies": None,
        "themes": None,
        "retention": None,
        "areas": projection.project_areas,
        "comparator_sets": projection.project_comparator_sets,
        "focus_areas": projection.check_references,
        "source_systems": projection.check_references,
        "registration_bodies": None,
        "role_families": projection.check_references,
        "indicators": projection.project_indicators,
        "provider_registers": None,
    },
    background=(keep_exceptions, keep_protected_exceptions, run_imports, forget_bodies),
    lifespans=(rulebook_of, writer_of),
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    return build_app(SERVICE, settings, clock)
