"""The indicator service's own tables: areas, figures with their past, and the imports they came by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.indicator_api.commentary_models import Commentary, CommentaryRequest
from services.indicator_api.exception_models import (
    ExceptionAnswer,
    ExceptionMonth,
    ExceptionPlace,
    ExceptionProtected,
    ExceptionProtectedRow,
    ExceptionProtectedStale,
    ExceptionRow,
    ExceptionStale,
    ExceptionSum,
)
from services.indicator_api.focus_models import FocusList
from services.indicator_api.import_models import ImportBodyChunk, ImportJob, SourceMapping, SourceMappingVersion
from services.indicator_api.provider_models import (
    Provider,
    ProviderConcern,
    ProviderConcernVersion,
    ProviderFigure,
    ProviderJudgement,
    ProviderNote,
    ProviderReview,
)
from services.indicator_api.registration_models import Registration, RegistrationHistory
from services.indicator_api.registry import Table, key, metadata, moment, number, text

__all__ = [
    "FIGURE_COLUMNS",
    "Area",
    "AreaSuccession",
    "Commentary",
    "CommentaryRequest",
    "ComparatorMember",
    "ExceptionAnswer",
    "ExceptionMonth",
    "ExceptionPlace",
    "ExceptionProtected",
    "ExceptionProtectedRow",
    "ExceptionProtectedStale",
    "ExceptionRow",
    "ExceptionStale",
    "ExceptionSum",
    "FocusList",
    "ImportBodyChunk",
    "ImportJob",
    "Observation",
    "ObservationHistory",
    "ObservationImport",
    "Provider",
    "ProviderConcern",
    "ProviderConcernVersion",
    "ProviderFigure",
    "ProviderJudgement",
    "ProviderNote",
    "ProviderReview",
    "Registration",
    "RegistrationHistory",
    "SourceMapping",
    "SourceMappingVersion",
    "figures",
    "metadata",
]


class Area(Table, table=True):
    """A country, region or local authority as SQL needs it; the whole item is in `framework_item`."""

    __tablename__ = "area"
    __table_args__ = (
        sa.CheckConstraint("code ~ '^[A-Z][0-9]{8}$'", name="code"),
        sa.CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="validity"),
    )

    code: str = key()
    name: str = text()
    kind: str = text()
    la_number: str | None = text(nullable=True)
    region: str | None = text(nullable=True)
    valid_from: date | None = Field(default=None, sa_column=sa.Column(sa.Date))
    valid_to: date | None = Field(default=None, sa_column=sa.Column(sa.Date))
    # Earlier codes of the same footprint: figures sent under them are stored under `code`.
    former_codes: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))
    retired: bool = Field(default=False, sa_column=sa.Column(sa.Boolean, nullable=False))


class AreaSuccession(Table, table=True):
    """Which area took over from which; a series runs across only on the same footprint."""

    __tablename__ = "area_succession"

    code: str = key()
    successor: str = key()
    same_footprint: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    note: str | None = text(nullable=True)


class ComparatorMember(Table, table=True):
    """The areas of each comparator set in force; `rank` 1 is the closest where the model ranks them."""

    __tablename__ = "comparator_member"

    comparator_set: str = key()
    area: str = key()
    rank: int | None = Field(default=None, sa_column=sa.Column(sa.Integer))


class ObservationImport(Table, table=True):
    """One act of recording figures: a file, a batch or a single one; every figure names the act it came by."""

    __tablename__ = "observation_import"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('single','json','ndjson','csv','xlsx','withdrawal')", name="kind"),
        sa.CheckConstraint("mode IN ('atomic','partial')", name="mode"),
        sa.CheckConstraint("rows = created + changed + unchanged + rejected", name="counts"),
        sa.CheckConstraint("least(rows, created, changed, unchanged, rejected) >= 0", name="not_negative"),
    )

    id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    kind: str = text()
    mode: str = text()
    provisional: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    body_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    rows: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    created: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    changed: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    unchanged: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    rejected: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    # Row errors and warnings as they were answered: places and codes, never the values refused.
    report: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    # Why the figures were sent, in the sender's words: what a restatement is explained by.
    reason: str | None = text(nullable=True)
    # The saved mapping the file was read through, and its version then.
    mapping: str | None = text(nullable=True)
    mapping_version: int | None = Field(default=None, sa_column=sa.Column(sa.Integer))
    unit: str | None = text(nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = moment()


_FIGURE_CHECKS = (
    # NaN and the infinities are greater than, or less than, every bound.
    sa.CheckConstraint("value BETWEEN -9999999999999 AND 9999999999999", name="value_bounds"),
    sa.CheckConstraint("numerator BETWEEN -9999999999999 AND 9999999999999", name="numerator_bounds"),
    sa.CheckConstraint("denominator BETWEEN -9999999999999 AND 9999999999999", name="denominator_bounds"),
    sa.CheckConstraint("value_status IN ('c','z','x','k','u')", name="value_status"),
    sa.CheckConstraint("(value IS NULL) = coalesce(value_status IN ('c','z','x'), false)", name="value_or_status"),
)


class Observation(Table, table=True):
    """The figures as they stand. The natural key is the only tree: batches stay fast however many rows there are.

    No foreign key to the import (it would cost a look-up per row). A trigger keeps what an UPDATE overwrites in
    `observation_history`, so no writer can forget to.
    """

    __tablename__ = "observation"
    # By which figures of an import are found again. A summary of pages costs a batch nothing.
    __table_args__ = (
        *_FIGURE_CHECKS,
        sa.Index("ix_observation_recorded_at", "recorded_at", postgresql_using="brin"),
    )

    indicator: str = key()
    area: str = key()
    period: str = key()
    breakdown: str = key()
    numerator: Decimal | None = number()
    denominator: Decimal | None = number()
    value: Decimal | None = number()
    value_status: str | None = text(nullable=True)
    provisional: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    # Whether the value or its status ever changed; `revision` also counts a new source or a final for a provisional.
    revised: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    source_ref: str | None = text(nullable=True)
    definition_version: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    import_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    recorded_at: datetime = moment()


class ObservationHistory(Table, table=True):
    """Figures that were superseded: each stood from `recorded_at` until `superseded_at`."""

    __tablename__ = "observation_history"
    __table_args__ = (
        sa.CheckConstraint("superseded_at > recorded_at", name="stood_for_a_time"),
        # The list of restatements begins at a moment; all rows of an import share one, so the index stays small.
        sa.Index("ix_observation_history_superseded_at", "superseded_at"),
    )

    indicator: str = key()
    area: str = key()
    period: str = key()
    breakdown: str = key()
    revision: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    numerator: Decimal | None = number()
    denominator: Decimal | None = number()
    value: Decimal | None = number()
    value_status: str | None = text(nullable=True)
    provisional: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    revised: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    source_ref: str | None = text(nullable=True)
    definition_version: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    import_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    recorded_at: datetime = moment()
    superseded_at: datetime = moment()
    superseded_by: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))


FIGURE_COLUMNS = (
    "indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status", "provisional",
    "revised", "source_ref", "definition_version", "revision", "import_id", "recorded_at",
)  # fmt: skip


def figures(
    as_at: datetime | sa.BindParameter[datetime] | None = None, without: Collection[UUID] = ()
) -> sa.FromClause:
    """The figures as they stand, or as they stood at a moment; selectable with the columns of FIGURE_COLUMNS.

    As if the imports of `without` had never been: none of what they recorded, all of what they overwrote.
    """
    now, past = metadata.tables["observation"], metadata.tables["observation_history"]
    if as_at is None:
        return now
    standing = sa.select(*(now.c[name] for name in FIGURE_COLUMNS)).where(now.c.recorded_at <= as_at)
    superseded = sa.select(*(past.c[name] for name in FIGURE_COLUMNS)).where(past.c.recorded_at <= as_at)
    later = past.c.superseded_at > as_at
    if without:
        standing = standing.where(now.c.import_id.not_in(without))
        superseded = superseded.where(past.c.import_id.not_in(without))
        later = sa.or_(later, past.c.superseded_by.in_(without))
    return sa.union_all(standing, superseded.where(later)).subquery("figures")
