"""Reading what staff, boards and agencies wrote, where a flag was raised for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import (
    AgencyLearning,
    Challenge,
    ChallengeHistory,
    CommitmentStatus,
    Complaint,
    ComplaintReportUpdate,
    ComplaintReportUpdateHistory,
    LearningEvaluation,
    LearningEvaluationHistory,
    ParticipationActivity,
    ParticipationActivityHistory,
    ParticipationChange,
    ParticipationChangeHistory,
    Table,
    WeaknessLink,
    table_of,
)
from services.feedback_api.subjects import Earlier, Subject, earlier_of, one_row, words_in
from shared.clock import local_date


async def _challenge(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, Challenge, "id", UUID(ref))
    if row is None:
        return None
    earlier = await earlier_of(session, ChallengeHistory, "challenge_id", row["id"])
    return Subject(row["unit"], row["raised_on"], words_in(row), row["recorded_by"], [], earlier=earlier)


async def _activity(session: AsyncSession, ref: str) -> Subject | None:
    """An activity with all that people said in it."""
    row = await one_row(session, ParticipationActivity, "id", UUID(ref))
    if row is None:
        return None
    table = table_of(ParticipationChange)
    found = sa.select(table).where(table.c.activity_id == row["id"]).order_by(table.c.id)
    changes = (await session.execute(found)).mappings().all()
    earlier = await earlier_of(session, ParticipationActivityHistory, "activity_id", row["id"])
    said = await earlier_of(session, ParticipationChangeHistory, "change_id", *(one["id"] for one in changes))
    return Subject(
        row["unit"], row["ended_on"], words_in(row | {"changes": changes}), row["recorded_by"], row["themes"],
        earlier=[*earlier, *said],
    )  # fmt: skip


async def _agency_learning(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, AgencyLearning, "id", UUID(ref))
    if row is None:
        return None
    return Subject(
        None, row["learned_on"], words_in(row), row["shared_by"], row["themes"], source=row["agency"],
        source_ref=row["source_ref"],
    )  # fmt: skip


async def _evaluation(session: AsyncSession, ref: str) -> Subject | None:
    learning, unit = ref.split("/")
    row = await _by_key(session, LearningEvaluation, learning_id=UUID(learning), unit=unit)
    if row is None:
        return None
    earlier = await _earlier(session, LearningEvaluationHistory, learning_id=UUID(learning), unit=unit)
    said_on = local_date(row["evaluated_at"])
    return Subject(unit, said_on, words_in(row), row["evaluated_by"], [], earlier=earlier)


async def _report_update(session: AsyncSession, ref: str) -> Subject | None:
    period, unit = ref.split("/")
    row = await _by_key(session, ComplaintReportUpdate, period=period, unit=unit)
    if row is None:
        return None
    earlier = await _earlier(session, ComplaintReportUpdateHistory, period=period, unit=unit)
    return Subject(unit, local_date(row["updated_at"]), words_in(row), row["updated_by"], [], earlier=earlier)


async def _weakness_link(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, WeaknessLink, "id", UUID(ref))
    if row is None:
        return None
    complaint = await one_row(session, Complaint, "id", row["complaint_id"]) if row["complaint_id"] else None
    unit = complaint["unit"] if complaint else row["unit"]
    return Subject(unit, local_date(row["linked_at"]), words_in(row), row["linked_by"], [])


async def _commitment(session: AsyncSession, ref: str) -> Subject | None:
    """How a commitment stands, and what was told of it before."""
    table = table_of(CommitmentStatus)
    found = sa.select(table).where(table.c.commitment == ref).order_by(table.c.version.desc())
    rows = [dict(row) for row in (await session.execute(found)).mappings()]
    if not rows:
        return None
    told = [words_in(row) for row in rows]
    earlier = [Earlier(later["recorded_at"], words) for later, words in zip(rows, told[1:], strict=False)]
    return Subject(None, rows[0]["stood_on"], told[0], rows[0]["recorded_by"], [], earlier=earlier)


async def _by_key(session: AsyncSession, model: type[Table], **key: Any) -> dict[str, Any] | None:
    table = table_of(model)
    row = (await session.execute(sa.select(table).filter_by(**key))).mappings().one_or_none()
    return None if row is None else dict(row)


async def _earlier(session: AsyncSession, model: type[Table], **key: Any) -> list[Earlier]:
    table = table_of(model)
    rows = (await session.execute(sa.select(table).filter_by(**key).order_by(table.c.version.desc()))).all()
    return [Earlier(row.superseded_at, words_in(row.content)) for row in rows]


BY_ID = ("challenge", "activity", "agency_learning", "weakness_link")
READERS: dict[str, Callable[[AsyncSession, str], Awaitable[Subject | None]]] = {
    "challenge": _challenge,
    "activity": _activity,
    "agency_learning": _agency_learning,
    "learning_evaluation": _evaluation,
    "report_update": _report_update,
    "weakness_link": _weakness_link,
    "commitment": _commitment,
}
