"""The rules of evidence: who attaches and removes it, and that a removed piece leaves its record."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.attachments.contents import Upload
from services.audit_api.attachments.errors import (
    AttachmentRemoved,
    AuditWithdrawn,
    NoFile,
    NotToAttach,
    NotToRemove,
)
from services.audit_api.attachments.queries import (
    attachments,
    audit_in_reach,
    contents,
    read_attachment,
    read_content,
)
from services.audit_api.attachments.schemas import AttachmentOut, ReferenceIn
from services.audit_api.states import may_answer, may_manage
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id


def attachment_out(row: Any, audit: Any, caller: Caller) -> AttachmentOut:
    """A piece of evidence as one caller sees it."""
    there = row.removed_at is None
    allowed = ["read_content"] if there and row.kind == "file" else []
    allowed += ["remove"] if there and may_manage(audit, caller) else []
    named = ("kind", "ref", "note", "name", "media_type", "size", "added_by", "added_at", "removed_by", "removed_at",
        "removed_why")  # fmt: skip
    return AttachmentOut(
        id=str(row.id),
        sha256=None if row.sha256 is None else row.sha256.hex(),
        allowed_actions=allowed,
        **{name: getattr(row, name) for name in named},
    )


async def attach(
    session: AsyncSession, caller: Caller, audit: UUID, given: ReferenceIn | Upload, note: str | None, now: datetime
) -> AttachmentOut:
    """Attach a reference or a file to an audit that stands."""
    held = await audit_in_reach(session, caller, audit)
    if not may_answer(held, caller):
        raise NotToAttach()
    if held.status == "withdrawn":
        raise AuditWithdrawn()
    row: dict[str, Any] = {"id": new_id(), "audit_id": audit, "note": note, "added_by": caller.subject, "added_at": now}
    if isinstance(given, Upload):
        row |= {
            "kind": "file", "name": given.name, "media_type": given.media_type, "size": len(given.content),
            "sha256": hashlib.sha256(given.content).digest(),
        }  # fmt: skip
    else:
        row |= {"kind": given.kind, "ref": given.ref}
    await session.execute(sa.insert(attachments), row)
    if isinstance(given, Upload):
        await session.execute(sa.insert(contents), {"attachment_id": row["id"], "content": given.content})
    told = {"attachment": str(row["id"]), "kind": row["kind"], "media_type": row.get("media_type")}
    content = {name: row.get(name) for name in ("ref", "note", "name", "sha256")}
    await record_activity(
        session, caller, "attachment.added", "audit", audit, content=content, unit=held.unit, data=told
    )
    return attachment_out(await read_attachment(session, audit, row["id"]), held, caller)


async def remove(
    session: AsyncSession, caller: Caller, audit: UUID, attachment: UUID, reason: str, now: datetime
) -> AttachmentOut:
    """Remove a piece of evidence: what a file held is deleted, that it was there and why it went stays."""
    held = await audit_in_reach(session, caller, audit)
    if not may_manage(held, caller):
        raise NotToRemove()
    row = await read_attachment(session, audit, attachment, lock=True)
    if row.removed_at is not None:
        raise AttachmentRemoved()
    removed = {"removed_by": caller.subject, "removed_at": now, "removed_why": reason}
    await session.execute(sa.update(attachments).where(attachments.c.id == attachment).values(removed))
    await session.execute(sa.delete(contents).where(contents.c.attachment_id == attachment))
    await record_activity(
        session, caller, "attachment.removed", "audit", audit, content=reason, unit=held.unit,
        data={"attachment": str(attachment)},
    )  # fmt: skip
    return attachment_out(await read_attachment(session, audit, attachment), held, caller)


async def content_of(session: AsyncSession, caller: Caller, audit: UUID, attachment: UUID) -> tuple[Any, bytes]:
    """A file's record and what it holds."""
    await audit_in_reach(session, caller, audit)
    row = await read_attachment(session, audit, attachment)
    if row.kind != "file":
        raise NoFile()
    content = await read_content(session, attachment)
    if content is None:
        raise AttachmentRemoved()
    return row, content
