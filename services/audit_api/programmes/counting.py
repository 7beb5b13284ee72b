"""Counting the slots of a round, whole and by service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.schemas.audit_summary import CoverageOut, Rag, ServiceCoverage, SlotOut, SlotState
from shared.tables import org_unit

# The service each unit belongs to: code and name.
Services = Mapping[str, tuple[str, str]]


async def services_of(session: AsyncSession) -> Services:
    """For each unit the service above it, or itself where there is none."""
    statement = sa.select(org_unit.c.code, org_unit.c.name, org_unit.c.kind, org_unit.c.parent)
    units = {row.code: row for row in (await session.execute(statement)).all()}
    found: dict[str, tuple[str, str]] = {}
    for code, unit in units.items():
        above = unit
        while above.kind == "team" and above.parent in units:
            above = units[above.parent]
        told = above if above.kind == "service" else unit
        found[code] = (told.code, told.name)
    return found


def count(
    slots: Sequence[SlotOut], services: Services, now: datetime, *, begun: bool, withheld: bool, **of_round: object
) -> CoverageOut:
    """The coverage of these slots; `withheld` says that the caller may not know of others."""
    states = [slot.state for slot in slots]
    by_service: dict[tuple[str, str], list[SlotState]] = {}
    for slot in slots:
        by_service.setdefault(services.get(slot.unit, (slot.unit, slot.unit_name)), []).append(slot.state)
    return CoverageOut.model_validate(
        {
            **of_round,
            **_counts(states),
            "rag": _rag(states, begun, withheld),
            "withheld": withheld,
            "services": [
                ServiceCoverage(unit=code, unit_name=name, rag=_rag(of_it, begun, withheld), **_counts(of_it))
                for (code, name), of_it in sorted(by_service.items())
            ],
            "slots": slots,
            "as_at": now,
        }
    )


def _counts(states: Sequence[SlotState]) -> dict[str, Any]:
    on_time, late_done, overdue = states.count("done"), states.count("late_done"), states.count("overdue")
    return {
        "expected": len(states),
        "done": on_time + late_done,
        "on_time": on_time,
        "late": late_done + overdue,
        "overdue": overdue,
        "missed": states.count("missed"),
        "void": states.count("void"),
        "not_yet_due": states.count("expected"),
    }


def _rag(states: Sequence[SlotState], begun: bool, withheld: bool) -> Rag:
    counted = [state for state in states if state != "void"]
    if counted and all(state == "done" for state in counted) and not withheld:
        return "green"
    if "missed" in counted or "overdue" in counted:
        return "red"
    if counted and not begun and all(state == "expected" for state in counted):
        return "not_started"
    # Late but done, still under way, or every slot excused: nobody should read that as all well.
    return "amber"
