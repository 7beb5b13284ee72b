"""What was found in a team before, for whoever audits it now: only so can a finding say what it repeats (R43)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.queries import audits, findings, read_audit
from services.audit_api.blindness import still_blind
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.keyset import place_of
from shared.organisation.units import codes_before
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.problems import NotFound
from shared.resources import DatabaseOf
from shared.schemas.base import OutModel
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/audits", tags=["audits"], route_class=StrictRoute)


class EarlierFinding(OutModel):
    """An area for improvement or a concern of an earlier audit of the same team, by its title."""

    id: str = Field(description="give it as `repeat_of` where this audit finds the same again")
    audit: str
    kind: str
    domain: str
    title: str
    themes: list[str]
    submitted_on: date


@router.get("/{audit_id}/earlier-findings", response_model=Page[EarlierFinding])
async def list_earlier_findings(
    request: Request,
    audit_id: UUID,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
) -> Response:
    """What submitted audits of the same team, and of those it came after, found to improve or gave concern, newest
    first; its auditor reads it too, who does not reach those audits otherwise."""
    async with database.snapshot() as session:
        audit = await read_audit(session, caller, audit_id)
        if audit is None:
            raise NotFound()
        rows = await _found_before(session, caller, audit, at)
    page, following = cut_page(rows, at, lambda row: place_of(row.submitted_on, row.id))
    answer = Page[EarlierFinding](items=[_out(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


async def _found_before(session: AsyncSession, caller: Caller, audit: Any, at: Cursor) -> Sequence[Any]:
    place = sa.tuple_(audits.c.submitted_on, findings.c.id)
    statement = (
        sa.select(findings, audits.c.submitted_on)
        .join(audits, audits.c.id == findings.c.audit_id)
        .where(
            audits.c.unit.in_(codes_before(audit.unit)),
            audits.c.id != audit.id,
            audits.c.submitted_on.is_not(None),
            audits.c.status != "withdrawn",
            findings.c.kind.in_(("area_for_improvement", "concern")),
            ~still_blind(caller, audits.c.id),
        )
    )
    if audit.submitted_on is not None:
        statement = statement.where(audits.c.submitted_on <= audit.submitted_on)
    if at.after is not None:
        statement = statement.where(place < sa.tuple_(*map(sa.literal, cursor_key(at.after, date.fromisoformat, UUID))))
    ordered = statement.order_by(audits.c.submitted_on.desc(), findings.c.id.desc()).limit(at.fetch)
    return (await session.execute(ordered)).all()


def _out(row: Any) -> EarlierFinding:
    return EarlierFinding(
        id=str(row.id), audit=str(row.audit_id), kind=row.kind, domain=row.domain, title=row.title, themes=row.themes,
        submitted_on=row.submitted_on,
    )  # fmt: skip
