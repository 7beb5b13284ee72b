"""All that a report is put together from, gathered before the transaction that stores it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.draft import Draft, read_draft
from services.reporting_api.assembly.evidence import Evidence
from services.reporting_api.assembly.gather import gather_evidence
from services.reporting_api.assembly.records import Records, read_records
from shared.clients.neighbour import Neighbour
from shared.database import Database


@dataclass(frozen=True)
class Material:
    """What the report is, what the neighbours say, what is on record here, and the draft so far."""

    brief: Brief
    evidence: Evidence
    records: Records
    draft: Draft | None


async def gather_material(
    database: Database, neighbours: Mapping[str, Neighbour], brief: Brief, token: str | None
) -> Material:
    """Ask the neighbours, and read what this service has itself while they answer."""

    async def own() -> tuple[Records, Draft | None]:
        async with database.snapshot() as session:
            return await read_records(session, brief), await read_draft(session, brief.occurrence.id)

    evidence, (records, draft) = await asyncio.gather(gather_evidence(neighbours, brief, token), own())
    return Material(brief, evidence, records, draft)
