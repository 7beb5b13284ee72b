"""All that a report is put together from, gathered before the transaction that stores it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.draft import Draft, read_draft
from services.reporting_api.assembly.evidence import Evidence
from services.reporting_api.assembly.gather import gather_evidence
from shared.clients.neighbour import Neighbour
from shared.database import Database


@dataclass(frozen=True)
class Material:
    """What the report is, what the neighbours say, and the draft so far."""

    brief: Brief
    evidence: Evidence
    draft: Draft | None


async def gather_material(
    database: Database, neighbours: Mapping[str, Neighbour], brief: Brief, token: str | None
) -> Material:
    """Ask the neighbours, and read the draft so far while they answer."""

    async def so_far() -> Draft | None:
        async with database.snapshot() as session:
            return await read_draft(session, brief.occurrence.id)

    evidence, draft = await asyncio.gather(gather_evidence(neighbours, brief, token), so_far())
    return Material(brief, evidence, draft)
