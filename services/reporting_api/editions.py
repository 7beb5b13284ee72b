"""One edition of a report as callers see it: who may see it, how it stands, what they may do now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.chain import Authority, Power, authority, barred_from_signing, chain_of, open_step
from services.reporting_api.definitions import Definitions
from services.reporting_api.disclosure import copy_mark, is_for_the_public, marked
from services.reporting_api.document import held_back
from services.reporting_api.models import Report, ReportRevision, ReportSignature
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.schemas.base import OutModel
from shared.schemas.board_report import BoardReport, PeriodRef, ReportStatus, Signature
from shared.schemas.framework.reporting import SignOff

table: sa.Table = Report.__table__  # type: ignore[attr-defined]
revision_table: sa.Table = ReportRevision.__table__  # type: ignore[attr-defined]
signature_table: sa.Table = ReportSignature.__table__  # type: ignore[attr-defined]
c, s = table.c, signature_table.c

PUBLIC = ("published", "superseded")
_other, _mine, _wrote = table.alias("other"), table.alias("mine"), revision_table.alias("wrote")
_NOBODY = sa.cast(array([], type_=sa.Text), ARRAY(sa.Text))
# Whoever wrote a text of this report, in this edition or one it carries on; asked only while it waits for signatures.
_WRITERS = (
    sa.select(sa.func.array_agg(_wrote.c.created_by.distinct()))
    .join(_mine, _mine.c.id == _wrote.c.report)
    .where(_mine.c.occurrence == c.occurrence, _wrote.c.cause != "assembly")
    .correlate(table)
    .scalar_subquery()
)
# An edition with the days of its occurrence.
SELECT = sa.select(
    table,
    occurrence.occasion,
    occurrence.period_start,
    occurrence.period_end,
    occurrence.due_on,
    occurrence.audiences,
    occurrence.boards.label("owed_to"),
    occurrence.withdrawn_on,
    sa.exists()
    .where(_other.c.occurrence == c.occurrence, _other.c.status.in_(("draft", "submitted", "signed_off")))
    .label("has_open_edition"),
    sa.case((c.status == "submitted", sa.func.coalesce(_WRITERS, _NOBODY)), else_=_NOBODY).label("writers"),
).join(occurrence_table, occurrence.id == c.occurrence)


class EditionOut(OutModel):
    """How an edition of a report stands; the report itself is at `/v1/reports/{id}`."""

    id: str
    report: str
    title: str
    occurrence: str
    board: str
    audiences: list[str]
    period: PeriodRef
    due_on: date
    edition: int
    status: ReportStatus
    disclosure: str = Field(description="of the copy this caller may read")
    content_hash: str = Field(description="of that copy; a signature is given for exactly this content")
    copy_mark: str = Field(description="what each protected or public copy bears in the place of the signed hash")
    submitted_by: str | None
    submitted_at: datetime | None
    signatures: list[Signature]
    next_signature: str | None = Field(description="the role that signs next, while it is submitted")
    published_at: datetime | None
    supersedes: str | None
    supersession_reason: str | None
    document: str
    html: str
    pdf: str
    xlsx: str
    csv: str
    public_copy: str | None = Field(
        description="where the public's copy is, if it goes to a body that meets in public; "
        "in the other forms it is had with `copy=public`"
    )
    version: int
    allowed_actions: list[str]


def works_on_drafts(caller: Caller) -> bool:
    """Whoever writes, signs or publishes sees drafts; a board's member sees what was published."""
    return any(caller.may(f"reporting:{verb}") for verb in ("write", "sign", "publish"))


def sees_full(caller: Caller) -> bool:
    """Whether this caller may see true small numbers, where the report's own board does."""
    return caller.may("indicator:figures") and caller.may("feedback:figures")


def hash_for(row: Any, caller: Caller) -> str:
    """The content hash of the copy this caller may read."""
    hidden = row.protected_hash is not None and not sees_full(caller)
    found: str = row.protected_hash if hidden else row.content_hash
    return found


async def read_edition(session: AsyncSession, caller: Caller, report: UUID, *, lock: bool = False) -> Any | None:
    """One edition, if this caller may know of it."""
    statement = SELECT.where(c.id == report)
    if lock:
        # The occurrence first, as an assembly takes them: in the other order the two would wait for each other.
        own = sa.select(c.occurrence).where(c.id == report).scalar_subquery()
        await session.execute(sa.select(occurrence.id).where(occurrence.id == own).with_for_update())
        statement = statement.with_for_update(of=[table])
    row = (await session.execute(statement)).one_or_none()
    if row is None or (row.status not in PUBLIC and not works_on_drafts(caller)):
        return None
    allowed = await visible_units(session, caller)
    return None if allowed is not None and row.unit not in allowed else row


async def read_revision(session: AsyncSession, row: Any) -> Any:
    """The newest content of an edition."""
    statement = sa.select(revision_table).where(
        revision_table.c.report == row.id, revision_table.c.revision == row.revision
    )
    return (await session.execute(statement)).one()


