"""The audit service through a year that is told day by day: who calls it, and the steps every month takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from services.catalogue import create_service
from shared.auth.local_issuer import LocalIssuer
from shared.clock import FixedClock
from tests.audit_api.forms import fill, views
from tests.audit_api.year_plan import AUDITORS, DRIFT, QA, REPEATED, STRENGTH, TEAMS, case, given
from tests.conftest import Running, Server, make_settings
from tests.year import Body, Callers

WHO: dict[str, tuple[str, str | None]] = {
    "qa": ("qa_manager", None), "admin": ("admin", None), "case system": ("ingest_client", None),
    "head": ("head_of_service", "family_support"), "manager": ("team_manager", "fs_weymouth"),
    "other manager": ("team_manager", "fs_chesil"), "practitioner": ("practitioner", "fs_weymouth"),
    "analyst": ("analyst", None), "panel": ("head_of_service", None), "sen manager": ("team_manager", "sen_team"),
    "disputing manager": ("team_manager", "fs_dorchester"), "visited manager": ("team_manager", "fs_ferndown"),
    "moderator": ("auditor", QA),
} | dict.fromkeys(AUDITORS, ("auditor", QA))  # fmt: skip


class Year(Callers):
    """The service with whoever calls it, and what was made in it on the way."""

    def __init__(self, running: Running) -> None:
        super().__init__(running, WHO)
        self.forms: dict[str, Body] = {}
        self.audits: dict[tuple[str, str], str] = {}
        self.findings: dict[tuple[str, str], list[Body]] = {}
        self.rounds: dict[str, Body] = {}
        self.draws: dict[str, Body] = {}

    async def filled(self, tool: str, **chosen: Any) -> Body:
        """Answers and views as the tool's form asks for them."""
        if tool not in self.forms:
            self.forms[tool] = await self.read("qa", f"tools/{tool}/form")
        form = self.forms[tool]
        return {"answers": fill(form, **chosen), "views": views(form), "findings": [STRENGTH]}

    async def whole(self, who: str, tool: str, unit: str, reference: str, **more: Any) -> Body:
        """A whole audit without a slot, in one call."""
        head = {"tool": tool, "unit": unit, "case_reference": reference, "submit": True}
        return await self.do(who, "POST", "audits", head | await self.filled(tool) | more)

    async def begin_month(self, month: str, voided: dict[str, str]) -> None:
        """Open cases are posted, the round is made, what can have no case is voided, the rest is drawn."""
        for team in TEAMS:
            items = [{"case_reference": case(team, n), "opened_on": "2026-01-12"} for n in range(14)]
            listed = {"as_at": f"{month}-01", "items": items}
            await self.do("case system", "PUT", f"units/{team}/open-cases", listed)
        made = await self.do("qa", "POST", "programmes/monthly_case_audit/rounds", params={"period": month})
        for slot in made["slots"]:
            if slot["unit"] in voided:
                why = {"reason": voided[slot["unit"]]}
                await self.do("qa", "POST", f"slots/{slot['id']}/voids", why, version=slot["version"])
        self.rounds[month] = made
        drawn = await self.do("qa", "POST", "draws", {"round": made["id"], "seed": f"year-{month}"})
        self.draws[month] = drawn
        for draw in drawn["draws"]:
            (one,) = draw["drawn"]
            self.audits[one["unit"], month] = one["audit"]
            self.told["auditor", one["unit"], month] = one["auditor"]

    async def again(self, who: str, audit: str) -> Body:
        """The auditor looks up what was found in the team before, and names the oldest."""
        found = (await self.read(who, f"audits/{audit}/earlier-findings"))["items"]
        self.told["found before"] = found
        return {"repeat_of": found[-1]["id"]}

    async def version_of(self, audit: str) -> int:
        return int((await self.read("qa", f"audits/{audit}"))["version"])

    async def submit(self, team: str, month: str, **more: Any) -> None:
        """The auditor answers what the form asks, and submits."""
        audit, who = self.audits[team, month], self.told["auditor", team, month]
        paper = await self.filled("case_audit", outcomes_overall=given(team, month), process_overall="good")
        if TEAMS.index(team) % 2 == 0:
            paper["views"]["child"] = {"feedback": f"V-{team}-{month}"}
        if (team, month) in DRIFT:
            again = await self.again(who, audit) if (team, month) == REPEATED else {}
            paper["findings"] = [STRENGTH, DRIFT[team, month] | again]
        saved = await self.do(who, "PUT", f"audits/{audit}/answers", paper | more, version=await self.version_of(audit))
        self.findings[team, month] = saved["findings"]
        await self.do(who, "POST", f"audits/{audit}/submissions", version=saved["version"])


@asynccontextmanager
async def begun(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    """The service on the first day of the year, with Dorset's own framework and a database of its own."""
    async with AsyncExitStack() as stack:
        database = await server.clone(await asyncio.to_thread(template, "audit", True))
        stack.push_async_callback(server.drop, database)
        clock = FixedClock(datetime(2026, 4, 1, 8, tzinfo=UTC))
        app = create_service("audit", make_settings(issuer, "audit", server.url(database)), clock)
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Year(Running("audit", app, issuer, clock, stack))
