"""Stateless calculators, for front ends and for anyone who wants to check the figures this service gives."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.indicator_api.calculations import service
from services.indicator_api.calculations.answers import (
    BenchmarkOut,
    FunnelOut,
    IntervalsOut,
    QuartilesOut,
    SpcOut,
    TrendOut,
)
from services.indicator_api.calculations.schemas import (
    BenchmarkIn,
    FunnelIn,
    IntervalsIn,
    QuartilesIn,
    SpcIn,
    TrendIn,
)
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.openapi import READS_ONLY
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/calculations", tags=["calculations"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]


def _answer(found: BaseModel) -> Response:
    return Response(found.model_dump_json(by_alias=True), media_type="application/json")


@router.post("/spc", response_model=SpcOut, openapi_extra=READS_ONLY)
async def calculate_spc(body: SpcIn, caller: Reader) -> Response:
    """XmR limits, signals and assurance of a series."""
    return _answer(service.spc(body))


@router.post("/intervals", response_model=IntervalsOut, openapi_extra=READS_ONLY)
async def calculate_intervals(body: IntervalsIn, caller: Reader) -> Response:
    """Confidence intervals of proportions or rates."""
    return _answer(service.intervals(body))


@router.post("/funnel", response_model=FunnelOut, openapi_extra=READS_ONLY)
async def calculate_funnel(body: FunnelIn, caller: Reader) -> Response:
    """Each area set against the pooled value of all of them."""
    return _answer(service.funnel_of(body))


@router.post("/benchmark", response_model=BenchmarkOut, openapi_extra=READS_ONLY)
async def calculate_benchmark(body: BenchmarkIn, caller: Reader) -> Response:
    """A figure with its interval against a reference, or against the mean and median of a set."""
    return _answer(service.benchmark(body))


@router.post("/trend", response_model=TrendOut, openapi_extra=READS_ONLY)
async def calculate_trend(body: TrendIn, caller: Reader) -> Response:
    """Whether five annual figures rise or fall by more than chance."""
    return _answer(service.trend(body))


@router.post("/quartiles", response_model=QuartilesOut, openapi_extra=READS_ONLY)
async def calculate_quartiles(body: QuartilesIn, caller: Reader) -> Response:
    """Quartiles of all authorities' figures, with each one's band and rank."""
    return _answer(service.quartiles_of(body))
