"""The tables of external scrutiny: reviews, how each subject stood, and what became of what they recommended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, TEXTS, Table
from shared.ids import new_id


class ScrutinyReview(Table, table=True):
    """A peer review, an inspection or a serious case review, from its request to its publication."""

    __tablename__ = "scrutiny_review"
    __table_args__ = (
        sa.UniqueConstraint("reference"),
        sa.CheckConstraint("kind IN ('peer_review', 'inspection', 'serious_case_review')", name="kind"),
        sa.CheckConstraint("direction IN ('requested', 'participated')", name="direction"),
        sa.CheckConstraint("(kind = 'peer_review') = (direction IS NOT NULL)", name="peer_review"),
        sa.CheckConstraint("num_nonnulls(requested_on, held_on, published_on) > 0", name="dated"),
        sa.Index("ix_scrutiny_review_unit", "unit", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(sa_type=TEXT)
    direction: str | None = Field(default=None, sa_type=TEXT)
    reference: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    led_by: str = Field(sa_type=TEXT)
    framework: str | None = Field(default=None, sa_type=TEXT)
    judgements: list[dict[str, Any]] = Field(sa_type=JSONB)
    asked_about: list[str] = Field(sa_type=TEXTS)
    requested_on: date | None = None
    held_on: date | None = None
    published_on: date | None = None
    summary: str | None = Field(default=None, sa_type=TEXT)
    recorded_by: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class ScrutinyReviewVersion(Table, table=True):
    """A review as it was before a change."""

    __tablename__ = "scrutiny_review_version"
    review_id: UUID = Field(primary_key=True, foreign_key="scrutiny_review.id")
    version: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JSONB)
    superseded_by: str = Field(sa_type=TEXT)
    superseded_at: datetime = Field(sa_type=MOMENT)


class ScrutinyArea(Table, table=True):
    """How one subject stood in the eyes of one review."""

    __tablename__ = "scrutiny_area"
    __table_args__ = (
        sa.CheckConstraint("standing IN ('serious_concern', 'concern', 'improving', 'strength')", name="standing"),
        sa.Index("ix_scrutiny_area_topic", "topic"),
    )
    review_id: UUID = Field(primary_key=True, foreign_key="scrutiny_review.id")
    topic: str = Field(sa_type=TEXT, primary_key=True)
    standing: str = Field(sa_type=TEXT)
    words: str | None = Field(default=None, sa_type=TEXT)


class Recommendation(Table, table=True):
    """Something a review asks for, whose it is, and by when; the first date stays the measure of being overdue."""

    __tablename__ = "scrutiny_recommendation"
    __table_args__ = (
        sa.CheckConstraint("status IN ('open', 'done', 'declined')", name="status"),
        sa.CheckConstraint("num_nonnulls(owner_role, owner_subject) = 1", name="owner"),
        sa.CheckConstraint("(status = 'open') = (ended_on IS NULL)", name="ended"),
        sa.Index("ix_scrutiny_recommendation_review_id", "review_id"),
        sa.Index("ix_scrutiny_recommendation_due", "original_due_on", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    review_id: UUID = Field(foreign_key="scrutiny_review.id")
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    words: str = Field(sa_type=TEXT)
    topic: str | None = Field(default=None, sa_type=TEXT)
    owner_role: str | None = Field(default=None, sa_type=TEXT)
    owner_subject: str | None = Field(default=None, sa_type=TEXT)
    owner_post: str | None = Field(default=None, sa_type=TEXT)
    original_due_on: date
    due_on: date
    status: str = Field(sa_type=TEXT)
    ended_on: date | None = None
    recorded_by: str = Field(sa_type=TEXT)
    version: int = 1


class Milestone(Table, table=True):
    """A step towards a recommendation; late from the day after its first date until it is reached."""

    __tablename__ = "scrutiny_milestone"
    recommendation_id: UUID = Field(primary_key=True, foreign_key="scrutiny_recommendation.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    title: str = Field(sa_type=TEXT)
    original_due_on: date
    due_on: date
    reached_on: date | None = None


class RecommendationChange(Table, table=True):
    """Each date a recommendation or one of its milestones has had, and each step taken, with the reason."""

    __tablename__ = "scrutiny_change"
    __table_args__ = (sa.CheckConstraint("kind IN ('redated', 'reached', 'linked', 'done', 'declined')", name="kind"),)
    recommendation_id: UUID = Field(primary_key=True, foreign_key="scrutiny_recommendation.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    kind: str = Field(sa_type=TEXT)
    milestone: int | None = Field(default=None, sa_type=SMALL)
    was_due_on: date | None = None
    day: date
    words: str | None = Field(default=None, sa_type=TEXT)
    done_by: str = Field(sa_type=TEXT)
    done_at: datetime = Field(sa_type=MOMENT)


class RecommendationAction(Table, table=True):
    """An action that carries a recommendation out."""

    __tablename__ = "scrutiny_action"
    recommendation_id: UUID = Field(primary_key=True, foreign_key="scrutiny_recommendation.id")
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
