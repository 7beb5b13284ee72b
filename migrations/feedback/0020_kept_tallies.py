"""Counts are kept list by list, and what changed since is found by an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("theme_tally")
    op.create_table(
        "kept_month",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cut", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "month", name=op.f("pk_kept_month")),
    )
    op.create_table(
        "kept_tally",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "month"],
            ["kept_month.kind", "kept_month.month"],
            name=op.f("fk_kept_tally_kind_kept_month"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "month", "unit", "list", name=op.f("pk_kept_tally")),
    )


def downgrade() -> None:
    op.drop_table("kept_tally")
    op.drop_table("kept_month")
    op.create_table(
        "theme_tally",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("cut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "month", "unit", name=op.f("pk_theme_tally")),
    )
