"""The tables of themes: what people decided of suggestions, and what the classifiers that made them have learned."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, codes, text
from shared.ids import new_id


class ThemeClassifier(Table, table=True):
    """One state of the classifier, registered when it is first used in a decision or has learned."""

    __tablename__ = "theme_classifier"
    version: str = text(primary_key=True)
    made_at: datetime = Field(sa_type=MOMENT)
    records: int
    # The newest decision it has learned from.
    learned_through: datetime | None = Field(default=None, sa_type=MOMENT)


class ThemeLesson(Table, table=True):
    """What the classifier has learned: a word that enough records said, in how many, and in how many of each theme.

    The row whose word is empty counts the records themselves.
    """

    __tablename__ = "theme_lesson"
    word: str = text(primary_key=True)
    said: int
    themes: dict[str, Any] = Field(sa_type=JSONB)


class ThemeDecision(Table, table=True):
    """What a person made of the suggestions for one record; its themes are then what they chose."""

    __tablename__ = "theme_decision"
    __table_args__ = (
        sa.CheckConstraint("subject_kind IN ('view','complaint','compliment')", name="subject_kind"),
        sa.Index("ix_theme_decision_subject", "subject_kind", "subject_id", "decided_at"),
        sa.Index("ix_theme_decision_decided_at", "decided_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subject_kind: str = text()
    subject_id: UUID
    unit: str = text()
    # The version of the record that was looked at.
    subject_version: int
    suggested: list[str] = codes()
    chosen: list[str] = codes()
    rejected: list[str] = codes()
    # A later decision on the same record was made knowing the first, and the classifier may have learned from it.
    first: bool
    classifier: str = text(foreign_key="theme_classifier.version")
    # The newest decision the classifier had then learned from: only a suggestion made before this one is judged by it.
    learned_through: datetime | None = Field(default=None, sa_type=MOMENT)
    decided_by: str = text()
    decided_at: datetime = Field(sa_type=MOMENT)
