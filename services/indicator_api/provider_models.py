"""Schools and settings: what they are, how they were judged, what was seen there, and where there is concern."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.indicator_api.registry import Table, key, moment, number, text


def _id() -> Any:
    return Field(sa_column=sa.Column(sa.Uuid, primary_key=True))


def _of(target: str, kind: Any) -> Any:
    return Field(sa_column=sa.Column(kind, sa.ForeignKey(target), nullable=False))


def _day(*, nullable: bool = False) -> Any:
    return Field(default=None if nullable else ..., sa_column=sa.Column(sa.Date, nullable=nullable))


def _version() -> Any:
    return Field(sa_column=sa.Column(sa.Integer, nullable=False))


_PROVIDER = sa.Text(collation="C")


class Provider(Table, table=True):
    """A school or setting; `reference` is the number by which its regulator knows it."""

    __tablename__ = "provider"
    __table_args__ = (
        sa.CheckConstraint(
            "kind IN ('school','early_years_setting','alternative_provision','residential_setting')", name="kind"
        ),
        sa.CheckConstraint("version >= 1", name="version"),
    )

    code: str = key()
    name: str = text()
    kind: str = text()
    reference: str | None = text(nullable=True, unique=True)
    unit: str | None = text(nullable=True)
    closed_on: date | None = _day(nullable=True)
    version: int = _version()
    recorded_by: str = text()
    recorded_at: datetime = moment()
    changed_at: datetime = moment()


class ProviderJudgement(Table, table=True):
    """One grade of one judgement of one inspection, always with its framework."""

    __tablename__ = "provider_judgement"
    __table_args__ = (sa.UniqueConstraint("provider", "framework", "judgement", "judged_on"),)

    id: UUID = _id()
    provider: str = _of("provider.code", _PROVIDER)
    framework: str = text()
    judgement: str = text()
    grade: str = text()
    judged_on: date = _day()
    source_ref: str | None = text(nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = moment()


class ProviderFigure(Table, table=True):
    """A figure of one provider under the dictionary's definition; a later row for the same period corrects it."""

    __tablename__ = "provider_figure"
    __table_args__ = (
        sa.Index("ix_provider_figure_key", "provider", "indicator", "period", "recorded_at"),
        sa.CheckConstraint("value_status IN ('c','z','x','k','u')", name="value_status"),
        sa.CheckConstraint("(value IS NULL) = coalesce(value_status IN ('c','z','x'), false)", name="value_or_status"),
    )

    id: UUID = _id()
    provider: str = _of("provider.code", _PROVIDER)
    indicator: str = text()
    period: str = text()
    numerator: Decimal | None = number()
    denominator: Decimal | None = number()
    value: Decimal | None = number()
    value_status: str | None = text(nullable=True)
    source_ref: str | None = text(nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = moment()


class ProviderNote(Table, table=True):
    """Soft information: what was seen or heard on a visit or in a review; never changed, only added to."""

    __tablename__ = "provider_note"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('visit','review','information')", name="kind"),
        sa.Index("ix_provider_note_place", "provider", "noted_on", "id"),
    )

    id: UUID = _id()
    provider: str = _of("provider.code", _PROVIDER)
    kind: str = text()
    noted_on: date = _day()
    words: str = text()
    recorded_by: str = text()
    recorded_at: datetime = moment()


class ProviderConcern(Table, table=True):
    """An entry in a register; a provider has at most one open entry in each."""

    __tablename__ = "provider_concern"
    __table_args__ = (
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closes_after_it_opens"),
        sa.CheckConstraint("(closed_on IS NULL) = (closed_because IS NULL)", name="closed_with_a_reason"),
        sa.Index(
            "ix_provider_concern_open",
            "provider",
            "provider_register",
            unique=True,
            postgresql_where=sa.text("closed_on IS NULL"),
        ),
    )

    id: UUID = _id()
    provider: str = _of("provider.code", _PROVIDER)
    provider_register: str = text()
    category: str = text()
    at_risk: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    opened_on: date = _day()
    support: list[dict[str, Any]] = Field(sa_column=sa.Column(JSONB, nullable=False))
    reported_to_members_on: date | None = _day(nullable=True)
    closed_on: date | None = _day(nullable=True)
    closed_because: str | None = text(nullable=True)
    version: int = _version()
    recorded_by: str = text()
    recorded_at: datetime = moment()
    changed_at: datetime = moment()


class ProviderConcernVersion(Table, table=True):
    """An entry as it stood before a change."""

    __tablename__ = "provider_concern_version"

    concern_id: UUID = Field(sa_column=sa.Column(sa.Uuid, sa.ForeignKey("provider_concern.id"), primary_key=True))
    version: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    content: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    superseded_by: str = text()
    superseded_at: datetime = moment()


class ProviderReview(Table, table=True):
    """What the services together found when they looked at an entry again, once a period."""

    __tablename__ = "provider_review"
    __table_args__ = (
        sa.UniqueConstraint("concern_id", "period"),
        sa.CheckConstraint("outcome IN ('better','unchanged','worse','ready_to_close')", name="outcome"),
    )

    id: UUID = _id()
    concern_id: UUID = _of("provider_concern.id", sa.Uuid)
    period: str = text()
    held_on: date = _day()
    outcome: str = text()
    words: str | None = text(nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = moment()
