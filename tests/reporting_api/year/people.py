"""The reporting service through a year: who calls it, and the way of a report to its board."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, time
from typing import Any

import httpx

from services.catalogue import create_service
from services.reporting_api.contributions.clock import tick as ask_and_chase
from services.reporting_api.schedule.clock import Ticker
from shared.auth.local_issuer import LocalIssuer
from shared.clock import FixedClock
from tests.conftest import Running, Server, make_settings
from tests.reporting_api.conftest import slug
from tests.reporting_api.test_clock import work_off
from tests.reporting_api.year.counting import Body, Owed
from tests.reporting_api.year.neighbours_then import NeighboursThen
from tests.reporting_api.year.plan import Key, edits

WHO = {
    "ann": "analyst", "hal": "head_of_service", "quinn": "qa_manager", "pam": "qa_manager", "admin": "admin",
    "bea": "board_reader",
}  # fmt: skip
SIGNERS = {"head_of_service": "hal", "qa_manager": "quinn"}


class Year:
    """The service, its neighbours, the people who call it, and what they were told on the way."""

    def __init__(self, running: Running, neighbours: NeighboursThen) -> None:
        self.running, self.neighbours = running, neighbours
        self.people: dict[str, httpx.AsyncClient] = {}
        self.occurrences: dict[Key, str] = {}
        self.published: dict[tuple[str, str, int], Body] = {}
        self.first_tries: dict[str, str] = {}
        self.told: dict[str, Any] = {}

    async def go(self, day: date, hour: int = 9, replicas: int = 1) -> None:
        """An hour of a day: the clocks tick, and what they ask for is drafted."""
        at = datetime.combine(day, time(hour), UTC)
        assert at >= self.running.clock.now(), "time does not go back"
        self.running.clock.advance(at - self.running.clock.now())
        self.neighbours.go(at)
        tickers = [Ticker(self.running.database, self.running.clock) for _ in range(replicas)]
        await asyncio.gather(*(one.tick() for one in tickers))
        await ask_and_chase(self.running.database, self.running.clock)
        await work_off(self.running)

    async def person(self, who: str) -> httpx.AsyncClient:
        """A person by name, or whoever sends for an agency or a unit."""
        if who not in self.people:
            kind, _, code = who.partition(":")
            role = {"agency": "agency_contributor", "unit": "team_manager"}[kind] if code else WHO[who]
            self.people[who] = await self.running.client(role, unit=code or None, subject=who.replace(":", "-"))
        return self.people[who]

    async def call(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        version = more.pop("version", None)
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await (await self.person(who)).request(method, f"/v1/{path}", json=body, headers=headers, **more)

    async def do(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> Body:
        """A call that must succeed."""
        answer = await self.call(who, method, path, body, **more)
        assert answer.is_success, (self.running.clock.today(), who, method, path, answer.text)
        found: Body = answer.json()
        return found

    async def read(self, who: str, path: str, **query: Any) -> Body:
        return await self.do(who, "GET", path, params=query)

    async def refused(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> str:
        """The problem that refuses a call."""
        answer = await self.call(who, method, path, body, **more)
        assert answer.status_code in (403, 409), answer.text
        return slug(answer)

    async def draft(self, one: Owed) -> Body:
        (found,) = (await self.read("ann", "reports", report=one.report, period=one.period, status="draft"))["items"]
        edition: Body = found
        return edition

    async def assemble(self, one: Owed, who: str = "ann") -> Body:
        return await self.do(who, "POST", f"occurrences/{self.occurrences[one.key]}/assemblies")

    async def document(self, edition: Body, who: str = "ann") -> Body:
        return await self.read(who, f"reports/{edition['id']}")

    async def to_its_board(self, one: Owed, edition: Body) -> Body:
        """Written, submitted, signed by each role of the chain and published."""
        address = f"reports/{edition['id']}"
        at = await self.do("ann", "PATCH", address, edits(one), version=edition["version"])
        at = await self.do("ann", "POST", f"{address}/submissions", version=at["version"])
        while role := at["next_signature"]:
            signature = {"role": role, "content_hash": at["content_hash"]}
            at = await self.do(SIGNERS[role], "POST", f"{address}/signatures", signature, version=at["version"])
        at = await self.do("pam", "POST", f"{address}/publications", version=at["version"])
        self.published[one.report, one.period, at["edition"]] = await self.document(at)
        return at


@asynccontextmanager
async def begun(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    """The service on the first day of the year, with Dorset's own framework and a database of its own."""
    async with AsyncExitStack() as stack:
        database = await server.clone(await asyncio.to_thread(template, "reporting", True))
        stack.push_async_callback(server.drop, database)
        clock = FixedClock(datetime(2026, 4, 1, 7, tzinfo=UTC))
        app = create_service("reporting", make_settings(issuer, "reporting", server.url(database)), clock)
        await stack.enter_async_context(app.router.lifespan_context(app))
        neighbours = NeighboursThen()
        await neighbours.attach(app, stack)
        yield Year(Running("reporting", app, issuer, clock, stack), neighbours)
