"""Putting words forward to be shared, and taking them back as soon as the record they come from says otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Quotation, QuotationEvent, table_of
from services.feedback_api.redaction import blocks_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id

quotations, events = table_of(Quotation), table_of(QuotationEvent)
OWN_WORDS = "own_words"
LEARNING = "shared_learning"
MERGED = "The record was merged into another."
_LIVE = quotations.c.status.in_(("proposed", "approved"))
_COPIED = ("unit", "said_on", "respondent_group", "channel", "themes")


async def put_forward(session: AsyncSession, caller: Caller, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Store a proposal; `given` says of which record and field it is, both texts, and the consent."""
    row = {
        "id": new_id(), "respondent_group": None, "channel": None, "written_by": [caller.subject], "status": "proposed",
        "audience": None, "approved_by": None, "approved_at": None, "expires_on": None, "ended_by": None,
        "ended_at": None, "proposed_at": now, "changed_at": now, "version": 1, **given,
    }  # fmt: skip
    await session.execute(sa.insert(quotations).values(row))
    await note(session, caller, row, "proposed", now)
    return row


async def change(
    session: AsyncSession, caller: Caller, held: Mapping[str, Any], kind: str, changes: Mapping[str, Any],
    now: datetime, reason: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Make a locked quotation its next version, with what happened in its history and in the activity log."""
    after = {**held, **changes, "version": held["version"] + 1, "changed_at": now}
    statement = sa.update(quotations).where(quotations.c.id == held["id"])
    await session.execute(statement.values({name: after[name] for name in (*changes, "version", "changed_at")}))
    await note(session, caller, after, kind, now, reason)
    return after


async def note(
    session: AsyncSession, caller: Caller, row: Mapping[str, Any], kind: str, now: datetime, reason: str | None = None
) -> None:
    last = sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0)).where(events.c.quotation_id == row["id"])
    event = {
        "quotation_id": row["id"], "position": last.scalar_subquery() + 1, "kind": kind, "text": row["text"],
        "reason": reason, "audience": row["audience"], "happened_at": now, "done_by": caller.subject,
    }  # fmt: skip
    await session.execute(sa.insert(events).values(event))
    data = {"subject_kind": row["subject_kind"], "audience": row["audience"], "version": row["version"]}
    await record_activity(
        session, caller, f"quotation.{kind}", "quotation", row["id"], unit=row["unit"], data=data,
        content=[row["text"], reason],
    )  # fmt: skip


async def take_back(
    session: AsyncSession, caller: Caller, kind: str, ref: str | UUID, fields: Collection[str] | None, reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """Withdraw whatever is proposed or approved of a record (of some fields, or all)."""
    statement = sa.select(quotations).where(
        quotations.c.subject_kind == kind, quotations.c.subject_ref == str(ref), _LIVE
    )
    if fields is not None:
        statement = statement.where(quotations.c.field.in_(fields))
    rows = (await session.execute(statement.order_by(quotations.c.id).with_for_update())).mappings().all()
    ended = {"status": "withdrawn", "ended_by": caller.subject, "ended_at": now}
    for row in rows:
        await change(session, caller, dict(row), "withdrawn", ended, now, reason)
    return len(rows)


async def follow_record(
    session: AsyncSession, caller: Caller, kind: str, ref: str | UUID, before: Mapping[str, Any],
    after: Mapping[str, Any], now: datetime,
) -> None:  # fmt: skip
    """After a correction, words that no longer stand or are no longer agreed to are taken back; the rest moves on."""
    if after.get("consent") == "internal_only" != before.get("consent"):
        await take_back(session, caller, kind, ref, None, "The consent to share was withdrawn.", now)
    changed = {field for field, text in before.items() if isinstance(text, str) and after.get(field) != text}
    if changed:
        await take_back(session, caller, kind, ref, changed, "The words were corrected.", now)
    moved = {name: after[name] for name in _COPIED if name in after and after[name] != before.get(name)}
    if moved:
        theirs = sa.and_(quotations.c.subject_kind == kind, quotations.c.subject_ref == str(ref), _LIVE)
        await session.execute(sa.update(quotations).where(theirs).values(moved))


async def put_learning_forward(
    session: AsyncSession, caller: Caller, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime
) -> None:
    """The learning of a complaint that is meant for boards: each new wording waits for a second person."""
    if before:
        await follow_record(session, caller, "complaint", after["respond_ref"], before, after, now)
    text = after[LEARNING]
    if text is None or text == before.get(LEARNING):
        return
    given = {
        "subject_kind": "complaint", "subject_ref": after["respond_ref"], "field": LEARNING, "unit": after["unit"],
        "said_on": after["said_on"], "respondent_group": after["respondent_group"], "themes": after["themes"],
        "consent": OWN_WORDS, "original": text, "text": text, "blocked": blocks_in(text, text, quoted=False),
    }  # fmt: skip
    await put_forward(session, caller, given, now)
