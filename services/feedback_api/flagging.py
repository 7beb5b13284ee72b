"""Raising a safeguarding flag: whoever stores a person's words tells the duty role in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import SafeguardingEvent, SafeguardingFlag, table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.framework.store import read_items
from shared.free_text import reads_like_harm
from shared.ids import new_id
from shared.logging import current_request_id, get_logger
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.safeguarding import DutyLevel, DutyPolicy

SubjectKind = Literal[
    "view", "complaint", "compliment", "survey_response", "public_submission", "challenge", "activity",
    "agency_learning", "learning_evaluation", "report_update", "weakness_link", "commitment",
]  # fmt: skip
POLICIES = "duty_policies"
# A council that has not said who is on duty is still told: nobody's words are refused for want of a policy.
_WITHOUT = DutyPolicy(
    code="duty", title="Duty", levels=(DutyLevel(role="duty_officer", call="The duty officer", minutes=60),)
)
flags, events = table_of(SafeguardingFlag), table_of(SafeguardingEvent)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Flagged:
    """Words that read like harm: which record holds them, of which unit (None: of none), and why they do."""

    kind: SubjectKind
    ref: str
    unit: str | None
    reasons: Sequence[str]


async def raise_flag(
    session: AsyncSession, subject_kind: SubjectKind, subject_ref: str | UUID, unit: str | None,
    reasons: Sequence[str], now: datetime, *, reworded: bool = False,
) -> None:  # fmt: skip
    """Put a record into the duty queue, once. Reasons it did not have, or other words, open what was decided again."""
    await raise_flags(session, [Flagged(subject_kind, str(subject_ref), unit, reasons)], now, reworded=reworded)


async def raise_flags(
    session: AsyncSession, flagged: Iterable[Flagged], now: datetime, *, reworded: bool = False
) -> None:
    """The same for many records, each named once; those without a reason are passed over."""
    wanted = {(one.kind, one.ref): one for one in flagged if one.reasons}
    if not wanted:
        return
    policy = await read_policy(session)
    rows = [_new(one, policy, now) for _, one in sorted(wanted.items())]
    statement = insert(flags).on_conflict_do_nothing(index_elements=["subject_kind", "subject_ref"])
    created = set((await session.execute(statement.returning(flags.c.id), rows)).scalars())
    new = [row for row in rows if row["id"] in created]
    if new:
        service = _service()
        await session.execute(sa.insert(events), [_event(service, row, "raised", now) | {"position": 1} for row in new])
    for row in new:
        await _tell(session, row, again=False)
    for row in rows:
        if row["id"] not in created:
            known = wanted[row["subject_kind"], row["subject_ref"]]
            await _raise_again(session, known, policy, now, reworded=reworded)


async def flag_words(
    session: AsyncSession, kind: SubjectKind, ref: str, unit: str | None, before: Mapping[str, str],
    after: Mapping[str, str], now: datetime,
) -> None:  # fmt: skip
    """Raise a flag where a record says something that reads like harm and that it did not say before.

    A flag it has already goes with it to another unit.
    """
    known = set(before.values())
    reasons = reads_like_harm(*(text for text in after.values() if text not in known))
    if reasons:
        await raise_flag(session, kind, ref, unit, reasons, now, reworded=True)
    elif before:
        moved = flags.c.unit.is_distinct_from(unit)
        theirs = sa.and_(flags.c.subject_kind == kind, flags.c.subject_ref == ref, moved)
        await session.execute(sa.update(flags).where(theirs).values(unit=unit, version=flags.c.version + 1))


async def flag_status(session: AsyncSession, kind: str, ref: str | UUID) -> str | None:
    """How the flag of a record stands; None where it has none."""
    theirs = sa.and_(flags.c.subject_kind == kind, flags.c.subject_ref == str(ref))
    status: str | None = (await session.execute(sa.select(flags.c.status).where(theirs))).scalar_one_or_none()
    return status


async def read_policy(session: AsyncSession) -> DutyPolicy:
    """Who is told, at which level and by when; the first of the framework's policies by code."""
    items = await read_items(session, POLICIES)
    if not items:
        return _WITHOUT
    found = parse_item(POLICIES, items[0])
    assert isinstance(found, DutyPolicy)
    return found


def _new(one: Flagged, policy: DutyPolicy, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "subject_kind": one.kind, "subject_ref": one.ref, "unit": one.unit,
        "reasons": list(one.reasons), "raised_at": now, "version": 1,
    } | opened(policy, now)  # fmt: skip


async def _raise_again(
    session: AsyncSession, one: Flagged, policy: DutyPolicy, now: datetime, *, reworded: bool
) -> None:
    found = sa.select(flags).where(flags.c.subject_kind == one.kind, flags.c.subject_ref == one.ref).with_for_update()
    held = dict((await session.execute(found)).mappings().one())
    new = [reason for reason in one.reasons if reason not in held["reasons"]]
    again = bool(new) or reworded
    if not again and one.unit == held["unit"]:
        return
    changes = {"unit": one.unit, "reasons": [*held["reasons"], *new], "version": held["version"] + 1}
    changes |= opened(policy, now) if again else {}
    await session.execute(sa.update(flags).where(flags.c.id == held["id"]).values(changes))
    if again:
        after = held | changes
        await add_event(session, _service(), after, "raised_again", now)
        await _tell(session, after, again=True)


def opened(policy: DutyPolicy, now: datetime) -> dict[str, Any]:
    """What makes a flag wait for the duty role from now on, whatever became of it before."""
    over = ("acknowledged_by", "acknowledged_at", "outcome", "outcome_note", "decided_by", "decided_at")
    due_at = now + timedelta(minutes=policy.levels[0].minutes)
    return dict.fromkeys(over) | {"status": "waiting", "told_at": now, "level": 1, "due_at": due_at}


def _service() -> Caller:
    """The service itself: nobody who sends words raises a flag, and the public has no name at all."""
    return Caller("system:safeguarding", request_id=current_request_id())


async def _tell(session: AsyncSession, flag: dict[str, Any], *, again: bool) -> None:
    """Tell the duty role by the feed and the log, in codes alone; never who said what."""
    data = {
        "subject_kind": flag["subject_kind"], "subject_ref": flag["subject_ref"], "reasons": flag["reasons"],
        "level": flag["level"], "due_at": flag["due_at"].isoformat(), "again": again,
    }  # fmt: skip
    await record_activity(
        session, _service(), "safeguarding.flagged", "safeguarding_flag", flag["id"], unit=flag["unit"], data=data
    )
    # Said before the words are stored for good: a line too many, where they are not, is better than one too few.
    _log.warning("safeguarding_flagged", kind=flag["subject_kind"], reason=flag["reasons"])


async def add_event(
    session: AsyncSession, caller: Caller, flag: dict[str, Any], kind: str, at: datetime, note: str | None = None
) -> None:
    """Add to a flag's history as it stands now; its row is locked by whoever calls this."""
    last = sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0)).where(events.c.flag_id == flag["id"])
    row = _event(caller, flag, kind, at) | {"position": last.scalar_subquery() + 1, "note": note}
    await session.execute(sa.insert(events).values(row))


def _event(caller: Caller, flag: dict[str, Any], kind: str, at: datetime) -> dict[str, Any]:
    return {
        "flag_id": flag["id"], "kind": kind, "level": flag["level"], "reasons": flag["reasons"],
        "outcome": flag.get("outcome"), "due_at": flag["due_at"], "happened_at": at, "done_by": caller.subject,
    }  # fmt: skip
