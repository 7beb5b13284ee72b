"""The registers: opening an entry, changing, reviewing and closing it, and what is missing in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.providers import queries
from services.indicator_api.providers.concern_schemas import (
    ClosureIn,
    ConcernEdit,
    ConcernIn,
    ConcernOut,
    ConcernRow,
    ReviewIn,
    ReviewOut,
)
from services.indicator_api.providers.errors import AlreadyInRegister, ConcernClosed, ReviewHeld
from services.indicator_api.providers.service import check_day
from services.indicator_api.providers.watching import Entry, flags_of, report_due, reviews_missing
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.ids import new_id
from shared.problems import Fault, Malformed
from shared.schemas.framework.providers import ProviderRegister
from shared.schemas.periods import Period

_version = metadata.tables["provider_concern_version"]
_KEPT = ("category", "at_risk", "support", "reported_to_members_on", "closed_on", "closed_because")


def entry_of(row: dict[str, Any]) -> Entry:
    return Entry(row["opened_on"], row["closed_on"], bool(row["support"]), row["reported_to_members_on"])


async def concern_rows(session: AsyncSession, rows: Sequence[dict[str, Any]], today: date) -> list[ConcernRow]:
    """Entries with what is missing in each; a retired register's rules still hold for its entries."""
    registers = await queries.read_registers(session, retired=True)
    reviews = await queries.reviews_of(session, [row["id"] for row in rows])
    return [
        _row(row, registers[row["provider_register"]], [one["period"] for one in reviews[row["id"]]], today)
        for row in rows
    ]


def _row(row: dict[str, Any], register: ProviderRegister, held: Sequence[str], today: date) -> ConcernRow:
    entry = entry_of(row)
    missing = reviews_missing(register, entry, held, today)
    derived = {
        "report_to_members_due": report_due(register, entry),
        "reviews_missing": missing,
        "flags": flags_of(register, entry, missing, today),
    }
    fields = {**row, **derived}
    return ConcernRow.model_validate({name: fields[name] for name in ConcernRow.model_fields})


async def read_concern(session: AsyncSession, caller: Caller, concern_id: UUID, today: date) -> ConcernOut:
    """One entry whole; raises NotFound."""
    row = await queries.find_concern(session, caller, concern_id)
    (found,) = await concern_rows(session, [row | {"provider_name": row["name"]}], today)
    reviews = (await queries.reviews_of(session, [concern_id]))[concern_id]
    may_change = caller.may("indicator:comment") and row["closed_on"] is None
    return ConcernOut(
        **found.model_dump(),
        reviews=[ReviewOut(**{name: one[name] for name in ReviewOut.model_fields}) for one in reviews],
        recorded_by=row["recorded_by"],
        changed_at=row["changed_at"],
        allowed_actions=["change", "review", "close"] if may_change else [],
    )


async def open_concern(session: AsyncSession, caller: Caller, code: str, body: ConcernIn, now: datetime) -> UUID:
    """Put a provider in a register; raises AlreadyInRegister and Malformed."""
    held = await queries.find_provider(session, caller, code)
    register = (await queries.read_registers(session)).get(body.provider_register)
    if register is None:
        raise _refused(Fault("/provider_register", "unknown_code", "this is not the code of a register in force"))
    if held["kind"] not in register.provider_kinds:
        raise _refused(Fault("/provider_register", "provider_kind", "this register is for other kinds of provider"))
    today = local_date(now)
    check_day("/opened_on", body.opened_on, today)
    _check(register, body, body.opened_on, today)
    row = body.model_dump(mode="python") | {
        "id": new_id(), "provider": code, "support": _support(body), "version": 1, "recorded_by": caller.subject,
        "recorded_at": now, "changed_at": now,
    }  # fmt: skip
    statement = insert(queries.concern).values(row).on_conflict_do_nothing().returning(queries.concern.c.id)
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise AlreadyInRegister()
    await _note(session, caller, "concern.opened", row, held["unit"])
    return UUID(str(row["id"]))


async def change_concern(
    session: AsyncSession, caller: Caller, concern_id: UUID, body: ConcernEdit, match: IfMatch, now: datetime
) -> None:
    """Change an open entry; how it stood before is kept."""
    row = await _open(session, caller, concern_id, match)
    register = (await queries.read_registers(session, retired=True))[row["provider_register"]]
    _check(register, body, row["opened_on"], local_date(now))
    changes = body.model_dump(mode="python") | {"support": _support(body)}
    await _change(session, caller, row, changes, "concern.changed", now)


