"""Whether what is named as evidence is there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Challenge, ParticipationActivity, table_of
from services.feedback_api.strategy.schemas import EvidenceIn
from shared.problems import Fault
from shared.schemas.periods import Period, PeriodError

_activities, _challenges = table_of(ParticipationActivity), table_of(Challenge)
_WORDS = {
    "activity": "this is not the id of an activity in which people took part",
    "challenge": "this is not the id of a challenge",
    "view_summary": "give the period of the summary, as in FY2026-27-Q2",
}


async def faults_of_evidence(session: AsyncSession, evidence: Sequence[EvidenceIn]) -> list[Fault]:
    """A fault for each piece that is not there; a document's reference is taken as it is."""
    known = await _known(session, "activity", evidence) | await _known(session, "challenge", evidence)
    faults = []
    for at, one in enumerate(evidence):
        there = _is_period(one.ref) if one.kind == "view_summary" else (one.kind, _uuid(one.ref)) in known
        if one.kind != "document" and not there:
            faults.append(Fault(f"/evidence/{at}/ref", "not_there", _WORDS[one.kind]))
    return faults


async def _known(session: AsyncSession, kind: str, evidence: Sequence[EvidenceIn]) -> set[tuple[str, UUID | None]]:
    wanted = {found for one in evidence if one.kind == kind and (found := _uuid(one.ref)) is not None}
    if not wanted:
        return set()
    table = _activities if kind == "activity" else _challenges
    statement = sa.select(table.c.id).where(table.c.id.in_(wanted))
    if kind == "activity":
        statement = statement.where(_activities.c.took_place, _activities.c.withdrawn_because.is_(None))
    return {(kind, found) for found in (await session.execute(statement)).scalars()}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except PeriodError:
        return False
    return True
