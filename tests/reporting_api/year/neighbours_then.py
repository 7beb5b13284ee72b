"""The other three services through the year: each day they know what could be known that day."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from shared.breaker import Breaker
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.schemas.framework.indicators import Indicator
from shared.schemas.periods import Period, PeriodKind
from tests.reporting_api.fake_evidence import DORSET, a_record, an_analysis, no_record
from tests.reporting_api.fake_neighbours import FakeNeighbours
from tests.reporting_api.fake_voices import a_challenge
from tests.reporting_api.framework_changes import dorset_framework
from tests.reporting_api.year.plan import NO_STRENGTHS, OUTAGE, RESTATED

# So many periods of each figure are known.
_NEWEST = 4


class NeighboursThen(FakeNeighbours):
    """Stand-ins whose answers grow with the year."""

    def __init__(self) -> None:
        super().__init__()
        self.voices.challenges = [a_challenge(id=UUID("01a20000-0000-7000-8000-00000000000c"))]

    async def attach(self, app: Any, stack: AsyncExitStack, deadline: float = 2.0) -> None:
        async def own_token() -> str:
            return "the-service-s-own"

        clock = app.state.clock
        neighbours = Neighbours(
            *(
                Neighbour(
                    one.name, asgi_app=one.app, token=own_token, deadline=deadline, retries=0, clock=clock,
                    breaker=Breaker(monotonic=lambda: clock.now().timestamp()),
                )
                for one in self
            )
        )  # fmt: skip
        app.state.neighbours = await stack.enter_async_context(neighbours)

    def go(self, now: datetime) -> None:
        """As of the morning of a day."""
        day = now.date()
        for one in self:
            one.as_at = now
        self.audit.mode = "error" if OUTAGE[0] <= day < OUTAGE[1] else "up"
        self.analysis = an_analysis(strengths=[]) if day.isoformat()[:7] == _following(NO_STRENGTHS) else an_analysis()
        self.participation = no_record() if day < date(2026, 9, 30) else a_record()
        self.points = {
            code: _rows(code, cast(Indicator, one), day) for code, one in dorset_framework().items["indicators"].items()
        }
        self.restated = [
            {
                "indicator": code, "period": period, "area": DORSET, "breakdown": None,
                "restated_at": f"{since}T08:00:00Z", "reason": "Two teams sent their records late.",
            }
            for (code, period), (since, _) in RESTATED.items()
            if since <= day
        ]  # fmt: skip


def _following(month: str) -> str:
    return Period.parse(month).successor.code


def _rows(code: str, definition: Indicator, day: date) -> list[tuple[str, float | None, float | None, float | None]]:
    """The newest periods that were over by then; a number depends on its indicator and period alone."""
    kind = definition.period_kind
    if kind in (PeriodKind.term, PeriodKind.half_term):
        return []
    found, period = [], Period.containing(kind, day).predecessor
    for _ in range(_NEWEST):
        value = 60.0 + sum(map(ord, code + period.code)) % 30
        since, otherwise = RESTATED.get((code, period.code), (date.max, value))
        found.append((period.code, otherwise if since <= day else value, 600.0, 1000.0))
        period = period.predecessor
    return found[::-1]
