"""Small stand-ins for the other three services, able to fail in the ways services do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.schemas.exceptions import ExceptionOut, ExceptionsOut
from shared.schemas.figures import SpcLabel
from shared.schemas.series import HiddenFigure, SeriesPack, SeriesSegment
from tests.reporting_api.fake_evidence import (
    AS_AT,
    a_pack,
    a_round,
    a_summary,
    an_action,
    an_analysis,
    an_exception,
    catalogue,
    no_record,
    positions,
)
from tests.reporting_api.fake_voices import Voices
from tests.reporting_api.fake_watch import given_answers, rarer_answers

Mode = Literal["up", "error", "slow", "nonsense", "wrong_schema", "forbidden"]


class Fake:
    """One neighbour: what it answers can be set, and what it was asked is kept."""

    def __init__(self, name: str, answers: Mapping[str, Callable[[Request], BaseModel | dict[str, Any]]]) -> None:
        self.name = name
        self.mode: Mode = "up"
        # As of when it says that it tells; None leaves what each answer says itself.
        self.as_at: datetime | None = None
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.busiest = 0
        self._busy = 0
        self.app = Starlette(routes=[Route(path, self._answering(answer)) for path, answer in answers.items()])

    def _answering(self, answer: Callable[[Request], BaseModel | dict[str, Any]]) -> Any:
        async def endpoint(request: Request) -> Response:
            bearer = request.headers.get("authorization", "")
            self.asked.append((request.url.path, dict(request.query_params), bearer))
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            await asyncio.sleep(30 if self.mode == "slow" else 0.01)
            self._busy -= 1
            if self.mode == "error":
                return Response("broken", 500)
            if self.mode == "forbidden":
                return Response("{}", 403)
            if self.mode == "nonsense":
                return Response('{"items": NaN', media_type="application/json")
            if self.mode == "wrong_schema":
                return Response('{"unexpected": true}', media_type="application/json")
            found = answer(request)
            if self.as_at and isinstance(found, BaseModel) and isinstance(getattr(found, "as_at", None), datetime):
                found = found.model_copy(update={"as_at": self.as_at})
            body = found.model_dump_json(by_alias=True) if isinstance(found, BaseModel) else json.dumps(found)
            return Response(body, media_type="application/json")

        return endpoint


class FakeNeighbours:
    """The three together, in this process, in place of the real ones."""

    def __init__(self) -> None:
        self.summary = a_summary()
        self.participation = no_record()
        self.analysis = an_analysis()
        self.exceptions = [an_exception()]
        self.resolved: list[ExceptionOut] = []
        self.actions = [an_action()]
        self.voices = Voices()
        self.failing: set[str] = set()
        self.labels: dict[str, str] = {}
        # What the indicator service answers to the rarer questions, by path.
        self.given: dict[str, dict[str, Any]] = rarer_answers()
        self.restated: list[dict[str, Any]] = []
        self.segments: dict[str, list[SeriesSegment]] = {}
        self.targets: dict[str, dict[str, Any]] = {}
        self.ranked: set[str] = set()
        # What the indicator service shows nobody without true figures: indicator, area and period.
        self.hidden: list[tuple[str, str, str]] = []
        self.position_periods: dict[str, str] = {}
        self.points: dict[str, list[tuple[str, float | None, float | None, float | None]]] = {}
        self.indicator = Fake(
            "indicator",
            {
                "/v1/framework/indicators": lambda _: catalogue(self.targets),
                "/v1/exceptions": lambda request: ExceptionsOut(
                    period=request.query_params["period"],
                    area=request.query_params["area"],
                    as_at=AS_AT,
                    indicators_examined=43,
                    items=self.exceptions,
                    resolved=self.resolved,
                ),
                "/v1/series": lambda request: self._failing("series") or self._pack(request),
                "/v1/positions": lambda request: self._failing("positions") or self._positions(request),
                "/v1/restatements": lambda _: {"items": self.restated, "next": None},
                **given_answers(self.given),
            },
        )
        self.audit = Fake(
            "audit",
            {
                "/v1/coverage": lambda request: a_round(request.query_params["period"]),
                "/v1/analysis": lambda request: self.analysis.model_copy(
                    update={"period": request.query_params["period"]}
                ),
                "/v1/actions": lambda _: {"items": self.actions, "next": None},
                **self.voices.audit(),
            },
        )
        self.feedback = Fake(
            "feedback",
            {
                "/v1/summary": lambda request: self.summary.model_copy(
                    update={"period": request.query_params["period"]}
                ),
                "/v1/participation-statement": lambda request: self.participation.model_copy(
                    update={"period": request.query_params["period"]}
                ),
                **self.voices.feedback(),
            },
        )

    def _failing(self, what: str) -> dict[str, Any] | None:
        return {"nothing": True} if what in self.failing else None

    def _pack(self, request: Request) -> SeriesPack:
        """With what a control chart says of the newest point, where a test gives it."""
        found = a_pack(request, self.points)
        for place, one in enumerate(found.items):
            label = self.labels.get(one.indicator)
            if label is not None and one.areas[0].points:
                newest = one.areas[0].points.pop()
                one.areas[0].points.append(newest.model_copy(update={"label": SpcLabel(label)}))
            one.areas[0].segments.extend(self.segments.get(one.indicator, ()))
            if request.query_params.get("marked") == "true":
                marks = [HiddenFigure(area=area, period=at) for code, area, at in self.hidden if code == one.indicator]
                found.items[place] = one.model_copy(update={"hidden": marks})
        return found

    def _positions(self, request: Request) -> dict[str, Any]:
        found = positions(request, self.points, self.ranked)
        for one in found["items"]:
            one["period"] = self.position_periods.get(one["indicator"], one["period"])
        return found

    def __iter__(self) -> Any:
        return iter((self.indicator, self.audit, self.feedback))

    async def attach(self, app: Any, stack: AsyncExitStack, deadline: float = 2.0) -> None:
        """Put them where the service looks for its neighbours."""

        async def own_token() -> str:
            return "the-service-s-own"

        neighbours = Neighbours(
            *(
                Neighbour(
                    one.name, asgi_app=one.app, token=own_token, deadline=deadline, retries=0, clock=app.state.clock
                )
                for one in self
            )
        )
        app.state.neighbours = await stack.enter_async_context(neighbours)
