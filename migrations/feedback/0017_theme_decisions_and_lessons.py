"""What people decided of suggested themes, and what the classifier learned from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "theme_classifier",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("learned_through", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_theme_classifier")),
    )
    op.create_table(
        "theme_lesson",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("themes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_theme_lesson")),
    )
    op.create_table(
        "theme_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("suggested", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("chosen", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rejected", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("classifier", sa.Text(), nullable=False),
        sa.Column("learned_through", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('view','complaint','compliment')", name=op.f("ck_theme_decision_subject_kind")
        ),
        sa.ForeignKeyConstraint(
            ["classifier"], ["theme_classifier.version"], name=op.f("fk_theme_decision_classifier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_decision")),
    )
    op.create_index("ix_theme_decision_decided_at", "theme_decision", ["decided_at", "id"], unique=False)
    op.create_index(
        "ix_theme_decision_subject", "theme_decision", ["subject_kind", "subject_id", "decided_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_theme_decision_subject", table_name="theme_decision")
    op.drop_index("ix_theme_decision_decided_at", table_name="theme_decision")
    op.drop_table("theme_decision")
    op.drop_table("theme_lesson")
    op.drop_table("theme_classifier")
