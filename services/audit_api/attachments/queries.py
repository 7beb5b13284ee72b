"""Reading evidence with the reach of its audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import given_to_grade
from services.audit_api.models import AttachmentContent, Audit, AuditAttachment
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key
from shared.problems import NotFound

audits, attachments, contents = table_of(Audit), table_of(AuditAttachment), table_of(AttachmentContent)


async def audit_in_reach(session: AsyncSession, caller: Caller, audit: UUID) -> Any:
    """What is asked of the audit before its evidence; raises NotFound where there is none within reach."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    columns = audits.c.id, audits.c.unit, audits.c.auditor, audits.c.status
    within = sa.or_(within, given_to_grade(caller, audits.c.id))
    row = (await session.execute(sa.select(*columns).where(audits.c.id == audit, within))).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def list_attachments(session: AsyncSession, audit: UUID, at: Cursor) -> Sequence[Any]:
    """A page of the evidence, in the order it was attached."""
    statement = sa.select(attachments).where(attachments.c.audit_id == audit)
    if at.after is not None:
        statement = statement.where(attachments.c.id > cursor_key(at.after, UUID)[0])
    return (await session.execute(statement.order_by(attachments.c.id).limit(at.fetch))).all()


async def read_attachment(session: AsyncSession, audit: UUID, attachment: UUID, *, lock: bool = False) -> Any:
    """One piece of evidence of the audit; raises NotFound where there is none."""
    statement = sa.select(attachments).where(attachments.c.audit_id == audit, attachments.c.id == attachment)
    row = (await session.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def read_content(session: AsyncSession, attachment: UUID) -> bytes | None:
    """What a file holds."""
    statement = sa.select(contents.c.content).where(contents.c.attachment_id == attachment)
    found: bytes | None = (await session.execute(statement)).scalar_one_or_none()
    return found
