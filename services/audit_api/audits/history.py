"""The steps of an audit's life, and what they tell a caller whose version has been overtaken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import AuditStep
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.etags import IfMatch, version_etag
from shared.problems import Stale

steps = table_of(AuditStep)


async def record_step(
    session: AsyncSession,
    caller: Caller,
    audit: UUID,
    version: int,
    kind: str,
    now: datetime,
    *,
    reason: str | None = None,
    questions: Iterable[str] = (),
    parts: Iterable[str] = (),
    data: Mapping[str, Any] | None = None,
) -> None:
    """Keep what brought the audit to this version."""
    row = {
        "audit_id": audit, "version": version, "kind": kind, "by": caller.subject, "at": now, "reason": reason,
        "questions": sorted(questions), "parts": sorted(parts), "data": dict(data or {}),
    }  # fmt: skip
    await session.execute(sa.insert(steps), row)


async def check_seen(session: AsyncSession, held: Any, match: IfMatch) -> None:
    """Raises Stale unless the caller saw the audit as it is, saying who changed what since, by codes alone."""
    if held.version in match.versions:
        return
    seen = max((version for version in match.versions if version < held.version), default=None)
    rows = [] if seen is None else await read_steps(session, held.id, seen)
    extra: dict[str, Any] = {"current_version": held.version, "seen_version": seen, "audit_status": held.status}
    if rows:
        last = rows[-1]
        extra |= {"changed_by": last.by, "changed_at": last.at.isoformat()}
        extra["changed_questions"] = sorted({code for row in rows for code in row.questions})
        extra["changed_parts"] = sorted({part for row in rows for part in row.parts})
        extra["steps"] = [row.kind for row in rows]
    raise Stale(
        "It was changed since. Nothing of yours is lost or stored: read it again, keep what others changed, and send"
        " yours with the new ETag.",
        headers={"ETag": version_etag(held.version)},
        **extra,
    )


async def read_steps(session: AsyncSession, audit: UUID, after: int = 0) -> Sequence[sa.Row[Any]]:
    """The steps after a version, in order."""
    statement = sa.select(steps).where(steps.c.audit_id == audit, steps.c.version > after)
    return (await session.execute(statement.order_by(steps.c.version))).all()
