"""Learning shared by agencies and what units made of it, and bank holidays that are worked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bank_holiday", sa.Column("worked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("bank_holiday", "worked", server_default=None)
    op.create_table(
        "agency_learning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=False),
        sa.Column("learning", sa.Text(), nullable=False),
        sa.Column("shared_by", sa.Text(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_agency_learning_withdrawn")
        ),
        sa.CheckConstraint("cardinality(themes) <= 10", name=op.f("ck_agency_learning_themes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_learning")),
        sa.UniqueConstraint("agency", "source_ref", name=op.f("uq_agency_learning_agency_source_ref")),
    )
    op.create_index("ix_agency_learning_shared_at", "agency_learning", ["shared_at", "id"], unique=False)
    op.create_table(
        "learning_evaluation",
        sa.Column("learning_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=True),
        sa.Column("what_we_did", sa.Text(), nullable=True),
        sa.Column("evaluated_by", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "relevant IS NOT TRUE OR what_we_did IS NOT NULL", name=op.f("ck_learning_evaluation_relevant")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_learning_evaluation_version")),
        sa.PrimaryKeyConstraint("learning_id", "unit", name=op.f("pk_learning_evaluation")),
    )
    op.create_table(
        "learning_evaluation_history",
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("learning_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learning_id", "unit"],
            ["learning_evaluation.learning_id", "learning_evaluation.unit"],
            name=op.f("fk_learning_evaluation_history_learning_id_unit"),
        ),
        sa.PrimaryKeyConstraint("learning_id", "unit", "version", name=op.f("pk_learning_evaluation_history")),
    )


def downgrade() -> None:
    op.drop_table("learning_evaluation_history")
    op.drop_table("learning_evaluation")
    op.drop_index("ix_agency_learning_shared_at", table_name="agency_learning")
    op.drop_table("agency_learning")
    op.drop_column("bank_holiday", "worked")
