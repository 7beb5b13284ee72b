"""A batch of registrations: read from its bytes in one pass, judged row by row, stored whole or in its good part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.errors import RowsRefused
from services.indicator_api.registrations import storing
from services.indicator_api.registrations.queries import PERSON, read_bodies, read_families
from services.indicator_api.registrations.schemas import (
    MAX_ITEMS,
    RegistrationFaultOut,
    RegistrationImportOut,
    RegistrationIn,
)
from services.indicator_api.registrations.storing import Key, Outcome, key_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.batches import items_of
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, fault_from_pydantic
from shared.tables import org_unit

Mode = Literal["atomic", "partial"]
MOST_ERRORS = 1_000
_ROW = TypeAdapter(RegistrationIn)


@dataclass
class Row:
    """One row of a batch on its way: what was sent, and what is wrong with it."""

    body: RegistrationIn | None
    faults: list[Fault] = field(default_factory=list)


def read_rows(raw: bytes) -> list[Row]:
    """Every row of `{"items": [...]}`, good or bad; raises Malformed where it is not that."""
    return [_read_row(item) for item in items_of(raw, MAX_ITEMS, "registrations")]


def _read_row(item: Any) -> Row:
    try:
        return Row(_ROW.validate_python(item))
    except ValidationError as error:
        return Row(None, [fault_from_pydantic(one) for one in error.errors(include_url=False)[:20]])


async def import_rows(
    session: AsyncSession, caller: Caller, rows: Sequence[Row], mode: Mode, now: datetime, *, dry_run: bool
) -> RegistrationImportOut:
    """Judge the rows and store the good ones; atomic, a bad row raises RowsRefused unless it is a dry run."""
    # One import at a time: whoever sends the same people at once finds what the other stored.
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(storing.LOCK)))
    allowed = await visible_units(session, caller)
    await _judge(session, rows, allowed)
    people = {row.body.staff_ref for row in rows if row.body is not None}
    stored = await storing.lock_held(session, people)
    _refuse_foreign(rows, stored, allowed)
    good = [row.body for row in rows if row.body is not None and not row.faults]
    bad = len(rows) - len(good)
    if bad and mode == "atomic" and not dry_run:
        raise _refusal(rows, bad)
    outcome = storing.compare(good, stored)
    report = _report(rows, outcome, mode, dry_run)
    if dry_run:
        return report
    await storing.store(session, caller, outcome, now)
    counts = {name: getattr(report, name) for name in ("rows", "created", "changed", "unchanged", "rejected")}
    await record_activity(
        session, caller, "registrations.imported", "registration_import", str(report.id),
        content=[row.model_dump(mode="json") for row in good], unit=caller.unit, data=counts,
    )  # fmt: skip
    return report


async def _judge(session: AsyncSession, rows: Sequence[Row], allowed: frozenset[str] | None) -> None:
    """Add to each row what the framework and the other rows have against it."""
    units = set((await session.execute(sa.select(org_unit.c.code))).scalars()) if allowed is None else allowed
    families, bodies = await read_families(session), await read_bodies(session)
    first: dict[Key, int] = {}
    people: dict[str, tuple[int, RegistrationIn]] = {}
    for number, row in enumerate(rows, 1):
        if (body := row.body) is None:
            continue
        if body.unit not in units:
            row.faults.append(Fault("/unit", "unknown_unit", "this is not a unit that this caller may write for"))
        if body.role_family not in families:
            row.faults.append(Fault("/role_family", "unknown_code", "the framework has no such role family"))
        if body.body is not None and body.body not in bodies:
            row.faults.append(Fault("/body", "unknown_code", "the framework has no such registration body"))
        other = first.setdefault(key_of(body), number)
        if other != number:
            row.faults.append(Fault("", "duplicate", f"row {other} is of the same person, kind and body"))
        before, said = people.setdefault(body.staff_ref, (number, body))
        if any(getattr(body, name) != getattr(said, name) for name in PERSON):
            words = f"row {before} says another unit, role family or time in post of the same person"
            row.faults.append(Fault("", "contradicts_row", words))


def _refuse_foreign(
    rows: Sequence[Row], stored: Mapping[Key, Mapping[str, Any]], allowed: frozenset[str] | None
) -> None:
    if allowed is None:
        return
    elsewhere = {held["staff_ref"] for held in stored.values() if held["unit"] not in allowed}
    for row in rows:
        if row.body is not None and row.body.staff_ref in elsewhere:
            words = "this reference belongs to somebody this caller may not change"
            row.faults.append(Fault("/staff_ref", "in_use", words))


def _errors(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "row": number,
            "column": fault.pointer.split("/")[1] if fault.pointer else None,
            "pointer": f"/items/{number - 1}{fault.pointer}",
            "code": fault.code,
            "detail": fault.detail,
        }
        for number, row in enumerate(rows, 1)
        for fault in row.faults
    ]


def _refusal(rows: Sequence[Row], bad: int) -> RowsRefused:
    errors = _errors(rows)
    counts = {"rows": len(rows), "rejected": bad, "errors_truncated": len(errors) > MOST_ERRORS}
    words = f"{bad} of {len(rows)} rows cannot be stored; see errors. Nothing was stored."
    return RowsRefused(words, errors[:MOST_ERRORS], counts)


def _report(rows: Sequence[Row], outcome: Outcome, mode: Mode, dry_run: bool) -> RegistrationImportOut:
    errors = _errors(rows)
    bad = sum(bool(row.faults) for row in rows)
    nothing = bool(bad) and mode == "atomic"
    created, changed = (0, 0) if nothing else (len(outcome.created), outcome.changed)
    unchanged = 0 if nothing else outcome.unchanged
    return RegistrationImportOut(
        id=None if dry_run else new_id(),
        mode=mode,
        dry_run=dry_run,
        rows=len(rows),
        created=created,
        changed=changed,
        unchanged=unchanged,
        rejected=bad,
        replayed=unchanged == len(rows),
        errors=[RegistrationFaultOut(**error) for error in errors[:MOST_ERRORS]],
        errors_truncated=len(errors) > MOST_ERRORS,
    )
