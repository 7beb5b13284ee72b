"""The rules of learning: what it comes from, passing it on, acknowledging it and taking it back (R26, R34)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.learning import queries
from services.audit_api.learning.errors import (
    LearningNotDisseminated,
    LearningNotDraft,
    LearningOfClosedAudit,
    LearningWithdrawn,
    SourceNotFinal,
)
from services.audit_api.learning.queries import acknowledgements, items, lock_learning, sources, trainings
from services.audit_api.learning.schemas import AcknowledgementIn, LearningEdit, LearningIn, SourceIn, TrainingIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.framework.store import check_codes
from shared.free_text import Mode, screen
from shared.ids import new_id
from shared.organisation.units import check_unit, visible_units
from shared.problems import Fault, Malformed, NotFound


async def add_learning(session: AsyncSession, caller: Caller, body: LearningIn, words: Mode, now: datetime) -> UUID:
    """Write down what was learned, passing it on at once where asked."""
    found = await _check(session, caller, body, words, now)
    learning = new_id()
    row = {
        "id": learning, **_content(body), "status": "draft", "created_by": caller.subject, "created_at": now,
        "version": 1,
    }  # fmt: skip
    if body.disseminate:
        row |= _passed_on(caller, now)
    await session.execute(sa.insert(items), row)
    await _put_sources(session, learning, body.sources, found)
    await record_activity(
        session, caller, "learning.added", "learning", learning, content=body.model_dump(mode="json"), unit=body.unit,
        data={"status": row["status"], "sources": len(body.sources)},
    )  # fmt: skip
    return learning


async def edit_learning(
    session: AsyncSession,
    caller: Caller,
    learning: UUID,
    body: LearningEdit,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Replace a draft as a whole."""
    held = await _held(session, caller, learning, match)
    if held.status != "draft":
        raise LearningNotDraft()
    found = await _check(session, caller, body, words, now)
    await _change(session, held, **_content(body))
    await session.execute(sa.delete(sources).where(sources.c.learning_id == learning))
    await _put_sources(session, learning, body.sources, found)
    await record_activity(
        session, caller, "learning.edited", "learning", learning, content=body.model_dump(mode="json"),
        unit=body.unit, data={"sources": len(body.sources)},
    )  # fmt: skip


async def disseminate(session: AsyncSession, caller: Caller, learning: UUID, match: IfMatch, now: datetime) -> None:
    """Pass a draft on to its audience."""
    held = await _held(session, caller, learning, match)
    if held.status != "draft":
        raise LearningNotDraft()
    await _change(session, held, **_passed_on(caller, now))
    await record_activity(
        session, caller, "learning.disseminated", "learning", learning, content=None, unit=held.unit,
        data={"audience": held.audience, "visibility": held.visibility},
    )  # fmt: skip


