"""What each Head of Service asks a board to look at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "focus_list",
        sa.Column("unit", sa.Text(collation="C"), nullable=False),
        sa.Column("period", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_focus_list_version")),
        sa.PrimaryKeyConstraint("unit", "period", "version", name=op.f("pk_focus_list")),
    )


def downgrade() -> None:
    op.drop_table("focus_list")
