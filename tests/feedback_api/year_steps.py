"""The feedback service through a year that is told day by day: who calls it, and the steps that come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from services.catalogue import create_service
from services.feedback_api.complaint_reports.jobs import produce_reports
from services.feedback_api.safeguarding.jobs import Waiting, look_after_flags
from shared.auth.local_issuer import LocalIssuer
from shared.clock import FixedClock
from tests.conftest import Running, Server, make_settings
from tests.feedback_api.year_plan import BY_TOKEN, ONE_BY_ONE, PLANNED, View
from tests.year import Body, Callers

WHO: dict[str, tuple[str | None, str | None]] = {
    "anybody": (None, None), "key worker system": ("ingest_client", None), "respond": ("ingest_client", None),
    "qa": ("qa_manager", None), "admin": ("admin", None), "analyst": ("analyst", None),
    "head": ("head_of_service", "family_support"), "manager": ("team_manager", "fs_weymouth"),
    "other manager": ("team_manager", "cwd_east"), "practitioner": ("practitioner", "fs_portland"),
    "everywhere": ("practitioner", None), "complaints": ("complaints_manager", None), "duty": ("duty_officer", None),
    "board": ("board_reader", None), "board's service": ("reporting_service", None),
}  # fmt: skip


class Year(Callers):
    """The service with whoever calls it."""

    def __init__(self, running: Running) -> None:
        super().__init__(running, WHO)

    async def keep(self) -> list[str]:
        """What the keepers in the background do of themselves; answers the periods reported."""
        now = self.running.clock.now()
        await look_after_flags(self.running.database, now, Waiting())
        return await produce_reports(self.running.database, now)

    async def hear(self, month: str) -> None:
        """All that is said in a month, each by the way it comes."""
        said = [one for one in PLANNED if one.month == month]
        for one in said:
            if one.channel == ONE_BY_ONE:
                await self.do("key worker system", "POST", "views", recorded(one))
        batch = [recorded(one) for one in said if one.channel not in (ONE_BY_ONE, BY_TOKEN)]
        report = await self.do("admin", "POST", "views/imports", {"items": batch})
        assert report["created"] == len(batch)
        await self.anonymously([one for one in said if one.channel == BY_TOKEN])

    async def anonymously(self, said: list[View]) -> None:
        """Sent without a login by tokens of one batch, and released as what the plan has them say."""
        batch: Body = {"unit": said[0].unit, "channel": BY_TOKEN, "respondent_group": said[0].group, "count": 6}
        made = await self.do("admin", "POST", "token-batches", batch)
        for one, token in zip(said, made["tokens"], strict=False):
            sent = {"token": token, "rating": one.rating, "what_works": f"View {one.number}.", "consent": "anonymous"}
            answer = await self.do("anybody", "POST", "public/views", sent)
            assert answer["call_now"][0]["phone"] == "999"
        plan = {f"View {one.number}.": one for one in said}
        for row in (await self.read("complaints", "public-submissions", state="waiting"))["items"]:
            found = await self.read("complaints", f"public-submissions/{row['id']}")
            as_is = plan[found["what_works"]]
            given: Body = {"themes": list(as_is.themes), "sentiment": as_is.sentiment}
            path = f"public-submissions/{row['id']}/releases"
            await self.do("complaints", "POST", path, given, version=found["version"])


def audit_of(one: View) -> str:
    """The audit in which a view was given."""
    return f"00000000-0000-4000-8000-{one.number:012}"


def recorded(one: View, **more: Any) -> Body:
    """A view as a system sends it; every third is linked to an audit and a review."""
    links = [{"kind": "audit", "ref": audit_of(one)}, {"kind": "review", "ref": f"R-{one.number}"}]
    return {
        "source": "case_management", "source_ref": f"V-{one.number}", "channel": one.channel,
        "respondent_group": one.group, "unit": one.unit, "given_on": one.day, "themes": list(one.themes),
        "sentiment": one.sentiment, "rating": one.rating, "consent": "anonymous",
        "links": links if one.number % 3 == 0 else [],
    } | more  # fmt: skip


@asynccontextmanager
async def begun(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    """The service on the first day of the year, with Dorset's own framework and a database of its own."""
    async with AsyncExitStack() as stack:
        database = await server.clone(await asyncio.to_thread(template, "feedback", True))
        stack.push_async_callback(server.drop, database)
        clock = FixedClock(datetime(2026, 4, 1, 8, tzinfo=UTC))
        app = create_service("feedback", make_settings(issuer, "feedback", server.url(database)), clock)
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Year(Running("feedback", app, issuer, clock, stack))