async def read_signatures(session: AsyncSession, reports: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The standing signatures of editions, in order."""
    statement = sa.select(signature_table).where(s.report.in_(reports), s.voided_at.is_(None))
    found: dict[UUID, list[Any]] = {}
    for row in (await session.execute(statement.order_by(s.report, s.sign_order))).all():
        found.setdefault(row.report, []).append(row)
    return found


def signatures_out(signed: Sequence[Any], *, copy: bool) -> list[Signature]:
    return [
        Signature(
            role=one.role, subject=one.subject, on_behalf_of=one.on_behalf_of, signed_at=one.signed_at,
            content_hash=one.content_hash, comment=held_back(one.comment) if copy else one.comment,
        )
        for one in signed
    ]  # fmt: skip


def edition_out(
    row: Any, known: Definitions, signed: Sequence[Any], caller: Caller, powers: Sequence[Power] = ()
) -> EditionOut:
    """`powers` are the delegations in force to this caller, where there may be something to sign."""
    chain = chain_of(row.chain, known.reports.get(row.report))
    following = open_step(chain, signed) if row.status == "submitted" else None
    full = row.disclosure == "full" and sees_full(caller)
    copy = row.disclosure == "full" and not full
    return EditionOut(
        id=str(row.id), report=row.report, title=row.title, occurrence=str(row.occurrence),
        board=row.audiences[0], audiences=row.audiences, due_on=row.due_on, edition=row.edition, status=row.status,
        period=PeriodRef(
            code=row.period, label=period_words(row.period), start=row.period_start, end=row.period_end
        ),
        disclosure="full" if full else "protected",
        content_hash=hash_for(row, caller),
        copy_mark=copy_mark(row.copy_salt, row.content_hash), submitted_by=row.submitted_by,
        submitted_at=row.submitted_at, signatures=_signatures(row, signed, copy=copy),
        next_signature=following.role if following else None, published_at=row.published_at,
        supersedes=str(row.supersedes) if row.supersedes else None,
        supersession_reason=held_back(row.supersession_reason) if copy else row.supersession_reason,
        document=f"/v1/reports/{row.id}", html=f"/v1/reports/{row.id}/html",
        pdf=f"/v1/reports/{row.id}/pdf", xlsx=f"/v1/reports/{row.id}/xlsx", csv=f"/v1/reports/{row.id}/csv",
        public_copy=f"/v1/reports/{row.id}/public" if is_for_the_public(row.boards, known.boards) else None,
        version=row.version, allowed_actions=_allowed(row, chain, signed, caller, powers),
    )  # fmt: skip


def _allowed(
    row: Any, chain: Sequence[SignOff], signed: Sequence[Any], caller: Caller, powers: Sequence[Power]
) -> list[str]:
    may = caller.may
    found: list[str] = []
    if row.status == "draft" and may("reporting:write"):
        found.append("edit")
        # One whose report left the schedule waits until it is back.
        if row.withdrawn_on is None:
            found += [*(["refresh"] if caller.unit is None else []), "submit"]
    if row.status == "submitted" and may("reporting:sign"):
        following = open_step(chain, signed)
        barred = barred_from_signing(row.submitted_by, row.writers, signed)
        right = authority(caller, following.role, powers, row.report, row.unit, barred) if following else None
        if right and not barred.keys() & {caller.subject, right.on_behalf_of}:
            found.append("sign")
    if row.status in ("submitted", "signed_off"):
        if may("reporting:sign") and right_to_send_back(row, chain, caller, powers):
            found.append("send_back")
        if may("reporting:write"):
            found += [*(["withdraw"] if caller.subject == row.submitted_by else []), "reopen"]
    if row.status == "signed_off" and may("reporting:publish"):
        found.append("publish")
    if row.status == "published" and may("reporting:write") and not row.has_open_edition:
        found.append("supersede")
    return found


def right_to_send_back(row: Any, chain: Sequence[SignOff], caller: Caller, powers: Sequence[Power]) -> Authority | None:
    """Of whoever signs in this chain, the own right or another's; of the submitter none, who withdraws."""
    if caller.subject == row.submitted_by:
        return None
    rights = (authority(caller, step.role, powers, row.report, row.unit, ()) for step in chain)
    return next((one for one in rights if one is not None), None)


def _signatures(row: Any, signed: Sequence[Any], *, copy: bool) -> list[Signature]:
    found = signatures_out(signed, copy=copy)
    return marked(found, copy_mark(row.copy_salt, row.content_hash)) if copy else found


def with_envelope(report: BoardReport, row: Any, signed: Sequence[Any]) -> BoardReport:
    """The document with how its edition stands, and, where it is a protected copy, of what."""
    copy = report.disclosure != row.disclosure
    report.protected_copy_of = copy_mark(row.copy_salt, row.content_hash) if copy else None
    report.status, report.supersedes = row.status, str(row.supersedes) if row.supersedes else None
    report.signatures = _signatures(row, signed, copy=copy)
    return report
