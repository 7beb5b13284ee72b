"""A reporting service whose neighbours are stand-ins, and the steps of a report to its board."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.reporting_api.fake_neighbours import FakeNeighbours

CLOSING = {
    "doing_the_right_things": "The evidence supports the plan; late reviews are being caught up.",
    "making_a_difference": "Fewer children wait for a plan than a year ago, and parents say so too.",
}


@dataclass
class Desk:
    """Those who take a report to its board, each with a token of their own."""

    reporting: Running
    neighbours: FakeNeighbours
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    materialised: bool = False

    async def client(self, role: str, subject: str | None = None) -> httpx.AsyncClient:
        key = f"{role}:{subject}"
        if key not in self.clients:
            self.clients[key] = await self.reporting.client(role, subject=subject)
        return self.clients[key]

    async def occurrence(self, report: str = "csdg_monthly", period: str = "2026-10") -> dict[str, Any]:
        """The occurrence of a report, materialised first."""
        client = await self.client("analyst")
        if not self.materialised:
            span = {"from": "2026-03-31", "to": "2027-08-31"}
            answer = await client.post("/v1/schedule/materialisations", json=span)
            assert answer.status_code == 200, answer.text
            self.materialised = True
        found = (await client.get("/v1/occurrences", params={"report": report, "period": period})).json()["items"]
        assert found, f"{report} has no occurrence for {period}"
        one: dict[str, Any] = found[0]
        return one

    async def assemble(self, report: str = "csdg_monthly", period: str = "2026-10") -> httpx.Response:
        client = await self.client("analyst")
        found = await self.occurrence(report, period)
        return await client.post(f"/v1/occurrences/{found['id']}/assemblies")

    async def draft(self, report: str = "csdg_monthly", period: str = "2026-10") -> dict[str, Any]:
        answer = await self.assemble(report, period)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def document(self, report: str, role: str = "analyst") -> dict[str, Any]:
        answer = await (await self.client(role)).get(f"/v1/reports/{report}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def state(self, report: str) -> dict[str, Any]:
        found: dict[str, Any] = (await (await self.client("admin")).get(f"/v1/reports/{report}/state")).json()
        return found

    async def step(
        self,
        report: str,
        what: str,
        body: dict[str, Any] | None = None,
        *,
        role: str = "admin",
        subject: str | None = None,
    ) -> httpx.Response:
        """PATCH (`edit`) or POST one step with the present version."""
        version = (await self.state(report))["version"]
        client = await self.client(role, subject)
        headers = {"If-Match": f'"{version}"'}
        if what == "edit":
            return await client.patch(f"/v1/reports/{report}", json=body, headers=headers)
        if body is None:
            return await client.post(f"/v1/reports/{report}/{what}", headers=headers)
        return await client.post(f"/v1/reports/{report}/{what}", json=body, headers=headers)

    async def sign(self, report: str, role: str, subject: str | None = None) -> httpx.Response:
        body = {"role": role, "content_hash": (await self.state(report))["content_hash"]}
        return await self.step(report, "signatures", body, role=role, subject=subject)

    async def publish(self, report: str, edit: dict[str, Any] | None = None) -> dict[str, Any]:
        """From a draft to its board: written, submitted, signed by each role of the chain, published."""
        steps = [await self.step(report, "edit", {**CLOSING, **(edit or {})}), await self.step(report, "submissions")]
        while role := (await self.state(report))["next_signature"]:
            steps.append(await self.sign(report, role))
            assert steps[-1].status_code == 200, steps[-1].text
        steps.append(await self.step(report, "publications"))
        assert [one.status_code for one in steps] == [200] * len(steps), [one.text for one in steps]
        return await self.document(report)


def section(document: dict[str, Any], code: str) -> dict[str, Any]:
    """One section of a report."""
    found: dict[str, Any] = next(one for one in document["sections"] if one["code"] == code)
    return found


def slug(answer: httpx.Response) -> str:
    """Which problem an answer names."""
    return str(answer.json()["type"].rpartition("/")[2])


@pytest.fixture
async def desk(reporting: Running) -> Desk:
    neighbours = FakeNeighbours()
    await neighbours.attach(reporting.app, reporting.stack)
    return Desk(reporting, neighbours)
