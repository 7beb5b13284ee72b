"""The monthly reconciliation with the complaints system: runs, and what they found."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("complaints_in_source", sa.Integer(), nullable=False),
        sa.Column("complaints_here", sa.Integer(), nullable=False),
        sa.Column("compliments_in_source", sa.Integer(), nullable=False),
        sa.Column("compliments_here", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("found_hash", sa.LargeBinary(), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("run >= 1", name=op.f("ck_reconciliation_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("month", "run", name=op.f("uq_reconciliation_month_run")),
    )
    op.create_table(
        "reconciliation_difference",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("respond_ref", sa.Text(), nullable=False),
        sa.Column("difference", sa.Text(), nullable=False),
        sa.Column("first_run", sa.SmallInteger(), nullable=False),
        sa.Column("last_run", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "difference IN ('missing_here','missing_in_source','received_outside')",
            name=op.f("ck_reconciliation_difference_difference"),
        ),
        sa.CheckConstraint("kind IN ('complaints','compliments')", name=op.f("ck_reconciliation_difference_kind")),
        sa.CheckConstraint(
            "(reason IS NULL) = (resolved_by IS NULL) AND (reason IS NULL) = (resolved_at IS NULL)",
            name=op.f("ck_reconciliation_difference_resolved"),
        ),
        sa.CheckConstraint("last_run >= first_run", name=op.f("ck_reconciliation_difference_runs")),
        sa.PrimaryKeyConstraint(
            "month", "kind", "respond_ref", "difference", name=op.f("pk_reconciliation_difference")
        ),
    )


def downgrade() -> None:
    op.drop_table("reconciliation_difference")
    op.drop_table("reconciliation")