async def close_concern(
    session: AsyncSession, caller: Caller, concern_id: UUID, body: ClosureIn, match: IfMatch, now: datetime
) -> None:
    """Take a provider out of the register, with the reason."""
    row = await _open(session, caller, concern_id, match)
    check_day("/closed_on", body.closed_on, local_date(now))
    if body.closed_on < row["opened_on"]:
        raise _refused(Fault("/closed_on", "before_opened", "this lies before the entry was opened"))
    changes = {"closed_on": body.closed_on, "closed_because": body.because}
    await _change(session, caller, row, changes, "concern.closed", now)


async def add_review(session: AsyncSession, caller: Caller, concern_id: UUID, body: ReviewIn, now: datetime) -> None:
    """Record a period's review; raises ReviewHeld where it is there, Malformed where the cycle has no such period."""
    row = await queries.find_concern(session, caller, concern_id, lock=True)
    if row["closed_on"] is not None:
        raise ConcernClosed()
    register = (await queries.read_registers(session, retired=True))[row["provider_register"]]
    kind = register.review_cycle.period_kind
    if kind is not None and Period.parse(body.period).kind is not kind:
        words = kind.value.replace("_", " ")
        raise _refused(Fault("/period", "period_kind", f"this register is reviewed each {words}"))
    check_day("/held_on", body.held_on, local_date(now))
    if body.held_on < row["opened_on"]:
        raise _refused(Fault("/held_on", "before_opened", "this lies before the entry was opened"))
    added = body.model_dump() | {
        "id": new_id(), "concern_id": concern_id, "recorded_by": caller.subject, "recorded_at": now,
    }  # fmt: skip
    statement = insert(queries.review).values(added).on_conflict_do_nothing(index_elements=["concern_id", "period"])
    if (await session.execute(statement.returning(queries.review.c.id))).scalar_one_or_none() is None:
        raise ReviewHeld()
    data = {"period": body.period, "outcome": body.outcome}
    await record_activity(
        session, caller, "concern.reviewed", "provider_concern", concern_id,
        content=body.model_dump(mode="json"), unit=row["unit"], data=data,
    )  # fmt: skip


def _check(register: ProviderRegister, body: ConcernEdit, opened_on: date, today: date) -> None:
    faults = []
    if body.category not in register.categories:
        faults.append(Fault("/category", "unknown_code", "this is not one of the register's categories"))
    if body.reported_to_members_on is not None and not opened_on <= body.reported_to_members_on <= today:
        detail = "members are told on a day from the entry's opening until today"
        faults.append(Fault("/reported_to_members_on", "day", detail))
    for place, one in enumerate(body.support):
        if one.to_day is not None and one.to_day < one.from_day:
            faults.append(Fault(f"/support/{place}/to_day", "before_start", "the support ends before it begins"))
    if faults:
        raise _refused(*faults)


def _refused(*faults: Fault) -> Malformed:
    return Malformed("The entry cannot be kept like this; see errors.", errors=faults)


def _support(body: ConcernEdit) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in body.support]


async def _open(session: AsyncSession, caller: Caller, concern_id: UUID, match: IfMatch) -> dict[str, Any]:
    row = await queries.find_concern(session, caller, concern_id, lock=True)
    match.check(row["version"])
    if row["closed_on"] is not None:
        raise ConcernClosed()
    return row


async def _change(
    session: AsyncSession, caller: Caller, row: dict[str, Any], changes: dict[str, Any], action: str, now: datetime
) -> None:
    await session.execute(
        sa.insert(_version).values(
            concern_id=row["id"], version=row["version"], content=_content(row), superseded_by=caller.subject,
            superseded_at=now,
        )
    )  # fmt: skip
    after = changes | {"version": row["version"] + 1, "changed_at": now}
    await session.execute(sa.update(queries.concern).where(queries.concern.c.id == row["id"]).values(after))
    await _note(session, caller, action, row | after, row["unit"])


async def _note(session: AsyncSession, caller: Caller, action: str, row: dict[str, Any], unit: str | None) -> None:
    data = {name: row[name] for name in ("provider", "provider_register", "category", "at_risk", "version")}
    await record_activity(
        session, caller, action, "provider_concern", row["id"], content=_content(row), unit=unit, data=data
    )


def _content(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: row.get(name) for name in _KEPT}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}
