"""The way of a report to its board: written, submitted, signed in order, published once, superseded if wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.chain import chain_of, open_step
from services.reporting_api.disclosure import is_for_the_public
from services.reporting_api.document import document, merge_edits
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.reports import errors
from services.reporting_api.reports.changing import definition_of, record_step, set_edition
from services.reporting_api.reports.gates import check_content, check_signatures
from services.reporting_api.reports.schemas import ReportEdit
from services.reporting_api.reports.snapshots import store_snapshots
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.problems import Fault


async def edit_report(session: AsyncSession, caller: Caller, row: Any, body: ReportEdit, threshold: int) -> None:
    """Lay what the caller wrote over the draft; the assembled content stays beneath."""
    held = await editions.read_revision(session, row)
    known = {section["code"] for section in held.content["sections"]}
    faults = [
        Fault(f"/sections/{place}/code", "unknown_section", "use the code of one of the report's own sections")
        for place, one in enumerate(body.sections or [])
        if one.code not in known
    ]
    if faults:
        raise errors.UnknownSection(errors=faults)
    edits = merge_edits(held.edits, body.change())
    whole = document(held.content, edits, threshold)
    protected = document(held.protected, edits, threshold, copy=True) if held.protected else None
    await session.execute(
        sa.insert(editions.revision_table).values(
            report=row.id, revision=row.revision + 1, cause="edit", content=held.content, protected=held.protected,
            edits=edits, content_hash=whole.content_hash, created_by=caller.subject,
        )
    )  # fmt: skip
    await set_edition(
        session, row, revision=row.revision + 1, content_hash=whole.content_hash,
        protected_hash=protected.content_hash if protected else None,
    )  # fmt: skip
    await record_step(
        session, caller, "report.edited", row, content=body.change(), data={"fields": sorted(body.model_fields_set)}
    )


async def publish_report(
    session: AsyncSession, caller: Caller, row: Any, now: datetime, today: date, threshold: int
) -> None:
    """Store the bytes for good and mark the occurrence; the edition before it is superseded."""
    known, definition = await definition_of(session, row)
    held = await editions.read_revision(session, row)
    signed = (await editions.read_signatures(session, [row.id])).get(row.id, [])
    if open_step(chain_of(row.chain, definition), signed) is not None:
        raise errors.WrongStatus("A signature of the chain is missing.")
    check_content(document(held.content, held.edits, threshold), definition, known, row)
    check_signatures(definition, row.submitted_by, row.content_hash, signed)
    if row.supersedes is not None:
        await _retire_edition(session, caller, row)
    await set_edition(session, row, status="published", published_at=now)
    await store_snapshots(
        session, caller, row, held, signed, now, threshold, public=is_for_the_public(row.boards, known.boards)
    )
    await session.execute(
        sa.update(occurrence_table)
        .where(occurrence.id == row.occurrence, occurrence.published_on.is_(None))
        .values(stage="published", published_on=today, refresh_after=None, version=occurrence.version + 1)
    )
    await record_step(session, caller, "report.published", row, data={"content_hash": row.content_hash})


async def _retire_edition(session: AsyncSession, caller: Caller, row: Any) -> None:
    """The edition that this one takes the place of keeps its bytes and is current no longer."""
    await session.execute(
        sa.update(editions.table)
        .where(editions.c.id == row.supersedes)
        .values(status="superseded", version=editions.c.version + 1)
    )
    await record_activity(
        session, caller, "report.superseded", "report", row.supersedes, unit=row.unit, data={"by": str(row.id)}
    )


async def supersede_report(session: AsyncSession, caller: Caller, row: Any, reason: str, threshold: int) -> UUID:
    """A new edition that starts from the published one; that stays what it is until the new one is published."""
    if row.has_open_edition:
        raise errors.AlreadySuperseding()
    held = await editions.read_revision(session, row)
    edition, report = row.edition + 1, new_id()

    def carried(content: dict[str, Any]) -> dict[str, Any]:
        return {**content, "id": str(report), "version": edition, "supersession_reason": reason}

    content, protected = carried(held.content), carried(held.protected) if held.protected else None
    whole = document(content, held.edits, threshold)
    await session.execute(
        sa.insert(editions.table).values(
            id=report, occurrence=row.occurrence, report=row.report, period=row.period, edition=edition,
            status="draft", title=row.title, boards=row.boards, unit=row.unit, disclosure=row.disclosure,
            revision=1, content_hash=whole.content_hash,
            protected_hash=document(protected, held.edits, threshold, copy=True).content_hash if protected else None,
            supersedes=row.id, supersession_reason=reason, version=1, created_by=caller.subject,
        )
    )  # fmt: skip
    await session.execute(
        sa.insert(editions.revision_table).values(
            report=report, revision=1, cause="supersession", content=content, protected=protected,
            edits=held.edits, content_hash=whole.content_hash, created_by=caller.subject,
        )
    )  # fmt: skip
    await set_edition(session, row)
    await record_step(session, caller, "report.supersession_begun", row, content=reason, data={"by": str(report)})
    return report
