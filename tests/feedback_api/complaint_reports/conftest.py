"""A year of complaints through the public API, and reports produced when their quarter is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.feedback_api.complaint_reports.jobs import produce_reports
from shared.clock import FixedClock

Make = Callable[..., dict[str, Any]]
Post = Callable[..., Awaitable[None]]
QUARTER = "FY2026-27-Q2"
# The first working day of October, when the second quarter is over.
OCTOBER = datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.fixture
async def autumn(start: Any) -> Any:
    """The feedback service on the day after the second quarter."""
    return await start("feedback", clock=FixedClock(OCTOBER))


@pytest.fixture
def closed(a_complaint: Make) -> Make:
    """A complaint of July that was closed in August."""

    def make(ref: str, outcome: str = "upheld", **fields: Any) -> dict[str, Any]:
        stage = {"stage": "stage_1", "started_on": "2026-07-20", "ended_on": "2026-08-03", "outcome": outcome}
        return a_complaint(respond_ref=ref, received_on="2026-07-20", stages=[stage]) | fields

    return make


@pytest.fixture
def post() -> Post:
    async def send(feedback: Any, *bodies: dict[str, Any]) -> None:
        client = await feedback.client("admin")
        for body in bodies:
            answer = await client.post("/v1/complaints", json=body)
            assert answer.status_code in (200, 201), answer.text

    return send


@pytest.fixture
def produce() -> Callable[[Any], Awaitable[list[str]]]:
    """What the keeper in the background does every ten minutes."""

    async def run(feedback: Any) -> list[str]:
        return await produce_reports(feedback.database, feedback.clock.now())

    return run


@pytest.fixture
def read() -> Callable[..., Awaitable[dict[str, Any]]]:
    async def get(
        feedback: Any, role: str = "complaints_manager", query: str = f"period={QUARTER}", unit: str | None = None
    ) -> dict[str, Any]:
        answer = await (await feedback.client(role, unit=unit)).get(f"/v1/complaints/reports?{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return get
