"""Storing a draw with the audits it begins, in the transaction that drew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import insert_audit
from services.audit_api.selection.assigning import Choice
from services.audit_api.selection.candidates import Case
from services.audit_api.selection.drawing import pool_hash
from services.audit_api.selection.planning import Plan
from services.audit_api.selection.queries import drawn_cases, draws, sources
from services.audit_api.selection.schemas import DrawIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.ids import new_id


async def store_draw(session: AsyncSession, caller: Caller, body: DrawIn, plan: Plan, seed: str, now: datetime) -> UUID:
    """Store what was drawn and begin its audits."""
    row = _draw_row(caller, body, plan, seed, now)
    await session.execute(sa.insert(draws), row)
    await session.execute(sa.insert(sources), [{"draw_id": row["id"], "list_id": one} for one in plan.pool.sources])
    for position, (case, stratum, choice) in enumerate(plan.drawn, 1):
        audit = _audit_row(caller, plan, case, choice, now)
        await begin_audit(session, caller, audit, row["id"])
        await session.execute(
            sa.insert(drawn_cases),
            {
                "draw_id": row["id"], "position": position, "case_reference": case.case_reference,
                "unit": case.unit, "stratum": stratum, "audit_id": audit["id"],
                "assignments": [assignment(choice, caller, now)], "passed_over": [],
            },
        )  # fmt: skip
    await record_activity(
        session, caller, "cases.drawn", "draw", row["id"], content=[case.case_reference for case, _, _ in plan.drawn],
        unit=plan.place.unit, data=_places(row) | {"seed": seed, "pool_hash": row["pool_hash"].hex()},
    )  # fmt: skip
    found: UUID = row["id"]
    return found


def _places(row: Mapping[str, Any]) -> dict[str, str]:
    """What a deed names, so that the feed keeps it from whom the slot or round is kept from."""
    named = {"slot": row["slot_id"], "round": row["round_id"]}
    return {name: str(value) for name, value in named.items() if value is not None}


def _draw_row(caller: Caller, body: DrawIn, plan: Plan, seed: str, now: datetime) -> dict[str, Any]:
    place = plan.place
    return {
        "id": new_id(), "unit": place.unit, "slot_id": place.slot, "round_id": place.round,
        "tool": place.paper.tool, "audit_type": place.audit_type, "asked": place.count, "seed": seed,
        "seed_given": body.seed is not None, "stratify_by": body.stratify_by, "weights": body.weights,
        "rules": place.rules.model_dump(mode="json"), "strata": [asdict(one) for one in plan.strata],
        "excluded": list(plan.pool.excluded), "pool_size": len(plan.candidates),
        "pool_hash": pool_hash(plan.candidates), "drawn_on": local_date(now), "drawn_by": caller.subject,
        "drawn_at": now, "version": 1,
    }  # fmt: skip


def _audit_row(caller: Caller, plan: Plan, case: Case, choice: Choice, now: datetime) -> dict[str, Any]:
    place = plan.place
    return {
        **place.standing, "slot_id": place.slot, "tool": place.paper.tool, "tool_version": place.paper.version,
        "audit_type": place.audit_type, **given_to(caller, case, choice, now),
    }  # fmt: skip


def given_to(caller: Caller, case: Case, choice: Choice, now: datetime) -> dict[str, Any]:
    """What a new audit has from its case and its auditor."""
    return {
        "id": new_id(), "unit": case.unit, "case_reference": case.case_reference, "status": "allocated",
        "auditor": choice.auditor.reference, "auditor_unit": choice.auditor.unit,
        "allocated_by": caller.subject, "allocated_at": now, "version": 1,
    }  # fmt: skip


async def begin_audit(session: AsyncSession, caller: Caller, row: Mapping[str, Any], draw: UUID) -> None:
    """Allocate the audit of a drawn case; raises SlotTaken where another stands in its slot."""
    await insert_audit(session, row)
    told = {name: row.get(name) for name in ("tool", "tool_version", "programme", "period", "audit_type")}
    await record_activity(
        session, caller, "audit.allocated", "audit", row["id"], unit=row["unit"], data=told | {"draw": str(draw)},
        content={"case_reference": row["case_reference"], "auditor": row["auditor"]},
    )  # fmt: skip


def assignment(choice: Choice, caller: Caller, now: datetime, reason: str | None = None) -> dict[str, Any]:
    """How an auditor was chosen, as it is kept."""
    return choice.as_stored() | {"reason": reason, "by": caller.subject, "at": now.isoformat()}
