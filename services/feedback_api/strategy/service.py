"""The rules of the participation strategy: how each commitment stands, and that nothing is done without evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words
from services.feedback_api.models import CommitmentStatus, table_of
from services.feedback_api.strategy import errors
from services.feedback_api.strategy.evidence import faults_of_evidence
from services.feedback_api.strategy.schemas import (
    CommitmentOut,
    CommitmentRow,
    OverviewOut,
    OwnerTally,
    StatusIn,
    StatusOut,
)
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.framework.store import read_item, read_items
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.participation import ParticipationCommitment

KIND = "participation_commitments"
_TABLE = table_of(CommitmentStatus)


def _parsed(content: dict[str, Any]) -> ParticipationCommitment:
    found = parse_item(KIND, content)
    assert isinstance(found, ParticipationCommitment)
    return found


async def find_commitment(session: AsyncSession, code: str) -> ParticipationCommitment:
    """Raises NotFound where the applied framework has none of this code."""
    content = await read_item(session, KIND, code)
    if content is None:
        raise NotFound()
    return _parsed(content)


async def list_commitments(session: AsyncSession, today: date) -> list[CommitmentRow]:
    """Every commitment with how it stands, the first due first."""
    promised = sorted(map(_parsed, await read_items(session, KIND)), key=lambda one: (one.due_on, one.code))
    statement = sa.select(_TABLE).ext(distinct_on(_TABLE.c.commitment))
    rows = (await session.execute(statement.order_by(_TABLE.c.commitment, _TABLE.c.version.desc()))).all()
    newest = {row.commitment: StatusOut.model_validate(row) for row in rows}
    return [_row(one, newest.get(one.code), today) for one in promised]


def _row(one: ParticipationCommitment, told: StatusOut | None, today: date) -> CommitmentRow:
    return CommitmentRow(
        code=one.code,
        title=one.title,
        owner_role=one.owner_role,
        owner_unit=one.owner_unit,
        due_on=one.due_on,
        status=told.status if told else "not_started",
        overdue=one.due_on < today and (told is None or told.status != "done"),
        stood_on=told.stood_on if told else None,
        evidence=told.evidence if told else [],
        version=told.version if told else 0,
    )


async def read_commitment(session: AsyncSession, caller: Caller, code: str, today: date) -> CommitmentOut:
    """One commitment with every status told."""
    one = await find_commitment(session, code)
    history = await _history(session, code)
    row = _row(one, history[0] if history else None, today)
    return CommitmentOut(
        **row.model_dump(),
        promise=one.promise,
        seen_by=one.seen_by,
        source=one.source,
        history=history,
        allowed_actions=["tell_status"] if await _may_tell(session, caller, one) else [],
    )


async def _history(session: AsyncSession, code: str) -> list[StatusOut]:
    statement = sa.select(_TABLE).where(_TABLE.c.commitment == code).order_by(_TABLE.c.version.desc())
    return [StatusOut.model_validate(row) for row in (await session.execute(statement)).all()]


async def _may_tell(session: AsyncSession, caller: Caller, one: ParticipationCommitment) -> bool:
    if not caller.may("feedback:manage"):
        return False
    mine = await visible_units(session, caller)
    return mine is None or one.owner_unit in mine


async def tell_status(
    session: AsyncSession, caller: Caller, code: str, body: StatusIn, match: IfMatch, now: datetime
) -> None:
    """Tell how a commitment stands; two who tell at once meet at the key of the next version."""
    one = await find_commitment(session, code)
    if not await _may_tell(session, caller, one):
        raise errors.NotTheirCommitment()
    history = await _history(session, code)
    version = history[0].version if history else 0
    match.check(version)
    faults = await faults_of_evidence(session, body.evidence)
    earliest = history[0].stood_on if history else date.min
    if not earliest <= body.stood_on <= local_date(now):
        faults.append(Fault("/stood_on", "date", "give a day from the one last told of to today"))
    if faults:
        raise Malformed("The status cannot be kept like this; see errors.", errors=faults)
    if body.status == "done" and not body.evidence:
        raise errors.EvidenceMissing()
    row = body.model_dump() | {
        "commitment": code, "version": version + 1, "recorded_by": caller.subject, "recorded_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(_TABLE).values(row))
    before = {"words": history[0].words} if history else {}
    await flag_words(session, "commitment", code, one.owner_unit, before, {"words": body.words}, now)
    data = {"status": body.status, "evidence": len(body.evidence), "version": version + 1}
    content = body.model_dump(mode="json")
    await record_activity(
        session, caller, "commitment.told", "participation_commitment", code, content=content, unit=one.owner_unit,
        data=data,
    )  # fmt: skip


def overview(rows: Sequence[CommitmentRow], now: datetime) -> OverviewOut:
    """How far the strategy has come, from how each commitment stands."""
    statuses = Counter(row.status for row in rows)
    roles = sorted({row.owner_role for row in rows})
    return OverviewOut(
        commitments=len(rows),
        statuses={name: statuses[name] for name in ("not_started", "on_track", "at_risk", "late", "done")},
        overdue=[row for row in rows if row.overdue],
        done_with_evidence=sum(row.status == "done" and bool(row.evidence) for row in rows),
        never_told=[row.code for row in rows if not row.version],
        owners=[_owner(role, [row for row in rows if row.owner_role == role]) for role in roles],
        fully_implemented=bool(rows) and statuses["done"] == len(rows),
        as_at=now,
    )


def _owner(role: str, rows: Sequence[CommitmentRow]) -> OwnerTally:
    return OwnerTally(
        owner_role=role,
        commitments=len(rows),
        done=sum(row.status == "done" for row in rows),
        overdue=sum(row.overdue for row in rows),
    )
