"""Counts are kept list by list, and what changed since is found by an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_CHANGED = (
    ("view", "changed_at"),
    ("complaint", "changed_at"),
    ("compliment", "changed_at"),
    ("view_history", "superseded_at"),
    ("complaint_history", "superseded_at"),
    ("compliment_history", "superseded_at"),
)


def upgrade() -> None:
    op.drop_index("ix_view_changed_at", table_name="view")
    for table, column in _CHANGED:
        op.create_index(f"ix_{table}_{column}", table, [column])
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
    for table, column in _CHANGED:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.create_index("ix_view_changed_at", "view", ["changed_at"], postgresql_using="brin")
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
