"""Reading reviews and their recommendations, within the caller's units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Action, Audit
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from services.audit_api.scrutiny.schemas import ScrutinyProgress
from services.audit_api.scrutiny_models import (
    Milestone,
    Recommendation,
    RecommendationAction,
    RecommendationChange,
    ScrutinyArea,
    ScrutinyReview,
    ScrutinyReviewVersion,
)
from shared.auth.caller import Caller
from shared.keyset import before
from shared.paging import Cursor, cursor_key

reviews, areas, recommendations = table_of(ScrutinyReview), table_of(ScrutinyArea), table_of(Recommendation)
milestones, changes, links = table_of(Milestone), table_of(RecommendationChange), table_of(RecommendationAction)
versions = table_of(ScrutinyReviewVersion)
_audits, _actions = table_of(Audit), table_of(Action)

NONE_YET = ScrutinyProgress(total=0, done=0, declined=0, overdue=0)
# Of requested, held and published the latest that is known.
on = sa.func.coalesce(reviews.c.published_on, reviews.c.held_on, reviews.c.requested_on)
_review = sa.select(reviews, on.label("on"))
_first_due = sa.func.least(recommendations.c.original_due_on, recommendations.c.due_on)


def _of_milestones(*only: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    rows = sa.select(sa.func.count()).where(milestones.c.recommendation_id == recommendations.c.id, *only)
    return rows.correlate(recommendations).scalar_subquery()


def _recommendation(today: date) -> sa.Select[Any]:
    late = sa.func.coalesce(milestones.c.reached_on, today) > milestones.c.original_due_on
    return sa.select(
        recommendations,
        reviews.c.reference.label("review_reference"),
        _of_milestones().label("milestones"),
        _of_milestones(milestones.c.reached_on.is_not(None)).label("milestones_reached"),
        _of_milestones(late).label("milestones_late"),
    ).join(reviews, reviews.c.id == recommendations.c.review_id)


async def find_review(session: AsyncSession, caller: Caller, review: UUID, *, lock: bool = False) -> sa.Row[Any] | None:
    """A review of a unit within reach."""
    statement = _review.where(reviews.c.id == review, await reached(session, caller, reviews.c.unit))
    if lock:
        statement = statement.with_for_update(of=reviews)
    return (await session.execute(statement)).one_or_none()


async def list_reviews(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    *,
    kind: str | None,
    direction: str | None,
    reference: str | None,
    units: frozenset[str] | None,
) -> Sequence[sa.Row[Any]]:
    """A page of reviews, the latest first."""
    statement = _review.where(await reached(session, caller, reviews.c.unit), before(at, on, reviews.c.id))
    for column, wanted in (("kind", kind), ("direction", direction), ("reference", reference)):
        if wanted is not None:
            statement = statement.where(reviews.c[column] == wanted)
    if units is not None:
        statement = statement.where(reviews.c.unit.in_(sorted(units)))
    ordered = statement.order_by(on.desc(), reviews.c.id.desc()).limit(at.fetch)
    return (await session.execute(ordered)).all()


async def areas_of(session: AsyncSession, review: UUID) -> Sequence[sa.Row[Any]]:
    statement = sa.select(areas).where(areas.c.review_id == review).order_by(areas.c.topic)
    return (await session.execute(statement)).all()


async def versions_of(session: AsyncSession, review: UUID) -> Sequence[sa.Row[Any]]:
    statement = sa.select(versions).where(versions.c.review_id == review).order_by(versions.c.version)
    return (await session.execute(statement)).all()


async def audits_set_off(session: AsyncSession, caller: Caller, reference: str) -> Sequence[sa.Row[Any]]:
    """Audits within reach that name this reference as what set them off."""
    within = await reached(session, caller, _audits.c.unit, _audits.c.auditor)
    columns: tuple[sa.Column[Any], ...] = (_audits.c.id, _audits.c.unit, _audits.c.audit_type, _audits.c.status)
    statement: sa.Select[Any] = (
        sa.select(*columns)
        .where(_audits.c.trigger_reference == reference, within)
        .order_by(_audits.c.id.desc())
        .limit(100)
    )
    rows: Sequence[sa.Row[Any]] = (await session.execute(statement)).all()
    return rows


async def progress_of(
    session: AsyncSession, wanted: Collection[UUID], today: date, topic: str | None = None
) -> dict[UUID, ScrutinyProgress]:
    """How far the recommendations of each review have come, or those on one topic."""
    status = recommendations.c.status
    late = sa.and_(status == "open", _first_due < today)
    statement = (
        sa.select(
            recommendations.c.review_id,
            sa.func.count().label("total"),
            sa.func.count().filter(status == "done").label("done"),
            sa.func.count().filter(status == "declined").label("declined"),
            sa.func.count().filter(late).label("overdue"),
        )
        .where(recommendations.c.review_id.in_(wanted))
        .group_by(recommendations.c.review_id)
    )
    if topic is not None:
        statement = statement.where(recommendations.c.topic == topic)
    rows = (await session.execute(statement)).all()
    return {
        row.review_id: ScrutinyProgress(total=row.total, done=row.done, declined=row.declined, overdue=row.overdue)
        for row in rows
    }


async def reviews_on(session: AsyncSession, caller: Caller, topic: str) -> Sequence[sa.Row[Any]]:
    """Reviews within reach that said how the topic stands, the earliest first."""
    statement = (
        _review.add_columns(areas.c.standing, areas.c.words)
        .join(areas, areas.c.review_id == reviews.c.id)
        .where(areas.c.topic == topic, await reached(session, caller, reviews.c.unit))
        .order_by(on, reviews.c.id)
    )
    return (await session.execute(statement)).all()


async def find_recommendation(
    session: AsyncSession, caller: Caller, recommendation: UUID, today: date
) -> sa.Row[Any] | None:
    """A recommendation of a unit within reach, or the caller's own."""
    within = await reached(session, caller, recommendations.c.unit, recommendations.c.owner_subject)
    statement = _recommendation(today).where(recommendations.c.id == recommendation, within)
    found: sa.Row[Any] | None = (await session.execute(statement)).one_or_none()
    return found


