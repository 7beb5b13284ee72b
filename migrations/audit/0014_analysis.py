"""Kept tallies of audits, and the reminders that were given."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_tally",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("tool_version", sa.Integer(), nullable=False),
        sa.Column("audits", sa.Integer(), nullable=False),
        sa.Column("versions", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("titles", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "unit", "tool", "tool_version", name=op.f("pk_audit_tally")),
    )
    op.create_table(
        "reminder",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "due_on", "stage", name=op.f("pk_reminder")),
    )
    op.drop_index("ix_audit_counts_on", table_name="audit", postgresql_where=sa.text("submitted_on IS NOT NULL"))
    op.create_index(
        "ix_audit_counted",
        "audit",
        ["counts_on", "unit", "tool", "tool_version", "version"],
        postgresql_where=sa.text("submitted_on IS NOT NULL AND status <> 'withdrawn'"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_counted", table_name="audit")
    op.create_index(
        "ix_audit_counts_on", "audit", ["counts_on", "unit"], postgresql_where=sa.text("submitted_on IS NOT NULL")
    )
    op.drop_table("reminder")
    op.drop_table("audit_tally")
