"""The way of a report to its board: written, submitted, signed in order, published once, superseded if wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.disclosure import is_for_the_public
from services.reporting_api.document import document, merge_edits
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.reports import errors
from services.reporting_api.reports.gates import check_content, check_signatures
from services.reporting_api.reports.schemas import ReportEdit, SignatureIn
from services.reporting_api.reports.snapshots import store_snapshots
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.ids import new_id
from shared.problems import Fault, NotFound
from shared.schemas.framework.reporting import Report


async def lock_edition(session: AsyncSession, caller: Caller, report: UUID, match: IfMatch, *statuses: str) -> Any:
    """The edition to change, held; in order: is it there, is it the one the caller read, does the step fit."""
    row = await editions.read_edition(session, caller, report, lock=True)
    if row is None:
        raise NotFound()
    match.check(row.version)
    if row.status not in statuses:
        raise errors.WrongStatus(f"The report is {row.status.replace('_', ' ')}.")
    return row


async def _definition(session: AsyncSession, row: Any) -> tuple[Definitions, Report]:
    known = await read_definitions(session)
    definition = known.reports.get(row.report)
    if definition is None:
        raise NotFound()
    return known, definition


async def _set(session: AsyncSession, row: Any, **values: Any) -> None:
    await session.execute(
        sa.update(editions.table).where(editions.c.id == row.id).values(**values, version=row.version + 1)
    )


async def _stage(session: AsyncSession, row: Any, stage: str) -> None:
    """The occurrence follows its first edition; a correction leaves it published."""
    await session.execute(
        sa.update(occurrence_table)
        .where(occurrence.id == row.occurrence, occurrence.published_on.is_(None))
        .values(stage=stage, version=occurrence.version + 1)
    )


async def _record(session: AsyncSession, caller: Caller, action: str, row: Any, **more: Any) -> None:
    about = {"report": row.report, "period": row.period, "edition": row.edition, **more.pop("data", {})}
    await record_activity(session, caller, action, "report", row.id, unit=row.unit, data=about, **more)


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
    await _set(
        session, row, revision=row.revision + 1, content_hash=whole.content_hash,
        protected_hash=protected.content_hash if protected else None,
    )  # fmt: skip
    await _record(
        session, caller, "report.edited", row, content=body.change(), data={"fields": sorted(body.model_fields_set)}
    )


async def submit_report(session: AsyncSession, caller: Caller, row: Any, now: datetime, threshold: int) -> None:
    known, definition = await _definition(session, row)
    held = await editions.read_revision(session, row)
    check_content(document(held.content, held.edits, threshold), definition, known)
    await _set(session, row, status="submitted", submitted_by=caller.subject, submitted_at=now)
    await _stage(session, row, "submitted")
    await _record(session, caller, "report.submitted", row, data={"content_hash": row.content_hash})


async def sign_report(
    session: AsyncSession, caller: Caller, row: Any, body: SignatureIn, now: datetime, threshold: int
) -> None:
    """One signature of the chain: the next role, held by the caller, on this content, by somebody new."""
    known, definition = await _definition(session, row)
    signed = (await editions.read_signatures(session, [row.id])).get(row.id, [])
    step = editions.next_in_chain(definition, signed)
    if step is None or step.role != body.role:
        raise errors.NotYourTurn(f"Next signs: {step.role}." if step else None)
    if body.role not in caller.roles:
        raise errors.RoleNotHeld()
    if caller.subject in {row.submitted_by, *(one.subject for one in signed)}:
        raise errors.SubmitterMayNotSign()
    if body.content_hash != row.content_hash:
        raise errors.ContentChanged()
    held = await editions.read_revision(session, row)
    check_content(document(held.content, held.edits, threshold), definition, known)
    await session.execute(
        sa.insert(editions.signature_table).values(
            id=new_id(), report=row.id, sign_order=step.order, role=step.role, subject=caller.subject,
            content_hash=body.content_hash, comment=body.comment, signed_at=now,
        )
    )  # fmt: skip
    last = step.order == max(one.order for one in definition.sign_off)
    await _set(session, row, status="signed_off" if last else "submitted")
    if last:
        await _stage(session, row, "signed_off")
    await _record(
        session, caller, "report.signed", row, content=body.comment,
        data={"role": step.role, "content_hash": row.content_hash},
    )  # fmt: skip


async def reopen_report(session: AsyncSession, caller: Caller, row: Any, reason: str, now: datetime) -> None:
    """Back to a draft; every signature given so far is void and stays on record."""
    await session.execute(
        sa.update(editions.signature_table)
        .where(editions.s.report == row.id, editions.s.voided_at.is_(None))
        .values(voided_at=now)
    )
    await _set(session, row, status="draft", submitted_by=None, submitted_at=None)
    await _stage(session, row, "draft")
    await _record(session, caller, "report.reopened", row, content=reason)


async def publish_report(
    session: AsyncSession, caller: Caller, row: Any, now: datetime, today: date, threshold: int
) -> None:
    """Store the bytes for good and mark the occurrence; the edition before it is superseded."""
    known, definition = await _definition(session, row)
    held = await editions.read_revision(session, row)
    signed = (await editions.read_signatures(session, [row.id])).get(row.id, [])
    if editions.next_in_chain(definition, signed) is not None:
        raise errors.WrongStatus("A signature of the chain is missing.")
    check_content(document(held.content, held.edits, threshold), definition, known)
    check_signatures(definition, row.submitted_by, row.content_hash, signed)
    if row.supersedes is not None:
        await _retire_edition(session, caller, row)
    await _set(session, row, status="published", published_at=now)
    await store_snapshots(
        session, caller, row, held, signed, now, threshold, public=is_for_the_public(row.boards, known.boards)
    )
    await session.execute(
        sa.update(occurrence_table)
        .where(occurrence.id == row.occurrence, occurrence.published_on.is_(None))
        .values(stage="published", published_on=today, refresh_after=None, version=occurrence.version + 1)
    )
    await _record(session, caller, "report.published", row, data={"content_hash": row.content_hash})


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
    await _set(session, row)
    await _record(session, caller, "report.supersession_begun", row, content=reason, data={"by": str(report)})
    return report