async def lock_recommendation(session: AsyncSession, caller: Caller, recommendation: UUID) -> sa.Row[Any] | None:
    """Its own row, held until the transaction ends."""
    within = await reached(session, caller, recommendations.c.unit, recommendations.c.owner_subject)
    statement = sa.select(recommendations).where(recommendations.c.id == recommendation, within)
    return (await session.execute(statement.with_for_update(of=recommendations))).one_or_none()


async def list_recommendations(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    today: date,
    *,
    status: str | None,
    review: UUID | None,
    topic: str | None,
    units: frozenset[str] | None,
) -> Sequence[sa.Row[Any]]:
    """A page of recommendations, by their first dates."""
    within = await reached(session, caller, recommendations.c.unit, recommendations.c.owner_subject)
    statement = _recommendation(today).where(within)
    if status == "overdue":
        statement = statement.where(recommendations.c.status == "open", _first_due < today)
    elif status is not None:
        statement = statement.where(recommendations.c.status == status)
    for column, wanted in (("review_id", review), ("topic", topic)):
        if wanted is not None:
            statement = statement.where(recommendations.c[column] == wanted)
    if units is not None:
        statement = statement.where(recommendations.c.unit.in_(sorted(units)))
    key = (recommendations.c.original_due_on, recommendations.c.id)
    if at.after is not None:
        last = (sa.literal(part) for part in cursor_key(at.after, date.fromisoformat, UUID))
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*last))
    rows: Sequence[sa.Row[Any]] = (await session.execute(statement.order_by(*key).limit(at.fetch))).all()
    return rows


async def parts_of(
    session: AsyncSession, recommendation: UUID
) -> tuple[Sequence[sa.Row[Any]], Sequence[sa.Row[Any]], list[UUID]]:
    """A recommendation's milestones, its changes, and the actions that carry it out."""
    steps = sa.select(milestones).where(milestones.c.recommendation_id == recommendation)
    history = sa.select(changes).where(changes.c.recommendation_id == recommendation)
    linked = sa.select(links.c.action_id).where(links.c.recommendation_id == recommendation)
    return (
        (await session.execute(steps.order_by(milestones.c.position))).all(),
        (await session.execute(history.order_by(changes.c.position))).all(),
        list((await session.execute(linked.order_by(links.c.action_id))).scalars()),
    )


async def actions_within(session: AsyncSession, caller: Caller, wanted: Collection[UUID]) -> set[UUID]:
    """Those of the actions that the caller reaches."""
    within = await reached(session, caller, _actions.c.unit, _actions.c.owner_subject, _actions.c.raised_by)
    return set((await session.execute(sa.select(_actions.c.id).where(_actions.c.id.in_(wanted), within))).scalars())
