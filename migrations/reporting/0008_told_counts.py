"""Counts that protected copies have told, for the next copy to be held against."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_counts",
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_told_counts_report")),
        sa.PrimaryKeyConstraint("report", "subject", name=op.f("pk_told_counts")),
    )
    op.create_index("ix_told_counts_period", "told_counts", ["subject", "period_start", "period_end"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_told_counts_period", table_name="told_counts")
    op.drop_table("told_counts")
