"""Recording what follows a complaint, and changing it with its history kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words
from services.feedback_api.models import Complaint, ComplaintStage, FollowedHistory, OmbudsmanEnquiry, table_of
from services.feedback_api.remedies.checks import faults_of
from services.feedback_api.remedies.errors import EnquiryReferenceInUse, MergedElsewhere
from services.feedback_api.remedies.kinds import Kind
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.organisation.units import require_visible
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.base import StrictModel

_COMPLAINT = table_of(Complaint)
_KEPT = ("id", "complaint_id", "version", "recorded_by", "recorded_at", "changed_at")
_NOT_EMPTIED = ("description", "owner", "due_on")


async def require_complaint(session: AsyncSession, caller: Caller, respond_ref: str) -> Any:
    """The complaint something follows; raises NotFound where the caller sees none of that reference."""
    statement = sa.select(
        _COMPLAINT.c.id, _COMPLAINT.c.respond_ref, _COMPLAINT.c.unit, _COMPLAINT.c.received_on,
        _COMPLAINT.c.merged_into,
    ).where(_COMPLAINT.c.respond_ref == respond_ref)  # fmt: skip
    # Held so that it is not merged into another while something is put under it.
    row = (await session.execute(statement.with_for_update(read=True))).one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row.unit)
    return row


async def add(
    session: AsyncSession, caller: Caller, kind: Kind, respond_ref: str, body: StrictModel, now: datetime
) -> UUID:
    """Put a record under a complaint."""
    complaint = await require_complaint(session, caller, respond_ref)
    if complaint.merged_into is not None:
        raise MergedElsewhere()
    values = body.model_dump()
    faults = faults_of(kind.name, values, complaint.received_on, local_date(now))
    faults += await _unknown(session, complaint.id, values)
    if faults:
        raise Malformed("This cannot stand as it is; see errors.", errors=faults)
    row = values | {
        "id": new_id(), "complaint_id": complaint.id, "version": 1, "recorded_by": caller.subject,
        "recorded_at": now, "changed_at": now,
    }  # fmt: skip
    statement = insert(kind.table).values(row)
    if kind.name == "enquiry":
        statement = statement.on_conflict_do_nothing(index_elements=["reference"])
    if (await session.execute(statement.returning(kind.table.c.id))).scalar_one_or_none() is None:
        raise EnquiryReferenceInUse()
    await flag_words(session, "complaint", respond_ref, complaint.unit, {}, words_in(values), now)
    await _note(session, caller, kind, "recorded", row, complaint.unit)
    return row["id"]  # type: ignore[no-any-return]


async def _unknown(session: AsyncSession, complaint: UUID, values: dict[str, Any]) -> list[Fault]:
    """What a record says it comes from and the complaint does not have."""
    faults = []
    if values.get("stage") is not None:
        table = table_of(ComplaintStage).c
        found = sa.select(table.stage).where(table.complaint_id == complaint, table.stage == values["stage"]).limit(1)
        if (await session.execute(found)).scalar_one_or_none() is None:
            faults.append(Fault("/stage", "unknown", "the complaint has not been in this stage"))
    if values.get("enquiry_id") is not None:
        enquiry = table_of(OmbudsmanEnquiry).c
        same = sa.select(enquiry.id).where(enquiry.complaint_id == complaint, enquiry.id == values["enquiry_id"])
        if (await session.execute(same)).scalar_one_or_none() is None:
            faults.append(Fault("/enquiry_id", "unknown", "this is no enquiry about the complaint"))
    return faults


async def require_record(session: AsyncSession, caller: Caller, kind: Kind, key: UUID) -> tuple[dict[str, Any], Any]:
    """The locked record and its complaint; raises NotFound where the caller sees none."""
    statement = sa.select(kind.table).where(kind.table.c.id == key).with_for_update()
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    own = sa.alias(_COMPLAINT)
    led = sa.select(_COMPLAINT.c.unit, own.c.received_on, own.c.respond_ref).select_from(
        own.join(_COMPLAINT, _COMPLAINT.c.id == sa.func.coalesce(own.c.merged_into, own.c.id))
    )
    complaint = (await session.execute(led.where(own.c.id == row["complaint_id"]))).one()
    await require_visible(session, caller, complaint.unit)
    return dict(row), complaint


async def change(
    session: AsyncSession, caller: Caller, kind: Kind, row: dict[str, Any], complaint: Any, body: StrictModel,
    now: datetime,
) -> None:  # fmt: skip
    """Change what the body gives in a locked record; a day that moves says why."""
    changes = body.model_dump(exclude_unset=True, exclude={"reason"})
    reason: str | None = getattr(body, "reason", None)
    if all(row[name] == value for name, value in changes.items()):
        return
    after = row | changes
    said = {name: value for name, value in after.items() if name not in _KEPT}
    faults = faults_of(kind.name, said, complaint.received_on, local_date(now))
    emptied = [name for name in _NOT_EMPTIED if name in changes and after[name] is None and row[name] is not None]
    faults += [Fault(f"/{name}", "emptied", "this cannot be emptied; leave it out to keep it") for name in emptied]
    moved = row.get("due_on") is not None and after["due_on"] != row["due_on"]
    if moved and reason is None:
        faults.append(Fault("/reason", "missing", "say why the day moves"))
    if faults:
        raise Malformed("This cannot stand as it is; see errors.", errors=faults)
    history = {
        "kind": kind.name, "record_id": row["id"], "version": row["version"], "content": content_of(kind, row),
        "reason": reason, "valid_from": row["changed_at"], "superseded_at": now, "superseded_by": caller.subject,
    }  # fmt: skip
    await session.execute(sa.insert(table_of(FollowedHistory)).values(history))
    after |= {"version": row["version"] + 1, "changed_at": now}
    await session.execute(sa.update(kind.table).where(kind.table.c.id == row["id"]).values(after))
    words = words_in(after | {"reason": reason})
    await flag_words(session, "complaint", complaint.respond_ref, complaint.unit, words_in(row), words, now)
    await _note(session, caller, kind, "changed", after, complaint.unit)


def content_of(kind: Kind, row: dict[str, Any]) -> dict[str, Any]:
    """What a record says, as plain JSON."""
    said: dict[str, Any] = kind.model.model_validate(row).model_dump(mode="json", exclude=set(_KEPT))
    return said


async def _note(session: AsyncSession, caller: Caller, kind: Kind, deed: str, row: dict[str, Any], unit: str) -> None:
    """Record the deed: codes, days and sums only, the words only as a digest."""
    told = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name in ("kind", "from_source", "stage", "amount_pence", "decision", "answer", "version")
        or (name.endswith("_on") and value is not None)
    }
    content = content_of(kind, row)
    await record_activity(
        session, caller, f"{kind.name}.{deed}", kind.name, row["id"], content=content, unit=unit, data=told
    )
