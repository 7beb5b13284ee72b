"""Allocating audits, wherever it is done: the edition in use, one audit in a slot, changes until it is submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.errors import AuditKnown, SlotTaken, ToolNotInUse
from services.audit_api.models import Audit, AuditStep, ToolVersion
from services.audit_api.questionnaires import Questionnaire, questionnaire
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.database_errors import constraint_name
from shared.problems import Fault, Malformed

_audits, _editions, _steps = table_of(Audit), table_of(ToolVersion), table_of(AuditStep)


class Edition(NamedTuple):
    """One edition of a tool."""

    version: int
    status: str
    hash: bytes


async def edition_in_use(session: AsyncSession, tool: str, version: int | None = None) -> Questionnaire:
    """The edition new audits are begun with; raises what keeps the tool, or that version of it, from use."""
    statement = (
        sa.select(_editions.c.version, _editions.c.status, _editions.c.hash)
        .where(_editions.c.tool == tool)
        .order_by(_editions.c.version.desc())
    )
    found = choose_edition([Edition(*row) for row in (await session.execute(statement)).all()], version)
    return await questionnaire(session, tool, found.version, found.hash)


def choose_edition(rows: Sequence[Edition], version: int | None) -> Edition:
    """The one of a tool's editions, newest first, that new audits are begun with."""
    if not rows:
        fault = Fault("/tool", "unknown_code", "this is not the code of a published tool")
        raise Malformed("The tool cannot be used; see errors.", errors=[fault])
    if version is not None and version not in [row.version for row in rows]:
        fault = Fault("/tool_version", "unknown_version", "the tool has no such published edition")
        raise Malformed("The tool cannot be used; see errors.", errors=[fault])
    for row in rows:
        if row.status == "published" and version in (None, row.version):
            return row
    raise ToolNotInUse()


async def insert_audit(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Store the audit's own row; raises SlotTaken or AuditKnown where another was first."""
    with first_of_its_kind():
        await session.execute(sa.insert(_audits), dict(row))


@contextmanager
def first_of_its_kind() -> Iterator[None]:
    """Around an insert of audits: raises SlotTaken or AuditKnown where another was first."""
    try:
        yield
    except (IntegrityError, asyncpg.UniqueViolationError) as error:
        if constraint_name(error) == "uq_audit_slot_id":
            raise SlotTaken() from None
        if constraint_name(error) == "uq_audit_source_ref":
            raise AuditKnown() from None
        raise


async def change_unsubmitted(
    session: AsyncSession,
    caller: Caller,
    audit: Any,
    kind: Literal["reallocated", "withdrawn"],
    changed: Mapping[str, Any],
    reason: str | None,
    now: datetime,
) -> None:
    """Change an audit that was never submitted, with the step that its history tells of."""
    version = audit.version + 1
    await session.execute(
        sa.update(_audits).where(_audits.c.id == audit.id).values(dict(changed) | {"version": version})
    )
    step = {
        "audit_id": audit.id, "version": version, "kind": kind, "by": caller.subject, "at": now, "reason": reason,
        "questions": [], "parts": [], "data": {name: changed[name] for name in ("auditor",) if name in changed},
    }  # fmt: skip
    await session.execute(sa.insert(_steps), step)
