"""Applying a framework tree: the same public call to each service, first as a plan of all, then for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from shared.schemas.framework.tree import Framework, read_tree
from shared.settings import ServiceName


class ApplyError(Exception):
    """A service refused the framework or could not be asked; nothing of it was changed there."""


@dataclass(frozen=True)
class ServicePlan:
    service: ServiceName
    changes: list[dict[str, Any]]
    unchanged: int

    @property
    def lines(self) -> list[str]:
        """One line for each change, as `qapf apply` shows them."""
        marks = {"create": "+", "change": "~", "retire": "-", "reinstate": "+"}
        return [
            f"{marks[one['change']]} {self.service:<9} {one['kind']}/{one['code']}"
            + (f" ({', '.join(one['fields'])})" if one["change"] == "change" else "")
            for one in self.changes
        ]


async def plan_and_apply(
    tree: Path | Framework, clients: Mapping[ServiceName, httpx.AsyncClient], *, dry_run: bool = False
) -> list[ServicePlan]:
    """Plan for every service before applying to any, so that a fault found by one leaves all as they were.

    Raises FrameworkError for faults in the files, ApplyError for a refusal. A second run changes nothing, which is
    also how an application cut short between two services is finished.
    """
    framework = read_tree(tree) if isinstance(tree, Path) else tree
    plans = [await _ask(service, client, framework, dry_run=True) for service, client in clients.items()]
    if dry_run:
        return plans
    return [
        await _ask(plan.service, clients[plan.service], framework, dry_run=False) if plan.changes else plan
        for plan in plans
    ]


async def _ask(service: ServiceName, client: httpx.AsyncClient, framework: Framework, dry_run: bool) -> ServicePlan:
    body = {"items": framework.entries_for(service), "dry_run": dry_run, "retire_missing": True}
    try:
        answer = await client.post("/v1/framework/applications", json=body, timeout=60)
    except httpx.HTTPError as error:
        raise ApplyError(f"the {service} service cannot be reached ({type(error).__name__})") from None
    if answer.status_code != 200:
        raise ApplyError(f"the {service} service refused the framework: {_refusal(answer)}")
    plan = answer.json()
    return ServicePlan(service, plan["changes"], plan["unchanged"])


def _refusal(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        faults = "; ".join(f"{one['pointer']}: {one['detail']}" for one in problem.get("errors", [])[:10])
        return " ".join(part for part in (problem.get("title"), problem.get("detail"), faults) if part)
    except ValueError:
        return f"status {answer.status_code}"