async def withdraw(
    session: AsyncSession, caller: Caller, learning: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Take an item back with a reason, unless a closed audit has no other."""
    held = await _held(session, caller, learning, match)
    if held.status == "withdrawn":
        raise LearningWithdrawn()
    if held.status == "disseminated" and await queries.closed_audits_left_without(session, learning):
        raise LearningOfClosedAudit()
    back = {"status": "withdrawn", "withdrawn_on": local_date(now), "withdrawn_by": caller.subject}
    await _change(session, held, **back, withdrawal_reason=reason)
    await record_activity(
        session, caller, "learning.withdrawn", "learning", learning, content=reason, unit=held.unit, data={}
    )


async def acknowledge(
    session: AsyncSession, caller: Caller, learning: UUID, body: AcknowledgementIn, now: datetime
) -> None:
    """The caller has read the item; again changes nothing."""
    held = await _passed(session, caller, learning)
    if body.level not in held.audience:
        fault = Fault("/level", "not_of_audience", "this level is not among those the item is meant for")
        raise Malformed("The item is meant for others; see errors.", errors=[fault])
    row = {
        "learning_id": learning, "subject": caller.subject, "level": body.level, "unit": caller.unit,
        "acknowledged_at": now,
    }  # fmt: skip
    added = insert(acknowledgements).on_conflict_do_nothing().returning(acknowledgements.c.subject)
    if (await session.execute(added, row)).first() is None:
        return
    await record_activity(
        session, caller, "learning.acknowledged", "learning", learning, content=None, unit=held.unit,
        data={"level": body.level},
    )  # fmt: skip


async def add_training(
    session: AsyncSession, caller: Caller, learning: UUID, body: TrainingIn, words: Mode, now: datetime
) -> None:
    """Name training commissioned with the item in it; the same training again changes nothing."""
    held = await _passed(session, caller, learning)
    screen({"/title": body.title, "/provider": body.provider or ""}, words)
    row = {"learning_id": learning, **body.model_dump(), "added_by": caller.subject, "added_at": now}
    added = insert(trainings).on_conflict_do_nothing().returning(trainings.c.training_ref)
    if (await session.execute(added, row)).first() is None:
        return
    await record_activity(
        session, caller, "learning.training_linked", "learning", learning, content=body.model_dump(mode="json"),
        unit=held.unit, data={"training_ref": body.training_ref},
    )  # fmt: skip


async def _passed(session: AsyncSession, caller: Caller, learning: UUID) -> sa.Row[Any]:
    held = await lock_learning(session, caller, learning)
    if held is None:
        raise NotFound()
    if held.status != "disseminated":
        raise LearningNotDisseminated()
    return held


async def _held(session: AsyncSession, caller: Caller, learning: UUID, match: IfMatch) -> sa.Row[Any]:
    """The item locked, where the caller may write for its unit or wrote it."""
    held = await lock_learning(session, caller, learning)
    allowed = await visible_units(session, caller)
    if held is None or not (allowed is None or held.unit in allowed or held.created_by == caller.subject):
        raise NotFound()
    match.check(held.version)
    return held


async def _change(session: AsyncSession, held: sa.Row[Any], **changed: Any) -> None:
    changed["version"] = held.version + 1
    await session.execute(sa.update(items).where(items.c.id == held.id).values(changed))


def _content(body: LearningEdit) -> dict[str, Any]:
    return {
        "unit": body.unit, "title": body.title, "detail": body.text, "kind": body.kind, "audience": body.audience,
        "visibility": body.visibility, "themes": body.themes,
    }  # fmt: skip


def _passed_on(caller: Caller, now: datetime) -> dict[str, Any]:
    return {"status": "disseminated", "disseminated_on": local_date(now), "disseminated_by": caller.subject}


async def _check(
    session: AsyncSession, caller: Caller, body: LearningEdit, words: Mode, now: datetime
) -> dict[UUID, Any]:
    """The named audits and findings by id; raises where something named cannot be used."""
    screen({"/title": body.title}, "refuse")
    screen({"/text": body.text or ""}, words)
    await check_codes(session, "themes", {f"/themes/{at}": code for at, code in enumerate(body.themes)})
    found = await _read_sources(session, caller, body.sources)
    # An auditor is never of the audited team, yet writes down what that team's audit taught.
    if body.unit not in {row.unit for row in found.values()}:
        await check_unit(session, caller, body.unit, "/unit", on=local_date(now))
    return found


async def _read_sources(session: AsyncSession, caller: Caller, given: Sequence[SourceIn]) -> dict[UUID, Any]:
    by_kind = {kind: [one.id for one in given if one.kind == kind and one.id] for kind in ("audit", "finding")}
    found = {
        "audit": await queries.read_audits(session, caller, by_kind["audit"]) if by_kind["audit"] else {},
        "finding": await queries.read_findings(session, caller, by_kind["finding"]) if by_kind["finding"] else {},
    }
    faults = [
        Fault(f"/sources/{at}/id", f"unknown_{one.kind}", "there is none such that this caller may use")
        for at, one in enumerate(given)
        if one.id is not None and one.id not in found[one.kind]
    ]
    if faults:
        raise Malformed("A source cannot be used; see errors.", errors=faults)
    named: dict[UUID, Any] = {**found["audit"], **found["finding"]}
    if any(row.submitted_on is None or row.status == "withdrawn" for row in named.values()):
        raise SourceNotFinal()
    return named


async def _put_sources(
    session: AsyncSession, learning: UUID, given: Sequence[SourceIn], found: dict[UUID, Any]
) -> None:
    rows = [
        {
            "learning_id": learning, "position": at, "kind": one.kind, "reference": one.reference,
            "audit_id": None if one.id is None else found[one.id].audit,
            "finding_id": one.id if one.kind == "finding" else None,
        }
        for at, one in enumerate(given)
    ]  # fmt: skip
    await session.execute(sa.insert(sources), rows)
