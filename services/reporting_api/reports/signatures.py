"""Forward and back: a report is submitted, signed step by step in its chain, sent back, withdrawn or reopened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.chain import (
    Authority,
    Power,
    authority,
    barred_from_signing,
    chain_of,
    open_step,
    read_powers,
)
from services.reporting_api.document import document
from services.reporting_api.models import ReportStep
from services.reporting_api.registry import table_of
from services.reporting_api.reports import errors
from services.reporting_api.reports.changing import definition_of, record_step, set_edition, set_stage
from services.reporting_api.reports.gates import check_content
from services.reporting_api.reports.schemas import SendBackIn, SignatureIn
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.problems import Fault

_steps = table_of(ReportStep)


async def submit_report(session: AsyncSession, caller: Caller, row: Any, now: datetime, threshold: int) -> None:
    """Put a draft forward; from now on its chain is the one the framework has today."""
    if row.withdrawn_on is not None:
        raise errors.LeftTheSchedule()
    known, definition = await definition_of(session, row)
    held = await editions.read_revision(session, row)
    check_content(document(held.content, held.edits, threshold), definition, known, row)
    chain = [step.model_dump(mode="json") for step in chain_of(None, definition)]
    await set_edition(session, row, status="submitted", submitted_by=caller.subject, submitted_at=now, chain=chain)
    await set_stage(session, row, "submitted")
    await _take_step(session, caller, row, "submitted", now)
    await record_step(session, caller, "report.submitted", row, data={"content_hash": row.content_hash})


async def sign_report(
    session: AsyncSession, caller: Caller, row: Any, body: SignatureIn, now: datetime, today: date, threshold: int
) -> None:
    """One signature of the chain: the next role, in the caller's right, on this content, by somebody new."""
    known, definition = await definition_of(session, row)
    signed = (await editions.read_signatures(session, [row.id])).get(row.id, [])
    chain = chain_of(row.chain, definition)
    step = open_step(chain, signed)
    if step is None or step.role != body.role:
        raise errors.NotYourTurn(f"Next signs: {step.role}." if step else None)
    powers = await read_powers(session, today, delegate=caller.subject)
    right = _right_to_sign(caller, row, body.role, powers, signed)
    if body.content_hash != row.content_hash:
        raise errors.ContentChanged()
    held = await editions.read_revision(session, row)
    check_content(document(held.content, held.edits, threshold), definition, known, row)
    await session.execute(
        sa.insert(editions.signature_table).values(
            id=new_id(), report=row.id, sign_order=step.order, role=step.role, subject=caller.subject,
            on_behalf_of=right.on_behalf_of, delegation=right.delegation, content_hash=body.content_hash,
            comment=body.comment, signed_at=now,
        )
    )  # fmt: skip
    last = step is chain[-1]
    await set_edition(session, row, status="signed_off" if last else "submitted")
    if last:
        await set_stage(session, row, "signed_off")
    about = {"role": step.role, "content_hash": row.content_hash}
    if right.on_behalf_of is not None:
        about |= {"on_behalf_of": right.on_behalf_of, "delegation": str(right.delegation)}
    await record_step(session, caller, "report.signed", row, content=body.comment, data=about)


def _right_to_sign(caller: Caller, row: Any, role: str, powers: Sequence[Power], signed: Sequence[Any]) -> Authority:
    """Raises where the caller has no right to this signature, or may not be the one who gives it."""
    barred = barred_from_signing(row.submitted_by, row.writers, signed)
    right = authority(caller, role, powers, row.report, row.unit, barred)
    if right is None:
        raise errors.RoleNotHeld()
    for person in (caller.subject, right.on_behalf_of):
        if person in barred:
            raise errors.SubmitterMayNotSign(_BARRED[barred[person]])
    return right


_BARRED = {
    "wrote": "Whoever wrote a text of the report does not sign it.",
    "submitted": "Whoever submitted the report does not sign it.",
    "signed": "Nobody signs the same content twice.",
}


async def send_back_report(
    session: AsyncSession, caller: Caller, row: Any, body: SendBackIn, now: datetime, today: date
) -> None:
    """Back to its writers by somebody who signs in its chain, with what is to be mended and in which sections."""
    _, definition = await definition_of(session, row)
    powers = await read_powers(session, today, delegate=caller.subject)
    if caller.subject == row.submitted_by:
        raise errors.SubmitterMayNotSign("The submitter withdraws the report instead.")
    right = editions.right_to_send_back(row, chain_of(row.chain, definition), caller, powers)
    if right is None:
        raise errors.RoleNotHeld()
    held = await editions.read_revision(session, row)
    known = {section["code"] for section in held.content["sections"]}
    faults = [
        Fault(f"/sections/{place}", "unknown_section", "use the code of one of the report's own sections")
        for place, code in enumerate(body.sections)
        if code not in known
    ]
    if faults:
        raise errors.UnknownSection(errors=faults)
    await _back_to_draft(session, row, now)
    await _take_step(session, caller, row, "sent_back", now, body.reason, right=right, sections=body.sections)
    about = {"role": right.role, "sections": body.sections}
    await record_step(session, caller, "report.sent_back", row, content=body.reason, data=about)


async def withdraw_report(session: AsyncSession, caller: Caller, row: Any, reason: str, now: datetime) -> None:
    """Taken back by whoever submitted it, and by nobody else."""
    if caller.subject != row.submitted_by:
        raise errors.NotTheSubmitter()
    await _back_to_draft(session, row, now)
    await _take_step(session, caller, row, "withdrawn", now, reason)
    await record_step(session, caller, "report.withdrawn", row, content=reason)


async def reopen_report(session: AsyncSession, caller: Caller, row: Any, reason: str, now: datetime) -> None:
    """Back to a draft by whoever works on it; every signature given so far is void and stays on record."""
    await _back_to_draft(session, row, now)
    await _take_step(session, caller, row, "reopened", now, reason)
    await record_step(session, caller, "report.reopened", row, content=reason)


async def _back_to_draft(session: AsyncSession, row: Any, now: datetime) -> None:
    await session.execute(
        sa.update(editions.signature_table)
        .where(editions.s.report == row.id, editions.s.voided_at.is_(None))
        .values(voided_at=now)
    )
    await set_edition(session, row, status="draft", submitted_by=None, submitted_at=None, chain=None)
    await set_stage(session, row, "draft")


async def _take_step(
    session: AsyncSession,
    caller: Caller,
    row: Any,
    step: str,
    now: datetime,
    reason: str | None = None,
    *,
    right: Authority | None = None,
    sections: Sequence[str] = (),
) -> None:
    await session.execute(
        sa.insert(_steps).values(
            id=new_id(), report=row.id, step=step, subject=caller.subject, role=right.role if right else None,
            on_behalf_of=right.on_behalf_of if right else None, reason=reason, sections=list(sections),
            content_hash=row.content_hash, taken_at=now,
        )
    )  # fmt: skip
