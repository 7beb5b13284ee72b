"""Schools and settings, how they were judged, and the registers of those to be watched."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _recorded() -> list[Any]:
    return [_text("recorded_by"), _moment("recorded_at")]


def _of_provider() -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
    ]


def _keys(table: str, refers: str = "provider") -> list[Any]:
    column = "provider" if refers == "provider" else "concern_id"
    target = "provider.code" if refers == "provider" else "provider_concern.id"
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    _create_providers()
    _create_concerns()


def _create_providers() -> None:
    op.create_table(
        "provider",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        _text("name"),
        _text("kind"),
        _text("reference", nullable=True),
        _text("unit", nullable=True),
        _day("closed_on", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_recorded(),
        _moment("changed_at"),
        sa.CheckConstraint(
            "kind IN ('school','early_years_setting','alternative_provision','residential_setting')",
            name=op.f("ck_provider_kind"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_provider_version")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_provider")),
        sa.UniqueConstraint("reference", name=op.f("uq_provider_reference")),
    )
    op.create_table(
        "provider_judgement",
        *_of_provider(),
        _text("framework"),
        _text("judgement"),
        _text("grade"),
        _day("judged_on"),
        _text("source_ref", nullable=True),
        *_recorded(),
        *_keys("provider_judgement"),
        sa.UniqueConstraint(
            "provider", "framework", "judgement", "judged_on",
            name=op.f("uq_provider_judgement_provider_framework_judgement_judged_on"),
        ),
    )  # fmt: skip
    op.create_table(
        "provider_figure",
        *_of_provider(),
        _text("indicator"),
        _text("period"),
        *(sa.Column(name, sa.Numeric(), nullable=True) for name in ("numerator", "denominator", "value")),
        _text("value_status", nullable=True),
        _text("source_ref", nullable=True),
        *_recorded(),
        sa.CheckConstraint("value_status IN ('c','z','x','k','u')", name=op.f("ck_provider_figure_value_status")),
        sa.CheckConstraint(
            "(value IS NULL) = coalesce(value_status IN ('c','z','x'), false)",
            name=op.f("ck_provider_figure_value_or_status"),
        ),
        *_keys("provider_figure"),
    )
    op.create_index("ix_provider_figure_key", "provider_figure", ["provider", "indicator", "period", "recorded_at"])
    op.create_table(
        "provider_note",
        *_of_provider(),
        _text("kind"),
        _day("noted_on"),
        _text("words"),
        *_recorded(),
        sa.CheckConstraint("kind IN ('visit','review','information')", name=op.f("ck_provider_note_kind")),
        *_keys("provider_note"),
    )
    op.create_index("ix_provider_note_place", "provider_note", ["provider", "noted_on", "id"])


def _create_concerns() -> None:
    op.create_table(
        "provider_concern",
        *_of_provider(),
        _text("provider_register"),
        _text("category"),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        _day("opened_on"),
        sa.Column("support", postgresql.JSONB(), nullable=False),
        _day("reported_to_members_on", nullable=True),
        _day("closed_on", nullable=True),
        _text("closed_because", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_recorded(),
        _moment("changed_at"),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_provider_concern_closes_after_it_opens")
        ),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (closed_because IS NULL)", name=op.f("ck_provider_concern_closed_with_a_reason")
        ),
        *_keys("provider_concern"),
    )
    op.create_index(
        "ix_provider_concern_open",
        "provider_concern",
        ["provider", "provider_register"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "provider_concern_version",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        _text("superseded_by"),
        _moment("superseded_at"),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["provider_concern.id"], name=op.f("fk_provider_concern_version_concern_id")
        ),
        sa.PrimaryKeyConstraint("concern_id", "version", name=op.f("pk_provider_concern_version")),
    )
    op.create_table(
        "provider_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        _text("period"),
        _day("held_on"),
        _text("outcome"),
        _text("words", nullable=True),
        *_recorded(),
        sa.CheckConstraint(
            "outcome IN ('better','unchanged','worse','ready_to_close')", name=op.f("ck_provider_review_outcome")
        ),
        *_keys("provider_review", "provider_concern"),
        sa.UniqueConstraint("concern_id", "period", name=op.f("uq_provider_review_concern_id_period")),
    )


def downgrade() -> None:
    for table in (
        "provider_review", "provider_concern_version", "provider_concern", "provider_note", "provider_figure",
        "provider_judgement", "provider",
    ):  # fmt: skip
        op.drop_table(table)
