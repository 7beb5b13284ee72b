"""What units and agencies are asked to send for reports, what they sent, and the dated trail of both."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0010"
branch_labels = None
depends_on = None

_NEVER_CHANGED = ("contribution_submission", "contribution_event")


def upgrade() -> None:
    op.create_table(
        "contribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence", sa.Uuid(), nullable=False),
        sa.Column("contributor_kind", sa.Text(), nullable=False),
        sa.Column("contributor", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("originally_due_on", sa.Date(), nullable=False),
        sa.Column("due_by_hand", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("submission", sa.Integer(), nullable=True),
        sa.Column("chases", sa.Integer(), nullable=False),
        sa.Column("last_chased_on", sa.Date(), nullable=True),
        sa.Column("waived_on", sa.Date(), nullable=True),
        sa.Column("waived_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("contributor_kind IN ('agency', 'unit')", name=op.f("ck_contribution_contributor_kind")),
        sa.CheckConstraint("(received_on IS NULL) = (submission IS NULL)", name=op.f("ck_contribution_received")),
        sa.CheckConstraint("(waived_on IS NULL) = (waived_reason IS NULL)", name=op.f("ck_contribution_waived")),
        sa.CheckConstraint("chases >= 0 AND version >= 1", name=op.f("ck_contribution_counts")),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], name=op.f("fk_contribution_occurrence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint("occurrence", "contributor_kind", "contributor", name="uq_contribution_contributor"),
    )
    op.create_index(
        "ix_contribution_contributor", "contribution", ["contributor_kind", "contributor", "due_on"], unique=False
    )
    op.create_index("ix_contribution_due_on", "contribution", ["due_on", "id"], unique=False)
    op.create_table(
        "contribution_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('asked', 'reminded', 'chased', 'moved', 'received', 'refused', 'waived')",
            name=op.f("ck_contribution_event_kind"),
        ),
        sa.ForeignKeyConstraint(["contribution"], ["contribution.id"], name=op.f("fk_contribution_event_contribution")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_event")),
    )
    op.create_index("ix_contribution_event_contribution", "contribution_event", ["contribution", "id"], unique=False)
    op.create_table(
        "contribution_submission",
        sa.Column("contribution", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_contribution_submission_number")),
        sa.ForeignKeyConstraint(
            ["contribution"], ["contribution.id"], name=op.f("fk_contribution_submission_contribution")
        ),
        sa.PrimaryKeyConstraint("contribution", "number", name=op.f("pk_contribution_submission")),
    )
    for table in _NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reporting_row_is_final()"
        )
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reporting_row_is_final()"
        )


def downgrade() -> None:
    op.drop_table("contribution_submission")
    op.drop_index("ix_contribution_event_contribution", table_name="contribution_event")
    op.drop_table("contribution_event")
    op.drop_index("ix_contribution_due_on", table_name="contribution")
    op.drop_index("ix_contribution_contributor", table_name="contribution")
    op.drop_table("contribution")
