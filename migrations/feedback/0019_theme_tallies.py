"""Kept counts of themes, and where to find what changed since they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "theme_tally",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("cut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "month", "unit", name=op.f("pk_theme_tally")),
    )
    op.create_index("ix_view_changed_at", "view", ["changed_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_view_changed_at", table_name="view", postgresql_using="brin")
    op.drop_table("theme_tally")
