"""A batch of audits done elsewhere: each row held to every rule of an audit, stored by itself or with all others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.errors import AuditsRefused
from services.audit_api.audits.import_schemas import (
    MAX_ITEMS,
    AuditImportOut,
    ImportedAuditIn,
    ImportRowOut,
    Mode,
    RowFaultOut,
)
from services.audit_api.audits.service import add_audit
from services.audit_api.audits.store import audits
from services.audit_api.errors import AuditKnown
from services.audit_api.models import AuditImported
from services.audit_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.batches import items_of, lines_of
from shared.canonical import canonical
from shared.database import work_in
from shared.free_text import Mode as Words
from shared.ids import new_id
from shared.organisation.units import unit_unknown, visible_units
from shared.problems import BrokenRule, Fault, Forbidden, Malformed, NotFound, Problem, fault_from_pydantic
from shared.strict import parse_json

_ROW = TypeAdapter(ImportedAuditIn)
_imported = table_of(AuditImported)
# One import at a time: whoever sends the same batch at once finds what the other stored.
_LOCK = 0x61756469
_MOST_FAULTS = 20


@dataclass
class Row:
    """One row on its way: what was sent, what is wrong with it, and the audit it became or was before."""

    body: ImportedAuditIn | None
    faults: list[Fault] = field(default_factory=list)
    problem: str = Malformed.slug
    audit: UUID | None = None
    created: bool = False


def read_rows(raw: bytes, *, ndjson: bool) -> list[Row]:
    """Every row of `{"items": [...]}` or of NDJSON, good or bad; raises Malformed where it is not that."""
    if ndjson:
        return [_read_line(line) for line in lines_of(raw, MAX_ITEMS, "audits")]
    return [_read_row(item) for item in items_of(raw, MAX_ITEMS, "audits")]


def _read_line(line: bytes) -> Row:
    try:
        return _read_row(parse_json(line))
    except Malformed as problem:
        return Row(None, list(problem.errors))


def _read_row(item: Any) -> Row:
    try:
        return Row(_ROW.validate_python(item))
    except ValidationError as error:
        return Row(None, [fault_from_pydantic(one) for one in error.errors(include_url=False)[:_MOST_FAULTS]])


async def import_rows(
    session: AsyncSession,
    caller: Caller,
    rows: Sequence[Row],
    mode: Mode,
    words: Words,
    now: datetime,
    *,
    dry_run: bool,
) -> AuditImportOut:
    """Store the good rows; atomic, a bad one raises AuditsRefused unless it is a dry run."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    known = await _known(session, [row.body.source_ref for row in rows if row.body is not None])
    allowed = await visible_units(session, caller)
    seen: set[str] = set()
    for row in rows:
        if row.body is None:
            continue
        if row.body.source_ref in seen:
            row.faults.append(Fault("/source_ref", "duplicate", "an earlier row has this reference"))
        elif allowed is not None and row.body.unit not in allowed:
            # Before what is stored is looked at: another unit's references are not to be guessed.
            row.faults += unit_unknown("/unit").errors
        elif row.body.source_ref in known:
            _compare(row, *known[row.body.source_ref])
        else:
            await _store(session, caller, row, words, now)
        seen.add(row.body.source_ref)
    bad = sum(bool(row.faults) for row in rows)
    if bad and mode == "atomic" and not dry_run:
        raise _refusal(rows, bad)
    report = _report(rows, mode, dry_run)
    counts = {name: getattr(report, name) for name in ("rows", "created", "unchanged", "rejected")}
    await record_activity(session, caller, "audits.imported", "audit_import", report.id or new_id(), data=counts)
    return report


async def _known(session: AsyncSession, references: Sequence[str]) -> dict[str, tuple[UUID, bytes | None]]:
    """The audits stored under these references, with what they were imported as."""
    statement = (
        sa.select(audits.c.source_ref, audits.c.id, _imported.c.digest)
        .outerjoin(_imported, _imported.c.audit_id == audits.c.id)
        .where(audits.c.source_ref.in_(references), audits.c.status != "withdrawn")
    )
    return {row.source_ref: (row.id, row.digest) for row in (await session.execute(statement)).all()}


def _compare(row: Row, audit: UUID, digest: bytes | None) -> None:
    assert row.body is not None
    if digest == _digest(row.body):
        row.audit = audit
        return
    row.problem = AuditKnown.slug
    words = "an audit is stored under this reference with other content; re-open that one to correct it"
    row.faults.append(Fault("/source_ref", "audit_known", words))


def _digest(body: ImportedAuditIn) -> bytes:
    return hashlib.sha256(canonical(body.model_dump(mode="json", exclude_defaults=True))).digest()


async def _store(session: AsyncSession, caller: Caller, row: Row, words: Words, now: datetime) -> None:
    assert row.body is not None
    try:
        async with session.begin_nested():
            begun = await add_audit(await work_in(session), caller, row.body, words, now)
            row.audit = begun.row["id"]
            stored = {"audit_id": row.audit, "digest": _digest(row.body), "imported_at": now}
            await session.execute(sa.insert(_imported), stored)
            row.created = True
    except (Malformed, BrokenRule, Forbidden, NotFound) as problem:
        row.audit, row.problem = None, problem.slug
        row.faults = list(problem.errors[:_MOST_FAULTS]) or [_named(problem)]


def _named(problem: Problem) -> Fault:
    return Fault("", problem.slug.replace("-", "_"), problem.title)


def _errors(rows: Sequence[Row]) -> list[RowFaultOut]:
    return [
        RowFaultOut(
            row=number, pointer=f"/items/{number - 1}{fault.pointer}", code=fault.code, detail=fault.detail,
            problem=row.problem,
        )
        for number, row in enumerate(rows, 1)
        for fault in row.faults
    ]  # fmt: skip


def _refusal(rows: Sequence[Row], bad: int) -> AuditsRefused:
    errors = [one.model_dump() for one in _errors(rows)]
    return AuditsRefused(f"{bad} of {len(rows)} rows cannot be stored; see errors. Nothing was stored.", errors, bad)


def _report(rows: Sequence[Row], mode: Mode, dry_run: bool) -> AuditImportOut:
    nothing = mode == "atomic" and any(row.faults for row in rows)
    created = 0 if nothing else sum(row.created for row in rows)
    unchanged = sum(row.audit is not None and not row.created for row in rows)
    return AuditImportOut(
        id=None if dry_run else str(new_id()),
        mode=mode,
        dry_run=dry_run,
        rows=len(rows),
        created=created,
        unchanged=unchanged,
        rejected=sum(bool(row.faults) for row in rows),
        replayed=unchanged == len(rows),
        items=[_row_out(number, row, dry_run) for number, row in enumerate(rows, 1)],
        errors=_errors(rows),
    )


def _row_out(number: int, row: Row, dry_run: bool) -> ImportRowOut:
    shown = None if row.audit is None or (row.created and dry_run) else str(row.audit)
    if row.faults:
        return ImportRowOut(row=number, state="rejected", audit=None)
    return ImportRowOut(row=number, state="created" if row.created else "unchanged", audit=shown)
